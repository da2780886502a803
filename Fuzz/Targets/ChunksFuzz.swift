// A text at once and in pieces, by one worker and by another.
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

enum ChunksFuzz {
  /// Rules that look at one line alone: a text is the sum of its lines to them.
  private static let rules: RuleSet = {
    let reading = PackReader(name: "fuzz", file: "fuzz.yaml").read(CleanFuzz.pack)
    let rules = (reading.pack?.rules ?? []).filter {
      $0.kind.name != "block" && !$0.conditions.lookAround
    }
    precondition(!rules.isEmpty)
    return RuleSet([RuleSource(rules: rules, isTrusted: true)])
  }()

  private static let cleaner: Cleaner = {
    var configuration = Configuration()
    configuration.normalisation = Normalisation(.none)
    configuration.paragraphs = .keep
    // The share that goes of a line is not the share that goes of a text.
    configuration.largestLoss = 1
    return Cleaner(rules: rules, configuration: configuration)
  }()
  private nonisolated(unsafe) static let worker = Worker(rules: rules)
  private nonisolated(unsafe) static let other = Worker(rules: rules)

  static func fault(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let source = Array(bytes)
    let whole = cleaner.clean(source, using: worker)
    var pieces: [UInt8] = []
    var invalidLines = 0
    for line in lines(of: source) {
      let result = cleaner.clean(Array(line), using: other)
      pieces += result.bytes
      invalidLines += result.invalidLines
    }
    guard pieces == whole.bytes else { return "the lines one by one give another text" }
    guard invalidLines == whole.invalidLines else { return "broken lines are counted otherwise" }
    let again = cleaner.clean(source, using: other)
    return again.bytes == whole.bytes ? nil : "another worker gives another text"
  }

  /// Lines with their ends: LF, CRLF or CR.
  private static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for index in text.indices {
      let isEnd =
        text[index] == 0x0A
        || (text[index] == 0x0D && !(index + 1 < text.count && text[index + 1] == 0x0A))
      guard isEnd else { continue }
      lines.append(text[start...index])
      start = index + 1
    }
    return start < text.count ? lines + [text[start...]] : lines
  }
}
