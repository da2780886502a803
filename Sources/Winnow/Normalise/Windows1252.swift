// The 32 characters of Windows-1252 that ISO 8859-1 has controls for.

enum Windows1252 {
  /// The characters of bytes 0x80–0x9F; the five bytes without one stand for themselves.
  static let characters: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
    0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
  ]

  static func scalar(of byte: UInt8) -> UInt32 {
    byte & 0xE0 == 0x80 ? characters[Int(byte & 0x1F)] : UInt32(byte)
  }

  static func utf8(of byte: UInt8) -> [UInt8] {
    UTF8Text.encode(scalar(of: byte))
  }

  /// The byte a character was read from, in Windows-1252 or Latin-1.
  static func byte(of scalar: UInt32) -> UInt8? {
    if scalar < 0x100 { return UInt8(scalar) }
    return characters.firstIndex(of: scalar).map { UInt8($0 + 0x80) }
  }
}

extension UTF8Text {
  /// A character as bytes; nothing for what is no character.
  static func encode(_ scalar: UInt32) -> [UInt8] {
    Unicode.Scalar(scalar).map { Array(UTF8.encode($0) ?? .init()) } ?? []
  }
}
