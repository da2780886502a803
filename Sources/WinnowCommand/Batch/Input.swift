// What is to be cleaned: the paths on the command line in, the files behind them out, in order.
#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// One file to clean.
struct Input {
  /// As given, or `-`.
  let path: String
  /// Below the folder it was found in.
  let relativePath: String
  /// The folder on the command line it was found in; nil when it was named itself.
  var folder: String?
  var stamp = FileStamp()
  /// Where an earlier run left off.
  var start: ManifestEntry.Shard?

  /// The inputs at `path`, sorted. What is neither file nor folder is named to `complain`.
  static func inputs(at path: String, complain: (String) -> Void) throws -> [Input] {
    if path == "-" { return [Input(path: "-", relativePath: "stdin.txt", stamp: FileStamp(of: 0))] }
    guard let stamp = FileStamp(at: path) else { throw FileError(path, "open") }
    guard stamp.kind == .folder else {
      let name = String(path.split(separator: "/").last ?? "file")
      return [Input(path: path, relativePath: name, stamp: stamp)]
    }
    var found: [Input] = []
    try find(in: path, below: "", top: path, &found, complain)
    return found
  }

  private static func find(
    in folder: String, below prefix: String, top: String, _ found: inout [Input],
    _ complain: (String) -> Void
  ) throws {
    for name in try Files.names(in: folder) {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      guard let stamp = FileStamp(at: path, followsLinks: false) else {
        complain(FileError(path, "open").description)
        continue
      }
      switch stamp.kind {
      case .folder:
        try find(in: path, below: "\(prefix)\(name)/", top: top, &found, complain)
      case .file:
        found.append(Input(path: path, relativePath: prefix + name, folder: top, stamp: stamp))
      case .link: complain("\(visible(path)): a symbolic link; passed by")
      case .other: complain("\(visible(path)): not a regular file; passed by")
      }
    }
  }

  /// An output folder inside an input, or the input itself, would be cleaned next time, or now.
  static func refuse(_ output: String, inside input: String) throws {
    guard input != "-" else { return }
    guard let real = Files.resolvedAhead(output), let source = Files.resolved(input) else { return }
    if real == source || real.hasPrefix(source == "/" ? "/" : source + "/") {
      throw Complaint(
        "--output \(visible(output)) lies inside the input \(visible(input)); name another folder")
    }
    let parent = source.lastIndex(of: "/").map { String(source[..<$0]) }
    if Files.kind(of: input) == .file, parent == real {
      throw Complaint(
        "--output \(visible(output)) would overwrite \(visible(input)); name another folder")
    }
  }

  /// Two inputs that would be written to one file: the second would be all that is left. Where the
  /// disk takes `A` and `a` for one name, so do we.
  static func refuseCollisions(
    of inputs: [Input], in output: String, ignoringCase: Bool = false
  ) throws {
    var first: [String: String] = [:]
    for input in inputs {
      let name = ignoringCase ? input.relativePath.lowercased() : input.relativePath
      if let other = first.updateValue(input.path, forKey: name) {
        throw Complaint(
          "\(visible(other)) and \(visible(input.path)) would both be written to "
            + "\(visible(output))/\(visible(input.relativePath)); clean them one by one")
      }
    }
  }

  /// Opens it for reading. What was found in a folder is opened as what it was found to be: a file
  /// that has become a link, a pipe or a device since is refused.
  /// `opened` keeps the folder for the next input.
  func open(in opened: inout Folder?) throws(FileError) -> Int32 {
    guard let folder else { return try Files.openForReading(path) }
    let parts = relativePath.split(separator: "/").map(String.init)
    if opened?.path != folder { opened = nil }
    guard var place = opened else {
      opened = try Folder(at: folder)
      return try open(in: &opened)
    }
    for name in parts.dropLast() { place = try place.folder(name) }
    return try place.openFile(parts.last ?? "")
  }
}

/// What tells a file from another, and from itself before a change.
struct FileStamp: Equatable {
  enum Kind { case file, folder, link, other }

