// Which bytes of UTF-8 belong to words: enough to say whether a phrase ends at a word's border.

enum Letters {
  /// Whether the characters on both sides of `place` are letters of one word. Scripts without
  /// spaces between words never join.
  @inline(__always)
  static func joins(
    _ text: UnsafePointer<UInt8>, before place: Int, from start: Int, to end: Int
  ) -> Bool {
    guard place > start, place < end else { return false }
    var previous = place - 1
    while previous > start, text[previous] & 0xC0 == 0x80 { previous -= 1 }
    return isWordCharacter(text + previous) && isWordCharacter(text + place)
  }

  /// Whether the character that starts here is a letter or digit of a spaced script.
  @inline(__always)
  static func isWordCharacter(_ text: UnsafePointer<UInt8>) -> Bool {
    let byte = text[0]
    if byte < 0x80 {
      return byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x5F
    }
    switch byte {
    case 0xC2: return text[1] == 0xAA || text[1] == 0xB5 || text[1] == 0xBA
    case 0xC3: return text[1] != 0x97 && text[1] != 0xB7
    // Thai, Lao.
    case 0xE0: return !(0xB8...0xBB).contains(text[1])
    // General punctuation, symbols, arrows.
    case 0xE2: return text[1] >= 0xB0 && text[1] <= 0xB5
    // CJK punctuation, kana, ideographs, Hangul.
    case 0xE3...0xED: return false
    // Full-width forms, presentation forms, private use.
    case 0xEE...0xEF: return false
    case 0xF0...: return false
    default: return true
    }
  }

  /// By byte: 0 for none of a word's, 1 for one of a word's, 2 where the next byte decides. Bytes
  /// inside characters count as a word's.
  nonisolated(unsafe) static let table: UnsafePointer<UInt8> = {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    for byte in 0..<256 {
      let value: UInt8 =
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: 1
        case 0xC2, 0xC3, 0xE0, 0xE2: 2
        case 0x80...0xDF, 0xE1: 1
        default: 0
        }
      (table + byte).initialize(to: value)
    }
    return UnsafePointer(table)
  }()

  @inline(__always)
  static func isWordByte(
    _ text: UnsafePointer<UInt8>, _ table: UnsafePointer<UInt8>
  ) -> Bool {
    let kind = table[Int(text[0])]
    return kind == 1 || kind == 2 && isWordCharacter(text)
  }
}
