// Documents to look at, not to clean: text files and JSON Lines in, one document at a time out,
// in input order.
#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A document of a text file or of a record.
struct Document {
  /// Its id; or its path, with the line of its record.
  let name: String
  /// The publisher or domain that its record names, or the folder that it stands in.
  let site: String?
  let text: [UInt8]
}

/// The documents at some paths.
struct Documents {
  let paths: [String]
  /// The field of a record that holds the text.
  var field = "text"
  /// What cannot be read is named here, and passed by.
  var complain: (String) -> Void = { Files.say("winnow: \($0)") }

  private static let readSize = 256 * 1024

  /// Calls `body` with each document.
  func forEach(_ body: (Document) throws -> Void) throws {
    for path in paths {
      for input in try Input.inputs(at: path, complain: complain) {
        let descriptor = try Files.openForReading(input.path)
        defer { close(descriptor) }
        let file = PlainSource(descriptor: descriptor, path: input.path, progress: Progress())
        if let compression = Compression(of: input.path) {
          let text = try DecodedSource(file, compression, blockSize: Self.readSize)
          defer { text.close() }
          try forEach(in: text, input, body)
        } else {
          try forEach(in: file, input, body)
        }
      }
    }
  }

  private func forEach(
    in source: some ByteSource, _ input: Input, _ body: (Document) throws -> Void
  ) throws {
    let parts = input.path.split(separator: "/").last?.split(separator: ".") ?? []
    let isRecords = parts.suffix(2).contains("jsonl")
    var rest: ArraySlice<UInt8> = []
    var number = 0
    while true {
      let bytes = try source.read(after: rest, count: Self.readSize)
      let isLast = bytes.count == rest.count
      var start = 0
      while isRecords, start < bytes.count,
        let end = bytes[start...].firstIndex(of: 0x0A) ?? (isLast ? bytes.count : nil)
      {
        number += 1
        try record(Array(bytes[start..<end]), "\(input.path):\(number)", body)
        start = min(end + 1, bytes.count)
      }
      rest = bytes[start...]
      if isLast { break }
    }
    guard !isRecords else { return }
    let folders = input.relativePath.split(separator: "/").dropLast()
    try body(Document(name: input.path, site: folders.first.map(String.init), text: Array(rest)))
  }

  private func record(
    _ bytes: [UInt8], _ place: String, _ body: (Document) throws -> Void
  ) throws {
    guard bytes.contains(where: { $0 > 0x20 }) else { return }
    let record: JSONRecord
    do throws(RecordFault) {
      record = try bytes.withUnsafeBufferPointer { bytes throws(RecordFault) in
        try JSONRecord(bytes, field: field)
      }
    } catch {
      return complain("\(visible(place)): \(error); passed by")
    }
    let names = record.names
    let site =
      names["publisher"] ?? names["site"] ?? names["domain"] ?? names["url"].map(Self.host(of:))
    try body(Document(name: names["id"] ?? place, site: site, text: record.decoded))
  }

  /// `example.org` of `https://www.example.org/a?b`.
  private static func host(of url: String) -> String {
    var rest = url[...]
    if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
    rest = rest.prefix { !"/?#:".contains($0) }
    if rest.hasPrefix("www.") { rest = rest.dropFirst(4) }
    return rest.lowercased()
  }
}
