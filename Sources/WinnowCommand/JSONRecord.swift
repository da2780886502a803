// One line of JSON Lines: finds the text field and leaves every other byte alone.
//
// The scanner checks the whole record by the grammar of RFC 8259, because a record that is read
// wrongly would be written wrongly. It makes no values: numbers, escapes and spacing of other
// fields come out as they went in.

/// Why a record is passed through unchanged.
enum RecordFault: Error, CustomStringConvertible, Equatable {
  case notAnObject
  case syntax(at: Int)
  case tooDeep
  case missing(field: String)
  case notAText(field: String)
  case twice(field: String)
  case badEscape(field: String)

  var description: String {
    switch self {
    case .notAnObject: "not a JSON object"
    case .syntax(let place): "not JSON (byte \(place + 1))"
    case .tooDeep: "nested deeper than \(RecordScanner.deepest)"
    case .missing(let field): "no field \"\(visible(field))\""
    case .notAText(let field): "the field \"\(visible(field))\" is not a text"
    case .twice(let field): "the field \"\(visible(field))\" stands twice"
    case .badEscape(let field): "the field \"\(visible(field))\" holds a broken escape"
    }
  }
}

/// Where things stand in a record. All ranges are bytes of the record.
struct JSONRecord {
  /// The text field's string, quotes included.
  let text: Range<Int>
  /// Its content, decoded.
  let decoded: [UInt8]
  /// The string values of the fields that name the document and its site.
  let names: [String: String]
  /// Before the closing brace: where new fields go.
  let end: Int
  /// The values of the fields that were asked for besides, in order.
  let others: [(name: String, value: Range<Int>)]

  /// Reads `record` and finds `field` at its top level, and where the values of `others` stand.
  init(
    _ record: UnsafeBufferPointer<UInt8>, field: String, others: [String] = []
  ) throws(RecordFault) {
    var scanner = RecordScanner(record)
    let found = try scanner.scan(field: Array(field.utf8), named: field, others: others)
    text = found.text
    guard let decoded = JSONString.decode(record, found.text) else {
      throw .badEscape(field: field)
    }
    self.decoded = decoded
    end = found.end
    self.others = found.others
    names = found.names
  }
}

