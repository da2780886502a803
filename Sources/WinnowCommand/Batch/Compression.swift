// .gz and .zst in and out: bytes through zlib and libzstd, each stream on a thread of its own.
internal import CZlib
internal import CZstd

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

enum Compression: String {
  case gzip = ".gz"
  case zstd = ".zst"

  /// By the extension of `path`; nil when it has none of these.
  init?(of path: String) {
    guard let dot = path.lastIndex(of: "."), let found = Self(rawValue: String(path[dot...])) else {
      return nil
    }
    self = found
  }

  func makeDecoder() -> (any Decoder)? {
    switch self {
    case .gzip: GzipDecoder()
    case .zstd: ZstdDecoder()
    }
  }

  func makeEncoder() -> (any Encoder)? {
    switch self {
    case .gzip: GzipEncoder()
    case .zstd: ZstdEncoder()
    }
  }
}

/// What one step through a library took and gave, in bytes.
struct CodecStep {
  let taken: Int
  let given: Int
  /// Whether a frame was closed.
  var isEnd = false
}

protocol Decoder: AnyObject {
  /// Whether the input may end here.
  var isComplete: Bool { get }
  /// Nil when the input is damaged.
  func step(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) -> CodecStep?
}

protocol Encoder: AnyObject {
  /// With `ends` the frame is to be closed: call it until it is. Nil when the library fails.
  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, ends: Bool
  ) -> CodecStep?
}

private final class GzipDecoder: Decoder {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var isPadding = false
  private(set) var isComplete = false

  init?() {
    stream.initialize(to: z_stream())
    guard winnow_inflate_init(stream) == Z_OK else {
      stream.deallocate()
      return nil
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
  ) -> CodecStep? {
    if isComplete, let first = input.first {
      // Another member follows, or the zeros that fill a tape's last block.
      isPadding = isPadding || first == 0
      if isPadding {
        return input.allSatisfy { $0 == 0 } ? CodecStep(taken: input.count, given: 0) : nil
      }
      isComplete = false
      inflateReset(stream)
    }
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(output.count)
    let code = inflate(stream, Z_NO_FLUSH)
    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { return nil }
    isComplete = code == Z_STREAM_END
    return CodecStep(
      taken: input.count - Int(stream.pointee.avail_in),
      given: output.count - Int(stream.pointee.avail_out))
  }
}

private final class ZstdDecoder: Decoder {
  private let context: OpaquePointer
  private(set) var isComplete = false

  init?() {
    guard let made = ZSTD_createDCtx() else { return nil }
    context = made
  }

  deinit { ZSTD_freeDCtx(context) }

  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
  ) -> CodecStep? {
    if isComplete, input.isEmpty { return CodecStep(taken: 0, given: 0) }
    var from = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var to = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let code = ZSTD_decompressStream(context, &to, &from)
    guard ZSTD_isError(code) == 0 else { return nil }
    isComplete = code == 0
    return CodecStep(taken: from.pos, given: to.pos)
  }
}

private final class GzipEncoder: Encoder {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init?() {
    stream.initialize(to: z_stream())
    guard winnow_deflate_init(stream) == Z_OK else {
      stream.deallocate()
      return nil
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, ends: Bool
  ) -> CodecStep? {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(output.count)
    let code = deflate(stream, ends ? Z_FINISH : Z_NO_FLUSH)
    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { return nil }
    let step = CodecStep(
      taken: input.count - Int(stream.pointee.avail_in),
      given: output.count - Int(stream.pointee.avail_out), isEnd: code == Z_STREAM_END)
    if step.isEnd { deflateReset(stream) }
    return step
  }
}

private final class ZstdEncoder: Encoder {
  private let context: OpaquePointer

  init?() {
    guard let made = ZSTD_createCCtx() else { return nil }
    context = made
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  }

  deinit { ZSTD_freeCCtx(context) }

  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, ends: Bool
  ) -> CodecStep? {
    var from = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var to = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let code = ZSTD_compressStream2(context, &to, &from, ends ? ZSTD_e_end : ZSTD_e_continue)
    guard ZSTD_isError(code) == 0 else { return nil }
    return CodecStep(taken: from.pos, given: to.pos, isEnd: ends && code == 0)
  }
}

// MARK: - Streams

/// The text of a compressed file. A thread reads ahead by a few blocks.
final class DecodedSource: ByteSource {
  private let blocks = Channel<Result<[UInt8], FileError>>(most: 4)
  private var thread: Thread?
  /// Of a block that was skipped in part.
  private var rest: [UInt8] = []

  init(
    _ source: PlainSource, _ compression: Compression, blockSize: Int
  ) throws(FileError) {
    let blocks = blocks
    thread = Thread {
      do throws(FileError) {
        try Self.decode(source, compression, blockSize, blocks)
      } catch {
        _ = blocks.send(.failure(error))
      }
      blocks.end()
    }
    guard thread != nil else { throw FileError(source.path, "read", code: EAGAIN) }
  }

  /// Waits for the thread: it reads a descriptor that the caller will close.
  func close() {
    blocks.cancel()
    thread?.join()
    thread = nil
  }

  func read(after start: ArraySlice<UInt8>, count: Int) throws(FileError) -> [UInt8] {
    if start.isEmpty, rest.isEmpty { return try blocks.receive()?.get() ?? [] }
    var bytes = start + rest
    rest = []
    while bytes.count < start.count + count, let block = blocks.receive() {
      bytes += try block.get()
    }
    return Array(bytes)
  }

