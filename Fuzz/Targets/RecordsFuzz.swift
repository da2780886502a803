// One line of JSON Lines, of any bytes.

enum RecordsFuzz {
  static func fault(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    if let fault = quoteFault(bytes) { return fault }
    let record: JSONRecord
    do throws(RecordFault) {
      record = try JSONRecord(bytes, field: "t")
    } catch { return "\(error)".isEmpty ? "a fault without a message" : nil }
    guard record.text.lowerBound > 0, record.text.upperBound <= record.end,
      record.end < bytes.count, bytes[record.end] == UInt8(ascii: "}"),
      bytes[record.text.lowerBound] == UInt8(ascii: "\""),
      bytes[record.text.upperBound - 1] == UInt8(ascii: "\"")
    else { return "the text stands somewhere else" }
    // Another text in the same place: the same record otherwise.
    var written = Array(bytes[..<record.text.lowerBound])
    JSONText.quote(record.decoded, to: &written)
    let end = written.count
    written += bytes[record.text.upperBound...]
    return written.withUnsafeBufferPointer { written in
      guard let again = try? JSONRecord(written, field: "t") else {
        return "its own text cannot be written back"
      }
      guard again.decoded == record.decoded else { return "the text changes on the way" }
      guard again.text == record.text.lowerBound..<end else { return "the text moves" }
      return again.names == record.names ? nil : "names change on the way"
    }
  }

  /// Any text comes through quoting.
  private static func quoteFault(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    var record = Array(#"{"t":"#.utf8)
    JSONText.quote(Array(bytes), to: &record)
    record.append(UInt8(ascii: "}"))
    return record.withUnsafeBufferPointer { record in
      guard let read = try? JSONRecord(record, field: "t") else {
        return "a quoted text is no JSON"
      }
      return read.decoded.elementsEqual(bytes) ? nil : "quoting changes the text"
    }
  }
}
