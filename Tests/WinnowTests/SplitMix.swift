// Property tests: texts made from a seed, and the smallest text that breaks a property.
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A small seeded generator: the same seed, the same texts, everywhere.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &self)] }
  mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &self) == 0 }
}

/// Checks a property of `count` texts. `fault` says what is wrong with one, or nil.
///
/// `WINNOW_SEED` starts elsewhere. A failing text is made smaller, by lines and then by bytes, and
/// shown with its seed.
func forAllTexts(
  _ count: Int, from make: (inout SplitMix) -> [UInt8],
  at location: SourceLocation = #_sourceLocation,
  fault: ([UInt8]) -> String?
) {
  let first = getenv("WINNOW_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1
  for seed in first..<first + UInt64(count) {
    var random = SplitMix(seed: seed)
    let text = make(&random)
    guard fault(text) != nil else { continue }
    let small = shrunk(text) { fault($0) != nil }
    Issue.record(
      "seed \(seed): \(fault(small) ?? "passes when run again"): \(shown(small))",
      sourceLocation: location)
    return
  }
}

/// The smallest text found that still fails, leaving out lines first, then bytes.
func shrunk(_ text: [UInt8], while fails: ([UInt8]) -> Bool) -> [UInt8] {
  var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
  func joined(_ lines: [[UInt8]]) -> [UInt8] { Array(lines.joined(separator: [0x0A])) }
  var size = lines.count / 2
  while size > 0 {
    var start = 0
    while start < lines.count {
      var fewer = lines
      fewer.removeSubrange(start..<min(start + size, lines.count))
      if fails(joined(fewer)) { lines = fewer } else { start += size }
    }
    size /= 2
  }
  var bytes = joined(lines)
  size = bytes.count / 2
  while size > 0 {
    var start = 0
    while start < bytes.count {
      var fewer = bytes
      fewer.removeSubrange(start..<min(start + size, bytes.count))
      if fails(fewer) { bytes = fewer } else { start += size }
    }
    size /= 2
  }
  return bytes
}

/// Bytes as one would write them in a test.
func shown(_ bytes: [UInt8]) -> String {
  let text = bytes.map { byte -> String in
    switch byte {
    case 0x0A: "\\n"
    case 0x20..<0x7F: String(Unicode.Scalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return "\"\(text.joined())\""
}