  var kind = Kind.other
  var device: UInt64 = 0
  var number: UInt64 = 0
  var size = 0
  /// Of the last change, in nanoseconds.
  var time = 0

  init() {}

  init?(at path: String, followsLinks: Bool = true) {
    var status = stat()
    let code = path.withPath { followsLinks ? stat($0, &status) : lstat($0, &status) }
    guard code == 0 else { return nil }
    self.init(status)
  }

  /// Of `name` in `folder`, itself if it is a link; nil when it is not there.
  init?(of name: String, in folder: Folder) {
    var status = stat()
    let code = name.withPath { fstatat(folder.descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
    guard code == 0 else { return nil }
    self.init(status)
  }

  /// Of an open file.
  init(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      self.init()
      return
    }
    self.init(status)
  }

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
    size = Int(status.st_size)
    #if canImport(Darwin)
      let changed = status.st_mtimespec
    #else
      let changed = status.st_mtim
    #endif
    time = Int(changed.tv_sec) * 1_000_000_000 + Int(changed.tv_nsec)
  }

  func isSameFile(as other: FileStamp) -> Bool {
    kind == .file && other.kind == .file && device == other.device && number == other.number
  }
}

/// A folder held open. What is opened below it cannot be led elsewhere by a symbolic link.
final class Folder {
  let descriptor: Int32
  let path: String
  /// The folder below it that was opened last: files come sorted.
  private var last: (name: String, folder: Folder)?

  /// The folder a person named: links on the way to it are theirs, and followed.
  convenience init(at path: String) throws(FileError) {
    let descriptor = path.withPath { systemOpen($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileError(path, "open the folder") }
    self.init(descriptor, path)
  }

  private init(_ descriptor: Int32, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// The folder `name` in this one; made, and then told to `isMade`, when it is not there.
  func folder(
    _ name: String, makes: Bool = false, isMade: (Folder) -> Void = { _ in }
  ) throws(FileError) -> Folder {
    if let last, last.name == name { return last.folder }
    let below = "\(path)/\(name)"
    if makes {
      if name.withPath({ mkdirat(descriptor, $0, 0o755) }) == 0 {
        isMade(self)
      } else if errno != EEXIST {
        throw FileError(below, "make the folder")
      }
    }
    let opened = name.withPath {
      openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    guard opened >= 0 else { throw FileError(below, "open the folder") }
    let folder = Folder(opened, below)
    last = (name, folder)
    return folder
  }

  /// Opens the regular file `name` for reading.
  func openFile(_ name: String) throws(FileError) -> Int32 {
    let opened = name.withPath {
      // Without O_NONBLOCK a pipe would be waited for.
      openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    }
    guard opened >= 0 else { throw FileError("\(path)/\(name)", "open") }
    guard FileStamp(of: opened).kind == .file else {
      close(opened)
      throw FileError("\(path)/\(name)", "open", reason: "no longer a regular file")
    }
    return opened
  }
}

extension Folder {
  /// Opens `name` for writing. Errors call it `shown`, the path that people know.
  func create(_ name: String, _ flags: Int32, shownAs shown: String? = nil) throws(FileError)
    -> Int32
  {
    let opened = name.withPath { openat(descriptor, $0, flags | O_NOFOLLOW | O_CLOEXEC, 0o644) }
    guard opened >= 0 else { throw FileError(shown ?? "\(path)/\(name)", "create") }
    return opened
  }

  func rename(_ name: String, to newName: String, in folder: Folder) throws(FileError) {
    let code = name.withPath { from in
      newName.withPath { renameat(descriptor, from, folder.descriptor, $0) }
    }
    guard code == 0 else { throw FileError("\(folder.path)/\(newName)", "rename to") }
  }

  /// Makes the names in this folder last.
  func sync() throws(FileError) {
    guard systemSync(descriptor) == 0 else { throw FileError(path, "sync") }
  }
}

private func systemOpen(_ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 { open(path, flags) }
