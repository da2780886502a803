// In: runs of characters such as `â€™` and `Ã©`. Out: what they were before UTF-8 was read as
// Windows-1252 or Latin-1. A run is repaired only as a whole, and only when it has a sign that
// correct text does not have: `CAFÉ”` decodes, too, and means what it says.

/// One run of characters that are single bytes, all above 127, in Windows-1252 or Latin-1.
struct MojibakeRun {
  /// The run, in UTF-8 bytes of the text.
  let bytes: Range<Int>
  /// What it decodes to.
  let decoded: [UInt8]
  /// Whether the run itself is beyond doubt; else the text must hold one that is.
  let isCertain: Bool

  /// Reads the run that starts here; nil when it does not decode as a whole, or starts earlier.
  init?(in text: UnsafeBufferPointer<UInt8>, at start: Int, lineStart: Int) {
    guard Self.byte(before: start, in: text, lineStart: lineStart) == nil else { return nil }
    var raw: [UInt8] = []
    var end = start
    while end < text.count, text[end] >= 0x80, let scalar = UTF8Text.scalar(in: text, at: end),
      let byte = Windows1252.byte(of: scalar)
    {
      raw.append(byte)
      end += UTF8Text.length(in: text, at: end)
    }
    guard raw.count >= 2, Self.isUTF8(raw) else { return nil }
    bytes = start..<end
    decoded = raw
    let isAfterSmallLetter = start > lineStart && text[start - 1] &- 0x61 < 26
    // No word is `Â` or `Ã` alone.
    let isAfterLetter =
      start > lineStart && (text[start - 1] >= 0x80 || (text[start - 1] | 0x20) &- 0x61 < 26)
    isCertain =
      raw[0] & 0xFE == 0xC2 && !isAfterLetter
      || Self.isCertain(raw, isAfterSmallLetter: isAfterSmallLetter)
  }

  private static func byte(
    before at: Int, in text: UnsafeBufferPointer<UInt8>, lineStart: Int
  ) -> UInt8? {
    guard at > lineStart, text[at - 1] >= 0x80 else { return nil }
    var start = at - 1
    while start > lineStart, text[start] & 0xC0 == 0x80 { start -= 1 }
    return UTF8Text.scalar(in: text, at: start).flatMap(Windows1252.byte)
  }

  private static func isUTF8(_ raw: [UInt8]) -> Bool {
    raw.withUnsafeBufferPointer { raw in
      var at = 0
      while at < raw.count {
        guard raw[at] >= 0xC2, let scalar = UTF8Text.scalar(in: raw, at: at) else { return false }
        let length = UTF8Text.length(in: raw, at: at)
        guard length > 1, Unicode.Scalar(scalar) != nil,
          scalar >= (length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000), scalar & 0xFFFE != 0xFFFE
        else { return false }
        at += length
      }
      return true
    }
  }

  /// Looks for a sign that no correct text has.
  private static func isCertain(_ raw: [UInt8], isAfterSmallLetter: Bool) -> Bool {
    var units = 0
    var at = 0
    while at < raw.count {
      let length = raw[at] < 0xE0 ? 2 : raw[at] < 0xF0 ? 3 : 4
      let tail = raw[at + 1..<at + length]
      // A small letter before a capital one: `dÃ©jÃ`.
      if at == 0, isAfterSmallLetter, raw[at] < 0xDF, raw[at] != 0xD7 { return true }
      if length == 4 { return true }
      // A capital before a sign, or three of which not all may follow a letter: `Ã©`, `â€™`.
      if raw[at] != 0xD7, raw[at] != 0xDF, !tail.allSatisfy(followsLetters) { return true }
      if raw[at] == 0xC2 || raw[at] == 0xC3, !tail.allSatisfy(isPunctuation) { return true }
      units += 1
      at += length
    }
    return units >= 3
  }

  /// Bytes whose characters may stand right behind a letter: punctuation, marks, the letters
  /// of Windows-1252.
  private static func followsLetters(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x83, 0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F, 0xA7, 0xA9, 0xAA, 0xB2, 0xB3, 0xB5,
      0xB9, 0xBA:
      true
    default: isPunctuation(byte)
    }
  }

  /// Bytes whose characters end words: quotes, dashes, spaces, `…`, `™`, `®`.
  private static func isPunctuation(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x82, 0x84, 0x85, 0x8B, 0x91...0x97, 0x99, 0x9B, 0xA0, 0xAB, 0xAD, 0xAE, 0xB4, 0xB7, 0xBB:
      true
    default: false
    }
  }

  /// Whether a text holds a run that is beyond doubt: then doubtful ones are believed.
  static func isEvident(in text: UnsafeBufferPointer<UInt8>) -> Bool {
    var lineStart = 0
    var at = 0
    while at + 3 < text.count {
      if text[at] == 0x0A {
        lineStart = at + 1
      } else if text[at] == 0xC3, text[at + 2] >= 0xC2,
        let run = MojibakeRun(in: text, at: at, lineStart: lineStart), run.isCertain
      {
        return true
      }
      at += 1
    }
    return false
  }
}
