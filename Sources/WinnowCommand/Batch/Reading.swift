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
  func read(after start: ArraySlice<UInt8>, count: Int) throws(FileError) -> [UInt8]
  /// Goes on behind the first `count` bytes.
  func skip(_ count: Int) throws(FileError)
}

/// The bytes of an open file as they are.
struct PlainSource: ByteSource {
  let descriptor: Int32
  let path: String
  let progress: Progress

  func read(after start: ArraySlice<UInt8>, count: Int) throws(FileError) -> [UInt8] {
    let bytes = try Files.read(descriptor, path, after: start, count: count)
    progress.add(bytes.count - start.count)
    return bytes
  }

  func skip(_ count: Int) throws(FileError) {
    guard lseek(descriptor, off_t(count), SEEK_SET) >= 0 else { throw FileError(path, "read") }
  }
}

/// Cuts inputs into portions.
struct Reading {
  /// A larger document is passed through: cleaning needs several times its size in memory.
  static let largestDocument = 64 * 1024 * 1024

  private let inputs: [Input]
  private let options: Batch.Options
  private let pipeline: Pipeline<Portion, Outcome>
  private let progress: Progress
  private var opened: Folder?

  init(
    _ inputs: [Input], _ options: Batch.Options, _ pipeline: Pipeline<Portion, Outcome>,
    _ progress: Progress
  ) {
    self.inputs = inputs
    self.options = options
    self.pipeline = pipeline
    self.progress = progress
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
    let file = PlainSource(descriptor: descriptor, path: input.path, progress: progress)
    guard let compression = Compression(of: input.path) else {
      return try read(file, index, descriptor)
    }
    let text = try DecodedSource(file, compression, blockSize: options.readSize)
    defer { text.close() }
    return try read(text, index, descriptor)
  }

  private func read(
    _ source: some ByteSource, _ index: Int, _ descriptor: Int32
  ) throws(FileError) -> Bool {
    let isWanted =
      switch options.format(of: inputs[index]) {
      case .text: try readText(source, index)
      case .jsonl: try readRecords(source, index)
      }
    guard isWanted else { return false }
    // What is kept as the work of one version of a file must not be made of two.
    let stamp = inputs[index].stamp
    if options.output != nil, stamp.kind == .file, FileStamp(of: descriptor) != stamp {
      throw FileError(inputs[index].path, "read", reason: "it changed while it was read")
    }
    return put(Portion(input: index, content: .nothing, end: .input))
  }

  private func put(_ portion: Portion) -> Bool { pipeline.put(portion, weight: portion.weight) }

  private func readText(_ source: some ByteSource, _ index: Int) throws(FileError) -> Bool {
    let expected = min(inputs[index].stamp.size, Self.largestDocument) + 1
    var bytes = try source.read(after: [], count: max(options.readSize, expected))
    while bytes.count <= Self.largestDocument {
      let more = try source.read(after: [], count: options.readSize)
      if more.isEmpty { return put(Portion(input: index, content: .text(bytes))) }
      bytes += more
    }
    var passing = LargeDocument(at: 0, isHashed: options.hashesRejected)
    while !bytes.isEmpty {
      passing.add(bytes[...])
      guard put(Portion(input: index, content: .tooLarge(bytes, nil))) else { return false }
      bytes = try source.read(after: [], count: options.readSize)
    }
    let note = passing.note(document: inputs[index].path)
    return put(Portion(input: index, content: .tooLarge([], note)))
  }

  /// Portions end with a line; shards end with the first line that reaches a multiple of their
  /// size, wherever reads happened to end.
  private func readRecords(_ source: some ByteSource, _ index: Int) throws(FileError) -> Bool {
    /// Bytes not handed on, and where the first of them stands.
    var bytes: [UInt8] = []
    let start = inputs[index].start
    if let start { try source.skip(start.offset) }
    var offset = start?.offset ?? 0
    var lines = start?.lines ?? 0
    var shardEnd = (offset / options.shardSize + 1) * options.shardSize
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
      if isLast { return true }
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
    let reason = "over \(Reading.largestDocument >> 20) MiB"
    return Note(
      document: document, line: document == nil ? 1 : 0,
      message: ": \(reason); passed through unchanged",
      rejection: .init(reason: reason, id: nil, offset: offset, sha256: hash?.digest()),
      documents: 1)
  }
}