private struct RecordScanner {
  static let deepest = 512
  private static let nameFields = ["id", "url", "domain", "site", "publisher"]

  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func scan(
    field: [UInt8], named name: String, others: [String]
  ) throws(RecordFault) -> (
    text: Range<Int>, names: [String: String], others: [(name: String, value: Range<Int>)], end: Int
  ) {
    skipBlanks()
    guard take(UInt8(ascii: "{")) else { throw .notAnObject }
    var text: Range<Int>?
    var names: [String: String] = [:]
    var found: [(name: String, value: Range<Int>)] = []
    var isText = true
    skipBlanks()
    if !take(UInt8(ascii: "}")) {
      repeat {
        skipBlanks()
        let key = try string()
        skipBlanks()
        guard take(UInt8(ascii: ":")) else { throw .syntax(at: at) }
        skipBlanks()
        let start = at
        try value()
        let isString = start < bytes.count && bytes[start] == UInt8(ascii: "\"")
        let keyBytes = JSONString.decode(bytes, key) ?? []
        if keyBytes == field {
          guard text == nil else { throw .twice(field: name) }
          text = start..<at
          isText = isString
        } else if let other = others.first(where: { keyBytes.elementsEqual($0.utf8) }) {
          found.append((other, start..<at))
        } else if isString, keyBytes.count <= 9 {
          let key = String(decoding: keyBytes, as: UTF8.self)
          if Self.nameFields.contains(key) {
            names[key] = JSONString.decode(bytes, start..<at).map {
              String(decoding: $0, as: UTF8.self)
            }
          }
        }
        skipBlanks()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { throw .syntax(at: at) }
    }
    let end = at - 1
    skipBlanks()
    guard at == bytes.count else { throw .syntax(at: at) }
    guard let text else { throw .missing(field: name) }
    guard isText else { throw .notAText(field: name) }
    return (text, names, found, end)
  }

  /// Skips one value of any kind, without recursion.
  private mutating func value() throws(RecordFault) {
    var open: [UInt8] = []
    while true {
      skipBlanks()
      guard at < bytes.count else { throw .syntax(at: at) }
      switch bytes[at] {
      case UInt8(ascii: "\""): _ = try string()
      case UInt8(ascii: "{"):
        at += 1
        skipBlanks()
        if !take(UInt8(ascii: "}")) {
          guard open.count < Self.deepest else { throw .tooDeep }
          open.append(UInt8(ascii: "}"))
          try key()
          continue
        }
      case UInt8(ascii: "["):
        at += 1
        skipBlanks()
        if !take(UInt8(ascii: "]")) {
          guard open.count < Self.deepest else { throw .tooDeep }
          open.append(UInt8(ascii: "]"))
          continue
        }
      case UInt8(ascii: "t"): try word("true")
      case UInt8(ascii: "f"): try word("false")
      case UInt8(ascii: "n"): try word("null")
      default: try number()
      }
      while let closing = open.last {
        skipBlanks()
        if take(UInt8(ascii: ",")) {
          if closing == UInt8(ascii: "}") {
            skipBlanks()
            try key()
          }
          break
        }
        guard take(closing) else { throw .syntax(at: at) }
        open.removeLast()
      }
      if open.isEmpty { return }
    }
  }

  private mutating func key() throws(RecordFault) {
    _ = try string()
    skipBlanks()
    guard take(UInt8(ascii: ":")) else { throw .syntax(at: at) }
  }

  /// A string, quotes included. Its escapes are looked at only where it is decoded.
  private mutating func string() throws(RecordFault) -> Range<Int> {
    let start = at
    guard take(UInt8(ascii: "\"")), let base = bytes.baseAddress else { throw .syntax(at: at) }
    let ones: UInt64 = 0x0101_0101_0101_0101
    while at < bytes.count {
      // Eight bytes at a time while there is no quote, backslash or control among them.
      while at + 8 <= bytes.count {
        let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5C)
        let marks =
          ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)
          | ((word &- (ones &* 0x20)) & ~word)
        if marks & (ones &* 0x80) != 0 { break }
        at += 8
      }
      guard at < bytes.count else { break }
      let byte = bytes[at]
      at += 1
      if byte == UInt8(ascii: "\"") { return start..<at }
      if byte == UInt8(ascii: "\\") { try escape() }
      if byte < 0x20 { throw .syntax(at: at - 1) }
    }
    throw .syntax(at: at)
  }

  private mutating func escape() throws(RecordFault) {
    guard at < bytes.count else { throw .syntax(at: at) }
    let byte = bytes[at]
    at += 1
    switch byte {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return
    case UInt8(ascii: "u"):
      guard at + 4 <= bytes.count, (at..<at + 4).allSatisfy({ JSONString.hex(bytes[$0]) != nil })
      else { throw .syntax(at: at) }
      at += 4
    default: throw .syntax(at: at - 1)
    }
  }

  private mutating func number() throws(RecordFault) {
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
      try digits()
    }
  }

  private mutating func digits() throws(RecordFault) {
    let start = at
    while at < bytes.count, bytes[at] &- 0x30 < 10 { at += 1 }
    guard at > start else { throw .syntax(at: at) }
  }

  private mutating func word(_ word: StaticString) throws(RecordFault) {
    for index in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[index]) else { throw .syntax(at: at) }
    }
  }

  private mutating func skipBlanks() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x09, 0x0A, 0x0D: at += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }
}

/// The content of JSON strings.
enum JSONString {
  /// The bytes a string stands for; nil when a surrogate stands alone. `range` has the quotes.
  static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(range.count)
    var index = range.lowerBound + 1
    let end = range.upperBound - 1
    guard index <= end, let base = bytes.baseAddress else { return nil }
    while index < end {
      let start = index
      while index < end, base[index] != UInt8(ascii: "\\") { index += 1 }
      output.append(contentsOf: UnsafeBufferPointer(start: base + start, count: index - start))
      guard index < end else { break }
      let kind = base[index + 1]
      index += 2
      switch kind {
      case UInt8(ascii: "n"): output.append(0x0A)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "r"): output.append(0x0D)
      case UInt8(ascii: "b"): output.append(0x08)
      case UInt8(ascii: "f"): output.append(0x0C)
      case UInt8(ascii: "u"):
        guard var value = unit(base, index, end) else { return nil }
        index += 4
        if (0xD800..<0xDC00).contains(value) {
          guard index + 1 < end, base[index] == UInt8(ascii: "\\"),
            base[index + 1] == UInt8(ascii: "u"), let low = unit(base, index + 2, end),
            (0xDC00..<0xE000).contains(low)
          else { return nil }
          value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
          index += 6
        }
        guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else {
          return nil
        }
        output.append(contentsOf: encoded)
      default: output.append(kind)
      }
    }
    return output
  }

  private static func unit(_ base: UnsafePointer<UInt8>, _ index: Int, _ end: Int) -> UInt32? {
    guard index + 4 <= end else { return nil }
    var value: UInt32 = 0
    for place in index..<index + 4 {
      guard let digit = hex(base[place]) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
