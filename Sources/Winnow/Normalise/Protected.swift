// What no step of typography may touch: addresses, and lines of code. (Fences and code between
// backticks are known to the scan.)

/// Web and mail addresses.
struct Address {
  /// The place last asked about in the word under way, and the answer: so that a word is gone
  /// back over once, however often it is asked about.
  private var asked = -1
  private var wasAddress = false

  /// Whether a place lies in an address: the word around it, before this place, has a scheme,
  /// starts with `www.`, or holds an @ between letters. Places are asked about in order.
  mutating func contains(
    _ at: Int, in text: UnsafeBufferPointer<UInt8>, lineStart: Int
  ) -> Bool {
    var start = at
    var found = false
    while start > lineStart, !Self.isBoundary(before: start, in: text) {
      if start == asked {
        found = found || wasAddress
        break
      }
      start -= 1
      switch text[start] {
      case UInt8(ascii: "/"):
        found =
          found
          || start >= lineStart + 2 && text[start - 1] == UInt8(ascii: "/")
            && text[start - 2] == UInt8(ascii: ":")
      case UInt8(ascii: "@"):
        found =
          found || Self.isWordByte(start - 1, in: text) && Self.isWordByte(start + 1, in: text)
      case UInt8(ascii: "w"):
        found = found || Self.isWWW(start, in: text)
      default: break
      }
    }
    asked = at
    wasAddress = found
    return found
  }

  private static func isWWW(_ at: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard at + 4 < text.count, text[at + 1] == UInt8(ascii: "w"), text[at + 2] == UInt8(ascii: "w"),
      text[at + 3] == UInt8(ascii: ".")
    else { return false }
    return at == 0 || isBoundary(before: at, in: text)
      || text[at - 1] < 0x80 && !isWordByte(at - 1, in: text)
  }

  private static func isWordByte(_ at: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard at >= 0, at < text.count else { return false }
    return text[at] &- 0x30 < 10 || (text[at] | 0x20) &- 0x61 < 26
  }

  /// Whether a word cannot reach back over the character before this place: a space of any
  /// kind, a double quote of any shape, `<`, `>`, a control.
  private static func isBoundary(before at: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    let byte = text[at - 1]
    if byte <= 0x22 { return byte <= 0x20 || byte == 0x22 }
    if byte < 0x80 { return byte == 0x3C || byte == 0x3E || byte == 0x7F }
    var start = at - 1
    while start > 0, text[start] & 0xC0 == 0x80, at - start < 4 { start -= 1 }
    guard let scalar = UTF8Text.scalar(in: text, at: start) else { return true }
    switch scalar {
    case 0x80...0xA0, 0xAB, 0xBB, 0x201C...0x201F, 0x2028, 0x2029, 0x2039, 0x203A: return true
    default: return UTF8Text.isSpace(scalar)
    }
  }
}

/// Code that stands in no fence.
enum Code {
  /// Whether an indented line has signs that prose does not have; the indent alone is no
  /// evidence. No step of typography changes the answer.
  static func looksLikely(_ content: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let last = content.last else { return false }
    switch text[last] {
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ";"), UInt8(ascii: "\\"): return true
    default: break
    }
    let signs = content.count {
      switch text[$0] {
      case UInt8(ascii: "="), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "_"): true
      default: false
      }
    }
    return signs >= 2
  }
}
