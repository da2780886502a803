// Which kinds of byte a line holds, as one word: letters and signs by themselves, digits together,
// the rest of Unicode in two kinds. A rule whose match needs a digit, a colon or a first letter out
// of a few is turned away by an `and` before anything of it is tried.

/// A set of kinds of byte in the lower-cased view of a line.
public struct ByteKinds: OptionSet, Hashable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let all = ByteKinds(rawValue: .max)
  public static let space = kind(26)
  public static let digits: ByteKinds = [kind(27), wideDigits]
  public static let letters: ByteKinds = [ByteKinds(rawValue: (1 << 26) - 1), wide]
  public static let wordCharacters: ByteKinds = [letters, digits, of(UInt8(ascii: "_"))]
  /// First bytes of characters of two to four bytes.
  public static let wide: ByteKinds = [kind(60), wideDigits]
  /// Those of scripts that have digits of their own.
  private static let wideDigits = kind(61)

  private static func kind(_ number: Int) -> ByteKinds { ByteKinds(rawValue: 1 << UInt64(number)) }

  /// The kind of a byte. Bytes inside a character have none.
  public static func of(_ byte: UInt8) -> ByteKinds {
    switch byte {
    case 0x41...0x5A: kind(Int(byte) - 0x41)
    case 0x61...0x7A: kind(Int(byte) - 0x61)
    case 0x20: kind(26)
    case 0x30...0x39: kind(27)
    case 0x21...0x2F: kind(28 + Int(byte) - 0x21)
    case 0x3A...0x40: kind(43 + Int(byte) - 0x3A)
    case 0x5B...0x60: kind(50 + Int(byte) - 0x5B)
    case 0x7B...0x7E: kind(56 + Int(byte) - 0x7B)
    case 0x80...0xBF: []
    // Arabic, Persian, N'Ko; all of U+0800–1FFF; Vai and its neighbours; full-width; the far planes.
    case 0xD9, 0xDB, 0xDF, 0xE0, 0xE1, 0xEA, 0xEF, 0xF0...: wideDigits
    case 0xC0...: kind(60)
    default: kind(62)
    }
  }

  /// The kinds a character starts with in the folded, lower-cased view. Two characters outside
  /// ASCII have a letter of ASCII as their other case.
  static func of(_ scalar: Unicode.Scalar) -> ByteKinds {
    switch scalar.value {
    case 0..<0x80: of(UInt8(scalar.value))
    case 0x17F, 0x212A: .all
    default: .wide
    }
  }

  /// What is certainly taken whole by a character: a sign or letter, but no digit out of ten.
  static func whole(_ scalar: Unicode.Scalar) -> ByteKinds {
    let kinds = of(scalar)
    return scalar.value < 0x80 && kinds != kind(27) && scalar.value > 0x1F ? kinds : []
  }

  /// The kinds of a range of characters.
  static func range(_ first: Unicode.Scalar, _ last: Unicode.Scalar) -> ByteKinds {
    guard last.value < 0x80 else { return first.value >= 0x80 && last.value < 0x17F ? .wide : .all }
    return (first.value...last.value).reduce(into: []) { $0.formUnion(of(UInt8($1))) }
  }

  /// Whether few lines have a byte of these kinds: letters and spaces stand in nearly all.
  public var isTelling: Bool { isDisjoint(with: Self.common) }

  private static let common: ByteKinds = [ByteKinds(rawValue: (1 << 26) - 1), space, kind(60)]
}
