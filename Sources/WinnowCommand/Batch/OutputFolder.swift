// The folder of `--output`: drafts in, whole files out, and nothing in between to be seen.
//
// A file is written as a draft in `.winnow/drafts`. When it is complete it is synced, given its
// name, its folder synced, and only then does the manifest say that it is done. Nothing here
// follows a symbolic link below the folder.
#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

final class OutputFolder {
  /// A file that is not complete.
  final class Draft {
    fileprivate let name: String
    /// Below the folder.
    let target: String
    fileprivate let file: Output
    let bytes: any ByteOutput
    /// Whether the manifest may know of it.
    fileprivate var isInPart: Bool

    fileprivate init(
      name: String, target: String, file: Output, bytes: any ByteOutput, isInPart: Bool
    ) {
      self.name = name
      self.target = target
      self.file = file
      self.bytes = bytes
      self.isInPart = isInPart
    }
  }

  /// A complete draft that waits for its name.
  private struct Finished {
    let draft: Draft
    let entry: ManifestEntry
  }

  let path: String
  private(set) var manifest: Manifest
  /// Whether an earlier run left something to go on from.
  let isResumed: Bool
  /// Whether the disk takes `A` and `a` for the same name.
  let ignoresCase: Bool
  private let top: Folder
  private let own: Folder
  private let drafts: Folder
  private let lock: Int32
  private let journal: Output
  private let identities: Set<FileIdentity>
  private var finished: [Finished] = []
  private var finishedBytes = 0
  private var lastCommit = Clock.milliseconds
  private var nextDraft = 1

  private static let ownName = ".winnow"
  private static let manifestName = "manifest"

  /// Opens or makes the folder and locks it.
  ///
  /// A folder that a run with another `identity` wrote to is refused, and so is one that holds
  /// files of which no manifest knows; `force` takes both and starts anew.
  init(
    at path: String, identity: [(name: String, value: String)], inputs: [Input], force: Bool
  ) throws {
    self.path = path
    try Files.makeFolder(path)
    top = try Folder(at: path)
    let isNew = Files.kind(of: "\(path)/\(Self.ownName)/\(Self.manifestName)") == .missing
    if isNew, !force, let name = try Files.names(in: path).first {
      throw Complaint(
        "\(visible(path)) holds \(visible(name)), and was not made by winnow; name a new folder, "
          + "or give --force to write into it")
    }
    own = try top.folder(Self.ownName, makes: true)
    lock = try Self.lock(own, of: path)
    ignoresCase = FileStamp(of: "LOCK", in: own) != nil
    drafts = try own.folder("drafts", makes: true)
    identities = Set(inputs.map { FileIdentity($0.stamp) })
    let old = force ? nil : try Self.readManifest(own)
    if let old { try Self.refuse(old, for: identity, at: path) }
    isResumed = old != nil
    manifest = old ?? Manifest(identity: identity)
    if old == nil { try Self.writeManifest(manifest.header, own, path) }
    let file = try own.create(Self.manifestName, O_WRONLY)
    journal = Output(descriptor: file, path: "\(own.path)/\(Self.manifestName)")
    guard ftruncate(file, off_t(manifest.length)) == 0, lseek(file, 0, SEEK_END) >= 0 else {
      throw FileError(own.path + "/" + Self.manifestName, "write")
    }
    // What was under way when the last run ended is done again, but for whole shards.
    let kept = Set(manifest.entries.values.compactMap { $0.shard?.draft })
    for name in try Files.names(in: drafts.path) where !kept.contains(name) {
      _ = name.withPath { unlinkat(drafts.descriptor, $0, 0) }
    }
    nextDraft = (kept.compactMap { Int($0) }.max() ?? 0) + 1
  }

