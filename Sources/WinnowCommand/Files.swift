// Reading and writing through descriptors, with every error checked: `print` to a full disk
// exits 0, and a batch must never lose a byte without a word.
#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// An input or output that failed: the path, what was tried and the system's reason.
struct FileError: Error, CustomStringConvertible {
  let path: String
  let action: String
  let reason: String

  init(_ path: String, _ action: String, code: Int32 = errno) {
    self.init(path, action, reason: String(cString: strerror(code)))
  }

  init(_ path: String, _ action: String, reason: String) {
    self.path = path
    self.action = action
    self.reason = reason
  }

  var description: String { "\(visible(path)): cannot \(action): \(reason)" }
}

/// Bytes out to a descriptor, in large writes.
final class Output {
  let descriptor: Int32
  private let path: String
  private var buffer: [UInt8] = []
  private static let size = 64 * 1024

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  func write(_ bytes: [UInt8]) throws(FileError) {
    if buffer.isEmpty, bytes.count >= Self.size { return try writeOut(bytes) }
    buffer += bytes
    if buffer.count >= Self.size { try flush() }
  }

  func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

  func flush() throws(FileError) {
    defer { buffer.removeAll(keepingCapacity: true) }
    try writeOut(buffer)
  }

  private func writeOut(_ bytes: [UInt8]) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        systemWrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(path, "write")
      }
      done += count
    }
  }

  /// Makes all that was flushed last.
  func sync() throws(FileError) {
    guard systemSync(descriptor) == 0 else { throw FileError(path, "sync") }
  }

  /// Syncs many files. Each waits for the disk: eight threads make 25 times the files a second.
  static func sync(_ files: [Output]) throws(FileError) {
    let work = SyncWork(files)
    let threads = (0..<min(8, files.count / 4)).compactMap { _ in Thread { work.run() } }
    work.run()
    for thread in threads { thread.join() }
    if let error = work.error { throw error }
  }

  /// Writes what is left and closes: some systems say only then that the bytes did not fit.
  func close() throws(FileError) {
    do throws(FileError) { try flush() } catch {
      _ = systemClose(descriptor)
      throw error
    }
    // After EINTR the descriptor is closed, too.
    guard systemClose(descriptor) == 0 || errno == EINTR else { throw FileError(path, "close") }
  }
}

/// Files to be synced, one after another, by as many threads as there are.
private final class SyncWork: @unchecked Sendable {
  private let files: [Output]
  private let lock = Lock()
  private var next = 0
  private(set) var error: FileError?

  init(_ files: [Output]) { self.files = files }

  func run() {
    while true {
      let index = lock {
        defer { next += 1 }
        return next
      }
      guard index < files.count else { return }
      do throws(FileError) { try files[index].sync() } catch {
        lock { self.error = self.error ?? error }
      }
    }
  }
}

