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
  let code: Int32

  init(_ path: String, _ action: String, code: Int32 = errno) {
    self.path = path
    self.action = action
    self.code = code
  }

  var description: String {
    "\(visible(path)): cannot \(action): \(String(cString: strerror(code)))"
  }
}

/// Foreign text for a message: controls and direction marks are shown, never sent raw.
func visible(_ text: some StringProtocol) -> String {
  var shown = ""
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x09: shown += "\t"
    case 0..<0x20, 0x7F: shown += "\\x" + hex(scalar.value, 2)
    case 0x80..<0xA0, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
      shown += "\\u{" + hex(scalar.value, 4) + "}"
    default: shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

private func hex(_ value: UInt32, _ width: Int) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Bytes out to a descriptor, in large writes.
final class Output {
  private let descriptor: Int32
  private let path: String
  private var buffer: [UInt8] = []
  private static let size = 256 * 1024

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
    buffer.reserveCapacity(Self.size)
  }

  func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.size { try flush() }
  }

  func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

  func flush() throws(FileError) {
    defer { buffer.removeAll(keepingCapacity: true) }
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes { bytes in
        systemWrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(path, "write")
      }
      done += count
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int
{
  read(descriptor, bytes, count)
}

enum Files {
  /// A message to the person at the terminal. Never data.
  static func say(_ message: String) {
    let line = Array((message + "\n").utf8)
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

  /// Appends up to `count` bytes to `buffer`; false at the end of the input.
  static func read(
    _ descriptor: Int32, _ path: String, appendingTo buffer: inout [UInt8], count: Int = 256 * 1024
  ) throws(FileError) -> Bool {
    while true {
      let start = buffer.count
      var result = 0
      buffer.append(contentsOf: repeatElement(0, count: count))
      result = buffer.withUnsafeMutableBytes { bytes in
        systemRead(descriptor, bytes.baseAddress.map { $0 + start }, count)
      }
      let code = errno
      buffer.removeLast(count - max(0, result))
      if result < 0 {
        if code == EINTR { continue }
        throw FileError(path, "read", code: code)
      }
      return result > 0
    }
  }

  static func contents(of path: String) throws(FileError) -> [UInt8] {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while try read(descriptor, path, appendingTo: &bytes) {}
    return bytes
  }

  /// Opens a regular file, or standard input for `-`.
  static func openForReading(_ path: String) throws(FileError) -> Int32 {
    if path == "-" { return dup(0) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, "open") }
    return descriptor
  }

  /// Writes a whole file so that it is there complete or not at all.
  static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let temporary = path + ".winnow-tmp"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path, "create") }
    do throws(FileError) {
      let output = Output(descriptor: descriptor, path: path)
      try output.write(bytes)
      try output.flush()
      guard fsync(descriptor) == 0 else { throw FileError(path, "write") }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0 else {
      let error = FileError(path, "write")
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let error = FileError(path, "rename to")
      unlink(temporary)
      throw error
    }
  }

  enum Kind { case file, folder, other, missing }

  static func kind(of path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { return .missing }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  static func isSymbolicLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// The path without links and dots; nil when it does not exist.
  static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
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
      if mkdir(made, 0o755) != 0, errno != EEXIST { throw FileError(made, "make the folder") }
    }
    guard kind(of: path) == .folder else { throw FileError(path, "make the folder", code: ENOTDIR) }
  }

  /// The names in a folder, sorted; hidden ones left out.
  static func names(in folder: String) throws(FileError) -> [String] {
    guard let stream = opendir(folder) else { throw FileError(folder, "open the folder") }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
