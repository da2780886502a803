// Inputs in, portions out, in order: the one thread that reads.
#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Where the bytes of an input come from.
protocol ByteSource {
  /// What follows `start`, up to about `count` bytes; no more than `start` at the end.
  mutating func read(after start: ArraySlice<UInt8>, count: Int) throws(FileError) -> [UInt8]
}

/// The bytes of an open file as they are.
struct PlainSource: ByteSource {
  let descriptor: Int32
  let path: String

  func read(after start: ArraySlice<UInt8>, count: Int) throws(FileError) -> [UInt8] {
    try Files.read(descriptor, path, after: start, count: count)
  }
}

/// Cuts inputs into portions.
struct Reading {
  /// A larger document is passed through: cleaning needs several times its size in memory.
  static let largestDocument = 64 * 1024 * 1024

  let inputs: [Input]
  let options: Batch.Options
  let pipeline: Pipeline<Portion, Outcome>
  private var opened: Folder?

  init(_ inputs: [Input], _ options: Batch.Options, _ pipeline: Pipeline<Portion, Outcome>) {
    self.inputs = inputs
    self.options = options
    self.pipeline = pipeline
  }

  /// Reads everything, or until the writer wants no more.
  mutating func run() {
    for index in inputs.indices {
      do throws(FileError) {
        guard try read(index) else { return }
      } catch {
        guard put(Portion(input: index, content: .failure(error), end: .input)) else { return }
      }
    }
    pipeline.end()
  }

  /// False when the writer wants no more.
  private mutating func read(_ index: Int) throws(FileError) -> Bool {
    let input = inputs[index]
    let descriptor = try input.open(in: &opened)
    defer { close(descriptor) }
    let source = PlainSource(descriptor: descriptor, path: input.path)
    return switch options.format(of: input) {
    case .text: try readText(source, index)
    case .jsonl: try readRecords(source, index)
    }
  }

  private func put(_ portion: Portion) -> Bool { pipeline.put(portion, weight: portion.weight) }

  private func readText(_ given: some ByteSource, _ index: Int) throws(FileError) -> Bool {
    var source = given
    var bytes: [UInt8] = []
    var isWhole = false
    while !isWhole, bytes.count <= Self.largestDocument {
      let known = bytes.count
      let expected = min(inputs[index].stamp.size, Self.largestDocument) - known + 1
      bytes = try source.read(after: bytes[...], count: max(options.readSize, expected))
      isWhole = bytes.count == known
    }
    if bytes.count <= Self.largestDocument {
      return put(Portion(input: index, content: .text(bytes), end: .input))
    }
    var passing = LargeDocument(at: 0, isHashed: options.hashesRejected)
    while !bytes.isEmpty {
      passing.add(bytes[...])
      guard put(Portion(input: index, content: .tooLarge(bytes, nil))) else { return false }
      bytes = try source.read(after: [], count: options.readSize)
    }
    let note = passing.note(document: inputs[index].path)
    return put(Portion(input: index, content: .tooLarge([], note), end: .input))
  }

  /// Portions end with a line; shards end with the first line that reaches a multiple of their
  /// size, wherever reads happened to end.
  private func readRecords(_ given: some ByteSource, _ index: Int) throws(FileError) -> Bool {
    var source = given
    /// Bytes not handed on, and where the first of them stands.
    var bytes: [UInt8] = []
    var offset = 0
    var lines = 0
    var shardEnd = options.shardSize
    var passing: LargeDocument?

    /// Hands on `bytes[..<end]`.
    func put(_ content: (Range<Int>) -> Portion.Content, upTo end: Int, from start: Int) -> Bool {
      var portion = Portion(
        input: index, content: content(start..<end), offset: offset + start, lines: lines)
      if offset + end >= shardEnd, end > 0, bytes[end - 1] == 0x0A {
        portion.end = .shard
        shardEnd = ((offset + end) / options.shardSize + 1) * options.shardSize
      }
      if options.countsLines { lines += Lines.count(in: bytes, start..<end) }
      return self.put(portion)
    }

    while true {
      // A long line is read in ever larger pieces.
      let known = bytes.count
      bytes = try source.read(after: bytes[...], count: max(options.readSize, known))
      let isLast = bytes.count == known
      var start = 0
      if var large = passing {
        start = Lines.end(in: bytes, from: 0) ?? bytes.count
        let isWhole = isLast || bytes[start - 1] == 0x0A
        large.add(bytes[..<(isLast || !isWhole ? start : start - 1)])
        passing = isWhole ? nil : large
        let note = isWhole ? large.note(document: nil) : nil
        guard put({ .tooLarge(Array(bytes[$0]), note) }, upTo: start, from: 0) else {
          return false
        }
      }
      if passing == nil {
        let end = isLast ? bytes.count : Lines.lastEnd(in: bytes, from: max(start, known)) ?? start
        while start < end {
          let reached = Lines.end(in: bytes, from: max(start, shardEnd - offset - 1)) ?? end
          let next = min(reached, end)
          guard put({ .records(bytes, $0) }, upTo: next, from: start) else { return false }
          start = next
        }
        if bytes.count - start > Self.largestDocument {
          var large = LargeDocument(at: offset + start, isHashed: options.hashesRejected)
          large.add(bytes[start...])
          passing = large
          guard put({ .tooLarge(Array(bytes[$0]), nil) }, upTo: bytes.count, from: start) else {
            return false
          }
          start = bytes.count
        }
      }
      offset += start
      bytes.removeFirst(start)
      if isLast { return self.put(Portion(input: index, content: .nothing, end: .input)) }
    }
  }
}

/// Finds line ends.
enum Lines {
  /// The first end of a line, behind its LF, whose LF stands at `start` or later.
  static func end(in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, start < bytes.count else { return nil }
      return memchr(base + start, 0x0A, bytes.count - start).map { UnsafeRawPointer($0) - base + 1 }
    }
  }

  /// The last end of a line whose LF stands at `start` or later.
  static func lastEnd(in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      var index = bytes.count
      while index > start {
        if bytes[index - 1] == 0x0A { return index }
        index -= 1
      }
      return nil
    }
  }

  static func count(in bytes: [UInt8], _ range: Range<Int>) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var count = 0
      for index in range { count &+= bytes[index] == 0x0A ? 1 : 0 }
      return count
    }
  }
}

/// A document on its way past the cleaner.
struct LargeDocument {
  private let offset: Int
  private var hash: SHA256?

  init(at offset: Int, isHashed: Bool) {
    self.offset = offset
    hash = isHashed ? SHA256() : nil
  }

  mutating func add(_ bytes: ArraySlice<UInt8>) { hash?.add(bytes) }

  func note(document: String?) -> Note {
    Note(
      document: document, line: document == nil ? 1 : 0,
      message: ": over \(Reading.largestDocument >> 20) MiB; passed through unchanged",
      rejection: .init(id: nil, offset: offset, sha256: hash?.digest()), documents: 1)
  }
}