/// `fsync`, through to the disk.
func systemSync(_ descriptor: Int32) -> Int32 {
  #if canImport(Darwin)
    if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
  #endif
  var code: Int32
  repeat { code = fsync(descriptor) } while code != 0 && errno == EINTR
  return code
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int
{
  read(descriptor, bytes, count)
}

enum Files {
  /// To be called first. Where a standard stream is closed, the next file that is opened would take
  /// its place and its bytes; what stands there now can be neither read nor written. And a limit
  /// on the size of files is an error of the write, not the end of the process.
  static func guardStandardStreams() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
    signal(SIGXFSZ, SIG_IGN)
  }

  /// What was typed, with the bytes that are not UTF-8.
  static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map {
        Path.string(UnsafeRawBufferPointer(start: $0, count: strlen($0)))
      }
    }
  }

  /// A message to the person at the terminal. Never data.
  static func say(_ message: String, ending: String = "\n") {
    let line = Array((message + ending).utf8)
    var done = 0
    while done < line.count {
      let count = line.withUnsafeBytes {
        systemWrite(2, $0.baseAddress.map { $0 + done }, $0.count - done)
      }
      if count < 0, errno != EINTR { return }
      done += max(0, count)
    }
  }

  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Reads up to `count` bytes behind `start`; none at the end of the input.
  static func read(
    _ descriptor: Int32, _ path: String, after start: ArraySlice<UInt8> = [], count: Int
  ) throws(FileError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: start.count + count) { buffer, filled in
      filled = start.count
      _ = buffer.initialize(from: start)
      var result = 0
      repeat {
        result = systemRead(descriptor, buffer.baseAddress.map { $0 + start.count }, count)
        code = result < 0 ? errno : 0
      } while code == EINTR
      filled += max(0, result)
    }
    guard code == 0 else { throw FileError(path, "read", code: code) }
    return bytes
  }

  static func contents(of path: String) throws(FileError) -> [UInt8] {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    return try contents(of: descriptor, path: path)
  }

  static func contents(of descriptor: Int32, path: String) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let more = try read(descriptor, path, count: 256 * 1024)
      if more.isEmpty { return bytes }
      bytes += more
    }
  }

  /// Opens what the person named, or standard input for `-`.
  static func openForReading(_ path: String) throws(FileError) -> Int32 {
    let descriptor = path == "-" ? dup(0) : path.withPath { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileError(path, "open") }
    return descriptor
  }

  /// Writes a whole file so that it is there complete or not at all.
  static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let temporary = path + ".winnow-tmp"
    _ = temporary.withPath { unlink($0) }
    let descriptor = temporary.withPath {
      open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    }
    guard descriptor >= 0 else { throw FileError(path, "create") }
    do throws(FileError) {
      let output = Output(descriptor: descriptor, path: path)
      try output.write(bytes)
      try output.flush()
      guard fsync(descriptor) == 0 else { throw FileError(path, "write") }
    } catch {
      close(descriptor)
      _ = temporary.withPath { unlink($0) }
      throw error
    }
    guard close(descriptor) == 0 else {
      let error = FileError(path, "write")
      _ = temporary.withPath { unlink($0) }
      throw error
    }
    guard temporary.withPath({ from in path.withPath { rename(from, $0) } }) == 0 else {
      let error = FileError(path, "rename to")
      _ = temporary.withPath { unlink($0) }
      throw error
    }
  }

  enum Kind { case file, folder, other, missing }

  static func kind(of path: String) -> Kind {
    var status = stat()
    guard path.withPath({ stat($0, &status) }) == 0 else { return .missing }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  static func isSymbolicLink(_ path: String) -> Bool {
    var status = stat()
    return path.withPath { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// The path without links and dots; nil when it does not exist.
  static func resolved(_ path: String) -> String? {
    guard let real = path.withPath({ realpath($0, nil) }) else { return nil }
    defer { free(real) }
    return Path.string(UnsafeRawBufferPointer(start: real, count: strlen(real)))
  }

  /// The same for a path of which the last parts are yet to be made.
  static func resolvedAhead(_ path: String) -> String? {
    if let real = resolved(path) { return real }
    var parts = path.split(separator: "/").map(String.init)
    guard let last = parts.popLast(), last != "..", last != "." else { return nil }
    let root = path.hasPrefix("/") ? "/" : ""
    let above = parts.isEmpty ? (root.isEmpty ? "." : root) : root + parts.joined(separator: "/")
    return resolvedAhead(above).map { $0 == "/" ? "/\(last)" : "\($0)/\(last)" }
  }

  /// Makes `path` and the folders above it.
  static func makeFolder(_ path: String) throws(FileError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made == "/" ? String(part) : "/\(part)"
      if made.withPath({ mkdir($0, 0o755) }) != 0, errno != EEXIST {
        throw FileError(made, "make the folder")
      }
    }
    guard kind(of: path) == .folder else { throw FileError(path, "make the folder", code: ENOTDIR) }
  }

  /// The names in a folder, sorted; hidden ones left out.
  static func names(in folder: String) throws(FileError) -> [String] {
    guard let stream = folder.withPath({ opendir($0) }) else {
      throw FileError(folder, "open the folder")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        Path.string(bytes.prefix { $0 != 0 })
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    guard errno == 0 else { throw FileError(folder, "read the folder") }
    return names.sorted()
  }
}
