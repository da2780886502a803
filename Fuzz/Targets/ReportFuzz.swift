// Foreign text on its way to a terminal, a message or a report.

enum ReportFuzz {
  static func fault(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let text = Array(bytes)
    let shown = visible(String(decoding: text, as: UTF8.self))
    if let scalar = steering(shown) { return "a message holds U+\(scalar)" }
    if shown.contains("\n") { return "a message of one line holds two" }
    let json = String(decoding: JSONValue.bytes(text).utf8, as: UTF8.self)
    if let scalar = steering(json) { return "a report holds U+\(scalar)" }
    if json.contains("\n") || json.contains("\t") { return "a report holds a raw control" }
    // The two halves as a text before and after.
    let middle = text.count / 2
    let diff = Diff.unified(Array(text[..<middle]), Array(text[middle...]), name: shown)
    guard let lines = String(validating: diff, as: UTF8.self) else { return "a diff is not UTF-8" }
    if let scalar = steering(lines) { return "a diff holds U+\(scalar)" }
    return nil
  }

  /// The first control, or mark that turns the reading order, but tab and line feed.
  private static func steering(_ text: String) -> String? {
    text.unicodeScalars.first { scalar in
      switch scalar.value {
      case 0x09, 0x0A: false
      case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E,
        0x2066...0x2069:
        true
      default: false
      }
    }.map { String($0.value, radix: 16) }
  }
}
