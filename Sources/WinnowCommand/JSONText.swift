// JSON out: values written as they are made, in one line, keys in the order given.

/// A JSON value, as the bytes that stand for it.
struct JSONValue {
  let utf8: [UInt8]

  static let null = JSONValue(utf8: Array("null".utf8))

  static func text(_ text: String) -> JSONValue { bytes(Array(text.utf8)) }

  /// A text; bytes that are not UTF-8 become U+FFFD, and what could steer a terminal an escape.
  static func bytes(_ bytes: [UInt8]) -> JSONValue {
    let text = String(decoding: bytes, as: UTF8.self)
    var output: [UInt8] = []
    JSONText.quote(Array(text.utf8), to: &output)
    guard text.unicodeScalars.contains(where: { !$0.isASCII && $0.steers }) else {
      return JSONValue(utf8: output)
    }
    let escaped = String(decoding: output, as: UTF8.self).unicodeScalars.map { scalar in
      guard scalar.steers else { return String(scalar) }
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return JSONValue(utf8: Array(escaped.joined().utf8))
  }

  static func number(_ number: Int) -> JSONValue { JSONValue(utf8: Array(String(number).utf8)) }

  static func decimal(_ number: Double) -> JSONValue {
    JSONValue(utf8: Array(String(number).utf8))
  }

  static func list(_ items: [JSONValue]) -> JSONValue {
    JSONValue(utf8: Array("[".utf8) + items.map(\.utf8).joined(separator: [0x2C]) + [0x5D])
  }

  static func object(_ fields: [(String, JSONValue)]) -> JSONValue {
    let pairs = fields.map { text($0.0).utf8 + [0x3A] + $0.1.utf8 }
    return JSONValue(utf8: Array("{".utf8) + pairs.joined(separator: [0x2C]) + [0x7D])
  }
}

enum JSONText {
  /// Appends `text`, UTF-8, as a JSON string.
  static func quote(_ text: [UInt8], to output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count + text.count / 16 + 2)
    output.append(UInt8(ascii: "\""))
    text.withUnsafeBufferPointer { text in
      var copied = 0
      for index in 0..<text.count {
        let byte = text[index]
        guard byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F else { continue }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<index]))
        escape(byte, to: &output)
        copied = index + 1
      }
      output.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied...]))
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x22, 0x5C: output.append(byte)
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    case 0x09: output.append(UInt8(ascii: "t"))
    default:
      let digits = Array("0123456789abcdef".utf8)
      output += Array("u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
}
