// A file of JSON Lines beside the cleaned ones: `--removed`, `--rejects`.
#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

final class Log {
  private let output: Output
  private let path: String
  private(set) var length: Int

  /// Opens the file at `path` and cuts it to what is `kept` of an earlier run, or to nothing.
  init(_ path: String, from kept: Int?) throws(FileError) {
    let descriptor = path.withPath { open($0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else { throw FileError(path, "create") }
    self.path = path
    output = Output(descriptor: descriptor, path: path)
    length = kept ?? 0
    let stamp = FileStamp(of: descriptor)
    guard stamp.kind == .file else { return }
    guard stamp.size >= length else {
      throw FileError(
        path, "go on with", reason: "it is shorter than the manifest of the output folder says")
    }
    try cut()
  }

  func write(_ bytes: [UInt8]) throws(FileError) {
    length += bytes.count
    try output.write(bytes)
  }

  /// Takes back what was written behind `length`.
  func rewind(to length: Int) throws(FileError) {
    try output.flush()
    self.length = length
    if FileStamp(of: output.descriptor).kind == .file { try cut() }
  }

  private func cut() throws(FileError) {
    guard ftruncate(output.descriptor, off_t(length)) == 0,
      lseek(output.descriptor, off_t(length), SEEK_SET) >= 0
    else { throw FileError(path, "write") }
  }

  func sync() throws(FileError) {
    try output.flush()
    if FileStamp(of: output.descriptor).kind == .file { try output.sync() }
  }

  func close() throws(FileError) { try output.close() }
}