  func skip(_ count: Int) throws(FileError) {
    var left = count
    while left > 0 {
      guard let block = try blocks.receive()?.get() else { return }
      rest = Array(block.dropFirst(left))
      left -= block.count
    }
  }

  private static func decode(
    _ source: PlainSource, _ compression: Compression, _ blockSize: Int,
    _ blocks: Channel<Result<[UInt8], FileError>>
  ) throws(FileError) {
    guard let decoder = compression.makeDecoder() else {
      throw FileError(source.path, "read", code: ENOMEM)
    }
    var given = 0
    while true {
      let input = try source.read(after: [], count: 64 * 1024)
      var taken = 0
      // A library may hold back text when the output was full.
      var isFull = false
      while taken < input.count || isFull {
        var step: CodecStep?
        let block = [UInt8](unsafeUninitializedCapacity: blockSize) { output, filled in
          step = input[taken...].withUnsafeBytes {
            decoder.step($0, UnsafeMutableRawBufferPointer(rebasing: output.rawBytes[..<blockSize]))
          }
          filled = step?.given ?? 0
        }
        guard let step else {
          throw FileError(
            source.path, "read",
            reason: "the compressed data is damaged, behind \(given) bytes of text")
        }
        taken += step.taken
        given += step.given
        isFull = step.given == blockSize
        if !block.isEmpty, !blocks.send(.success(block)) { return }
        if step.taken == 0, step.given == 0 { break }
      }
      if input.isEmpty { break }
    }
    guard decoder.isComplete else {
      throw FileError(
        source.path, "read",
        reason: "the compressed data ends early, behind \(given) bytes of text")
    }
  }
}

extension UnsafeMutableBufferPointer<UInt8> {
  fileprivate var rawBytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(self) }
}

/// Where a document's bytes go.
protocol ByteOutput: AnyObject {
  func put(_ bytes: [UInt8]) throws(FileError)
  /// Hands everything to the system; what is compressed ends a frame.
  func flush() throws(FileError)
}

extension Output: ByteOutput {
  func put(_ bytes: [UInt8]) throws(FileError) { try write(bytes) }
}

/// Compresses on a thread of its own on the way to `output`.
final class EncodedOutput: ByteOutput {
  private enum Step { case bytes([UInt8]), flush }

  private let steps = Channel<Step>(most: 4)
  private let state: State
  private var thread: Thread?

  private final class State: @unchecked Sendable {
    let lock = Lock()
    let hasFlushed: Condition
    var flushes = 0
    var error: FileError?
    init() { hasFlushed = Condition(lock) }
  }

  /// `isEmpty`: nothing stands in the file yet, which even without text must become a frame.
  init(
    _ output: Output, _ compression: Compression, path: String, isEmpty: Bool
  ) throws(FileError) {
    let state = State()
    self.state = state
    let steps = steps
    let work = EncodingWork(output: output, compression: compression, path: path)
    thread = Thread {
      var encoder: (any Encoder)?
      var isOpen = isEmpty
      while let step = steps.receive() {
        do throws(FileError) {
          encoder = encoder ?? work.compression.makeEncoder()
          guard let encoder else { throw FileError(work.path, "compress", code: ENOMEM) }
          switch step {
          case .bytes(let bytes):
            try work.encode(bytes, with: encoder, ends: false)
            isOpen = true
          case .flush:
            if isOpen { try work.encode([], with: encoder, ends: true) }
            isOpen = false
            try work.output.flush()
          }
        } catch {
          state.lock { state.error = state.error ?? error }
        }
        if case .flush = step {
          state.lock {
            state.flushes += 1
            state.hasFlushed.signal()
          }
        }
      }
    }
    guard thread != nil else { throw FileError(path, "compress", code: EAGAIN) }
  }

  deinit { stop() }

  /// Ends the thread; what is not flushed is dropped.
  func stop() {
    steps.cancel()
    thread?.join()
    thread = nil
  }

  func put(_ bytes: [UInt8]) throws(FileError) {
    if bytes.isEmpty { return }
    if let error = state.lock({ state.error }) { throw error }
    _ = steps.send(.bytes(bytes))
  }

  func flush() throws(FileError) {
    let before = state.lock { state.flushes }
    _ = steps.send(.flush)
    let error = state.lock {
      while state.flushes == before { state.hasFlushed.wait() }
      return state.error
    }
    if let error { throw error }
  }
}

/// What the thread of an `EncodedOutput` writes to; nobody else does while it runs.
private struct EncodingWork: @unchecked Sendable {
  let output: Output
  let compression: Compression
  let path: String

  func encode(_ bytes: [UInt8], with encoder: any Encoder, ends: Bool) throws(FileError) {
    var taken = 0
    while true {
      var step: CodecStep?
      let size = 64 * 1024
      let block = [UInt8](unsafeUninitializedCapacity: size) { output, filled in
        step = bytes[taken...].withUnsafeBytes {
          encoder.step(
            $0, UnsafeMutableRawBufferPointer(rebasing: output.rawBytes[..<size]), ends: ends)
        }
        filled = step?.given ?? 0
      }
      guard let step else { throw FileError(path, "compress", reason: "the library failed") }
      taken += step.taken
      try output.write(block)
      if ends ? step.isEnd : step.given < size && taken == bytes.count { return }
    }
  }
}