  /// One run at a time writes here.
  private static func lock(_ own: Folder, of path: String) throws -> Int32 {
    let lock = try own.create("lock", O_RDWR | O_CREAT)
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? Files.read(lock, own.path, count: 400)) ?? []
      let name = String(decoding: holder.prefix { $0 != 0x0A }, as: UTF8.self)
      close(lock)
      throw Complaint(
        "\(visible(path)): another run writes here (\(visible(name))); wait for it, or name "
          + "another folder")
    }
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let name = String(
      decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let output = Output(descriptor: lock, path: "\(own.path)/lock")
    _ = ftruncate(lock, 0)
    try output.write("process \(getpid()) on \(name)\n")
    try output.flush()
    return lock
  }

  private static func readManifest(_ own: Folder) throws -> Manifest? {
    guard FileStamp(of: manifestName, in: own) != nil else { return nil }
    let file = try own.openFile(manifestName)
    defer { close(file) }
    let bytes = try Files.contents(of: file, path: "\(own.path)/\(manifestName)")
    guard let manifest = Manifest(bytes) else {
      throw Complaint(
        "\(visible(own.path))/\(manifestName) cannot be read as a manifest; give --force to clean "
          + "all anew")
    }
    return manifest
  }

  private static func refuse(
    _ old: Manifest, for identity: [(name: String, value: String)], at path: String
  ) throws {
    for (name, value) in identity {
      let was = old.identity.first { $0.name == name }?.value ?? "none"
      guard was != value else { continue }
      let change = name == "packs" ? "other rules" : "\(name) \(was), not \(value)"
      throw Complaint(
        "\(visible(path)) was made with \(visible(change)); name another folder, or give --force "
          + "to clean all anew")
    }
  }

  private static func writeManifest(_ bytes: [UInt8], _ own: Folder, _ path: String) throws {
    let draft = "manifest.new"
    _ = unlinkat(own.descriptor, draft, 0)
    let output = Output(
      descriptor: try own.create(draft, O_WRONLY | O_CREAT | O_EXCL),
      path: "\(own.path)/\(manifestName)")
    try output.write(bytes)
    try output.sync()
    try output.close()
    try own.rename(draft, to: manifestName, in: own)
    try own.sync()
    try Folder(at: path).sync()
  }

  // MARK: Drafts

  /// A new draft for the file `target`, or the one that `shard` left.
  func draft(for target: String, from shard: ManifestEntry.Shard?) throws(FileError) -> Draft {
    let shown = "\(path)/\(target)"
    let name = shard?.draft ?? "\(nextDraft)"
    let descriptor: Int32
    if let shard {
      if FileStamp(of: name, in: drafts) == nil { try takeBack(target, as: name) }
      descriptor = try drafts.create(name, O_WRONLY, shownAs: shown)
      guard FileStamp(of: descriptor).size >= shard.length else {
        close(descriptor)
        throw FileError(
          "\(drafts.path)/\(name)", "go on with", reason: "it is shorter than the manifest says")
      }
      guard ftruncate(descriptor, off_t(shard.length)) == 0, lseek(descriptor, 0, SEEK_END) >= 0
      else {
        let error = FileError(shown, "write")
        close(descriptor)
        throw error
      }
    } else {
      nextDraft += 1
      descriptor = try drafts.create(name, O_WRONLY | O_CREAT | O_EXCL, shownAs: shown)
    }
    let file = Output(descriptor: descriptor, path: shown)
    guard let compression = Compression(of: target) else {
      return Draft(
        name: name, target: target, file: file, bytes: file, isInPart: shard != nil)
    }
    let encoded = try EncodedOutput(
      file, compression, path: shown, isEmpty: (shard?.length ?? 0) == 0)
    return Draft(
      name: name, target: target, file: file, bytes: encoded, isInPart: shard != nil)
  }

  /// The last run ended between giving the draft its name and saying so in the manifest.
  private func takeBack(_ target: String, as name: String) throws(FileError) {
    let parts = target.split(separator: "/").map(String.init)
    var folder = top
    for part in parts.dropLast() { folder = try folder.folder(part) }
    try folder.rename(parts.last ?? "", to: name, in: drafts)
  }

  /// A draft that is not gone on with: what the manifest knows of it stays for the next run.
  func drop(_ draft: Draft) {
    (draft.bytes as? EncodedOutput)?.stop()
    try? draft.file.close()
    if draft.isInPart { return }
    _ = draft.name.withPath { unlinkat(drafts.descriptor, $0, 0) }
  }

  /// A draft that is complete. It gets its name with the next commit.
  func finish(_ draft: Draft, _ entry: ManifestEntry) throws(FileError) {
    try draft.bytes.flush()
    // A compressor that waits for the commit would keep its memory: of zstd's, 128 are a gigabyte.
    (draft.bytes as? EncodedOutput)?.stop()
    finished.append(Finished(draft: draft, entry: entry))
    finishedBytes += FileStamp(of: draft.file.descriptor).size
  }

  /// Whether enough is finished for a commit.
  var isCommitDue: Bool {
    finished.count >= 128 || finishedBytes >= 32 << 20
      || !finished.isEmpty && Clock.milliseconds - lastCommit >= 250
  }

  /// Gives what is finished its names, and then says so in the manifest.
  func commit() throws(FileError) {
    defer { lastCommit = Clock.milliseconds }
    if finished.isEmpty { return }
    try Output.sync(finished.map(\.draft.file))
    var folders: [ObjectIdentifier: Folder] = [:]
    for file in finished {
      try file.draft.file.close()
      var folder = top
      let parts = file.draft.target.split(separator: "/").map(String.init)
      for part in parts.dropLast() {
        folder = try folder.folder(part, makes: true) { folders[ObjectIdentifier($0)] = $0 }
      }
      let name = parts.last ?? ""
      if let stamp = FileStamp(of: name, in: folder), identities.contains(FileIdentity(stamp)) {
        throw FileError("\(folder.path)/\(name)", "write", reason: "it is an input")
      }
      try drafts.rename(file.draft.name, to: name, in: folder)
      folders[ObjectIdentifier(folder)] = folder
    }
    for folder in folders.values { try folder.sync() }
    try write(finished.map(\.entry))
    finished = []
    finishedBytes = 0
  }

  /// A shard of `draft` is complete: all up to here counts from now on.
  func checkpoint(_ draft: Draft, _ entry: (_ draft: String, _ length: Int) -> ManifestEntry)
    throws(FileError)
  {
    try commit()
    try draft.bytes.flush()
    try draft.file.sync()
    try drafts.sync()
    draft.isInPart = true
    try write([entry(draft.name, FileStamp(of: draft.file.descriptor).size)])
  }

  private func write(_ entries: [ManifestEntry]) throws(FileError) {
    for entry in entries { try journal.write(entry.line) }
    try journal.flush()
    try journal.sync()
  }

  /// Drops what is not committed.
  func abandon() {
    for file in finished { drop(file.draft) }
    finished = []
  }

  /// The run is over.
  func end() throws(FileError) {
    try journal.close()
    _ = unlinkat(own.descriptor, "drafts", AT_REMOVEDIR)
  }
}

/// A file, whatever it is called.
private struct FileIdentity: Hashable {
  let device: UInt64
  let number: UInt64

  init(_ stamp: FileStamp) {
    device = stamp.device
    number = stamp.number
  }
}

enum Clock {
  static var milliseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
  }
}
