// Lower case for literals, the one used for pack phrases and for text alike.
//
// Only mappings that keep the length in UTF-8 are made, so that offsets in the lower-cased view
// are offsets in the folded one: two-byte letters (Latin, Greek, Cyrillic …), the Latin Extended
// Additional block and full-width Latin. Other letters stay as they are on both sides.

/// Length-preserving simple lower case.
public enum CaseFolding {
  /// The UTF-8 of `scalar` in lower case, or as it is when the lower case has another length.
  public static func lowercased(_ scalar: Unicode.Scalar) -> [UInt8] {
    switch scalar.value {
    case 0x41...0x5A: return [UInt8(scalar.value) | 0x20]
    case 0..<0x80: return [UInt8(scalar.value)]
    case 0x80...0x7FF:
      let lower = UInt32(twoByte[Int(scalar.value - 0x80)])
      return [0xC0 | UInt8(lower >> 6), 0x80 | UInt8(lower & 0x3F)]
    default:
      let lower = lowercasedThreeByte(scalar.value)
      return Unicode.Scalar(lower).flatMap(UTF8.encode).map(Array.init) ?? []
    }
  }

  /// The UTF-8 of `text` in lower case.
  public static func lowercased(_ text: String) -> [UInt8] {
    text.unicodeScalars.flatMap(lowercased(_:))
  }

  /// Lower case of a code point of three bytes, as a code point of three bytes.
  @inline(__always)
  public static func lowercasedThreeByte(_ value: UInt32) -> UInt32 {
    switch value {
    // Pairs of capital and small letter, apart from the odd ones in the middle.
    case 0x1E00...0x1E95, 0x1EA0...0x1EFF: value | 1
    case 0xFF21...0xFF3A: value + 0x20
    default: value
    }
  }

  /// Lower case of each two-byte character (U+0080…U+07FF), by code point less 0x80.
  ///
  /// A table: a lookup for every Cyrillic or accented letter must not go through `String`.
  /// Final sigma counts as sigma, because PCRE2's caseless matching takes them for one.
  public static let twoByte: [UInt16] = (0x80...0x7FF).map { (value: UInt32) -> UInt16 in
    if value == 0x3C2 { return 0x3C3 }
    guard let scalar = Unicode.Scalar(value) else { return UInt16(value) }
    let lower = scalar.properties.lowercaseMapping.unicodeScalars
    guard lower.count == 1, let first = lower.first, (0x80...0x7FF).contains(first.value) else {
      return UInt16(value)
    }
    return UInt16(first.value)
  }
}
