// Small questions about bytes of UTF-8, asked at a place where a step has something to do.

/// Reading single characters of a text of any bytes.
enum UTF8Text {
  /// The character that starts here; nil at the end and where there is no valid one.
  static func scalar(in text: UnsafeBufferPointer<UInt8>, at: Int) -> UInt32? {
    guard at >= 0, at < text.count else { return nil }
    let lead = UInt32(text[at])
    if lead < 0x80 { return lead }
    let length = length(in: text, at: at)
    guard length > 1, at + length <= text.count else { return nil }
    var scalar = lead & (0x7F >> UInt32(length))
    for next in at + 1..<at + length {
      guard text[next] & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(text[next] & 0x3F)
    }
    return scalar
  }

  /// The number of bytes of the character that starts here; 1 where none does.
  static func length(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Int {
    switch text[at] {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }

  /// Whether a line ends here: LF, CR, NEL, line or paragraph separator.
  static func isLineEnd(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Bool {
    guard at < text.count else { return false }
    switch text[at] {
    case 0x0A, 0x0D: return true
    case 0xC2: return at + 1 < text.count && text[at + 1] == 0x85
    case 0xE2:
      return at + 2 < text.count && text[at + 1] == 0x80 && text[at + 2] & 0xFE == 0xA8
    default: return false
    }
  }

  /// Spaces that are not ASCII.
  static func isSpace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x20, 0x09, 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  /// Small letters of any script.
  static func isLowercase(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return scalar &- 0x61 < 26 }
    return Unicode.Scalar(scalar)?.properties.isLowercase ?? false
  }

  /// Letters of any script, by the standard library's own data.
  static func isLetter(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return (scalar | 0x20) &- 0x61 < 26 }
    return Unicode.Scalar(scalar)?.properties.isAlphabetic ?? false
  }
}

/// Characters that make a line one of Chinese, Japanese or Korean text. Full-width letters do
/// not: they are what is asked about.
enum CJK {
  static func contains(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x1100...0x11FF, 0x2E80...0x2FDF, 0x3001...0x30FF, 0x3100...0x9FFF, 0xA960...0xA97F,
      0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF61...0xFFDC, 0x20000...0x3FFFF:
      true
    default: false
    }
  }

  /// The same without Korean, which puts spaces between words.
  static func isUnspaced(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x2E80...0x2FDF, 0x3001...0x30FF, 0x3105...0x312F, 0x31C0...0x9FFF, 0xF900...0xFAFF,
      0xFF01...0xFF9F, 0x20000...0x3FFFF:
      true
    default: false
    }
  }
}
