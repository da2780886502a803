// In: `&amp;`, `&#8217;`, `&nbsp;` left in a text. Out: the characters they stand for, up to two
// rounds (`&amp;amp;`); a reference to `<` or `>` that would make a tag stays.

/// One character reference.
struct Entity {
  /// Bytes from `&` to `;`.
  let length: Int
  let scalar: UInt32
  /// How many rounds of escaping it has been through.
  let rounds: Int

  /// Reads the reference that starts at an `&`; nil when there is none.
  init?(in text: UnsafeBufferPointer<UInt8>, at start: Int) {
    var at = start + 1
    var rounds = 0
    while Self.has("amp;", in: text, at: at) {
      at += 4
      rounds += 1
    }
    if let (scalar, end) = Self.name(in: text, at: at) {
      self.scalar = scalar
      length = end - start
      self.rounds = rounds + 1
    } else {
      guard rounds > 0 else { return nil }
      scalar = 0x26
      length = at - start
      self.rounds = rounds
    }
  }

  /// Whether the reference is replaced: not when it would make a tag, nor after more than two
  /// rounds, which is text about escaping.
  func isDecoded(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    guard rounds <= 2 else { return false }
    switch scalar {
    case 0x3C: return !Self.opensTag(in: text, at: start + length)
    case 0x3E: return !Self.closesTag(in: text, at: start)
    default: return true
    }
  }

  private static func has(
    _ word: StaticString, in text: UnsafeBufferPointer<UInt8>, at: Int
  ) -> Bool {
    guard at + word.utf8CodeUnitCount <= text.count else { return false }
    return word.withUTF8Buffer { word in
      word.indices.allSatisfy { word[$0] == text[at + $0] }
    }
  }

  /// What a tag starts with, after its `<`.
  private static func opensTag(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Bool {
    guard at < text.count else { return false }
    switch text[at] {
    case UInt8(ascii: "/"), UInt8(ascii: "!"), UInt8(ascii: "?"): return true
    // Another reference may turn out a letter.
    case UInt8(ascii: "&"): return true
    case let byte: return (byte | 0x20) &- 0x61 < 26
    }
  }

  /// Whether a `<`, or a reference to one, stands before in the line, with a tag's start.
  private static func closesTag(in text: UnsafeBufferPointer<UInt8>, at end: Int) -> Bool {
    var at = end
    while at > 0, end - at < 512 {
      at -= 1
      switch text[at] {
      case 0x0A, 0x0D: return false
      case UInt8(ascii: "<"): if opensTag(in: text, at: at + 1) { return true }
      case UInt8(ascii: "&"):
        if let entity = Entity(in: text, at: at), entity.scalar == 0x3C,
          opensTag(in: text, at: at + entity.length)
        {
          return true
        }
      default: break
      }
    }
    return false
  }

  /// A name or number and its `;`.
  private static func name(
    in text: UnsafeBufferPointer<UInt8>, at start: Int
  ) -> (scalar: UInt32, end: Int)? {
    guard start < text.count else { return nil }
    if text[start] == UInt8(ascii: "#") { return number(in: text, at: start + 1) }
    var key: UInt64 = 0
    var at = start
    while at < text.count, at - start < 8, isNameByte(text[at]) {
      key = key << 8 | UInt64(text[at])
      at += 1
    }
    guard at > start, at < text.count, text[at] == UInt8(ascii: ";"),
      let scalar = EntityNames.scalars[key]
    else { return nil }
    return (scalar, at + 1)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10
  }

  /// `#8217;` or `#x2019;` behind the `#`. Numbers 128–159 are Windows-1252, as browsers read
  /// them; what stands for no character of a text is left.
  private static func number(
    in text: UnsafeBufferPointer<UInt8>, at start: Int
  ) -> (scalar: UInt32, end: Int)? {
    var at = start
    var radix: UInt32 = 10
    if at < text.count, text[at] | 0x20 == UInt8(ascii: "x") {
      radix = 16
      at += 1
    }
    let first = at
    var value: UInt32 = 0
    while at < text.count, at - first < 8, let digit = digit(text[at]), digit < radix {
      value = value &* radix &+ digit
      at += 1
    }
    guard at > first, at < text.count, text[at] == UInt8(ascii: ";") else { return nil }
    if value >= 0x80, value < 0xA0 { value = Windows1252.scalar(of: UInt8(value)) }
    let isText =
      value >= 0x20 && value != 0x7F && !(0x80..<0xA0).contains(value) || value == 0x0A
      || value == 0x09
    guard isText, value & 0xFFFE != 0xFFFE, Unicode.Scalar(value) != nil else { return nil }
    return (value, at + 1)
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    if byte &- 0x30 < 10 { return UInt32(byte &- 0x30) }
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? UInt32(letter) + 10 : nil
  }
}
