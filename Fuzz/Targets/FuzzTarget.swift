// What must hold for any bytes at all: bytes in, nil or what is wrong out. libFuzzer looks for bytes
// that break it (`make fuzz`); the tests replay what it has found (Fuzz/Regressions).
internal import Winnow

/// A part of Winnow that takes bytes from strangers.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// Cleaning: the edits replay, and the removals can be put back.
  case clean
  /// Typography and paragraphs alone: each profile replays, and leaves UTF-8 what is UTF-8.
  case typography
  /// Cleaning twice changes nothing more.
  case twice
  /// Lines cleaned one by one are the text cleaned at once; a used worker is as good as a new one.
  case chunks
  /// A record of JSON Lines is cut up and put together again without loss.
  case records
  /// A rule pack is read, or refused with a place.
  case packs
  /// A pattern is refused, or its gate, the interpreter and just-in-time code agree.
  case patterns
  /// Nothing that goes to a terminal or a report can steer it.
  case report

  /// What is wrong with this part on `bytes`, or nil.
  @inline(never)
  public func fault(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    switch self {
    case .clean: CleanFuzz.fault(of: bytes)
    case .typography: TypographyFuzz.fault(of: bytes)
    case .twice: CleanFuzz.twiceFault(of: bytes)
    case .chunks: ChunksFuzz.fault(of: bytes)
    case .records: RecordsFuzz.fault(of: bytes)
    case .packs: PacksFuzz.fault(of: bytes)
    case .patterns: PatternsFuzz.fault(of: bytes)
    case .report: ReportFuzz.fault(of: bytes)
    }
  }
}

/// The first byte chooses among settings; the rest is the input.
func split(
  _ bytes: UnsafeBufferPointer<UInt8>
) -> (choice: Int, input: UnsafeBufferPointer<UInt8>) {
  guard let first = bytes.first else { return (0, bytes) }
  return (Int(first), UnsafeBufferPointer(rebasing: bytes[1...]))
}
