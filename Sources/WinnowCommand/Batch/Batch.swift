// One run over some inputs: a thread reads, workers clean, and here is written, in order.
internal import Winnow

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

final class Batch {
  struct Options {
    let format: InputFormat?
    let field: String
    let emit: Emit
    let output: String?
    let removed: String?
    let check: Bool
    let diff: Bool
    /// With `emit` JSON.
    var hasSentences = false
    var hasEdits = false
    var rejects: String?
    /// Percent of the documents.
    var maxRejects = 1.0
    var force = false
    var jobs = 1
    var readSize = usualReadSize
    var shardSize = usualShardSize
    /// What the cleaner was made with; see `Manifest.identity`.
    var identity: [(name: String, value: String)] = []

    static let usualReadSize = 256 * 1024
    static let usualShardSize = 64 * 1024 * 1024

    var writesDocuments: Bool { !check && !diff }
    /// Whether portions must know their line numbers before they are cleaned.
    var countsLines: Bool { removed != nil || diff || output != nil }
    var hashesRejected: Bool { rejects != nil }

    func format(of input: Input) -> InputFormat {
      if let format { return format }
      var path = input.path
      if let compression = Compression(of: path) { path.removeLast(compression.rawValue.count) }
      return path.hasSuffix(".jsonl") ? .jsonl : .text
    }
  }

  let cleaner: Cleaner
  private let options: Options
  /// The first thread's.
  let worker: Worker
  private let standardOutput = Output(descriptor: 1, path: "standard output")
  private var folder: OutputFolder?
  private var removed: Log?
  private var rejects: Log?
  private var interruption: Interruption?
  private var line: ProgressLine?
  /// Of the whole run, what was done before included.
  private var tally = Tally()
  /// Of this run alone: inputs that could not be read, and paths that were passed by.
  private var failures = 0
  private var inputsDone = 0
  var isQuiet = false

  var totals: Totals { tally.totals }
  /// Whether some document was passed through unchanged or in part.
  var hasNamed: Bool { tally.named > 0 || failures > 0 }

  init(cleaner: Cleaner, options: Options) throws {
    self.cleaner = cleaner
    self.options = options
    worker = Worker(rules: cleaner.rules)
  }

  func run(_ paths: [String]) throws {
    var inputs = try paths.flatMap { path throws -> [Input] in
      let found = try Input.inputs(at: path) { message in
        failures += 1
        say(message)
      }
      if let folder = options.output { try Input.refuse(folder, inside: path) }
      return found
    }
    try refuseOverwriting(inputs)
    let all = inputs.count
    if let path = options.output {
      inputs = try inputsToDo(of: inputs, in: path)
      inputsDone = all - inputs.count
    }
    removed = try options.removed.map { try Log($0, from: folder?.manifest.removed) }
    rejects = try options.rejects.map { try Log($0, from: folder?.manifest.rejects) }

    let pipeline = Pipeline<Portion, Outcome>(most: Self.mostBytes)
    if folder != nil { interruption = Interruption { pipeline.cancel() } }
    let progress = Progress()
    let sizes = inputs.map { input -> Int? in
      guard input.stamp.kind == .file else { return nil }
      // What is packed is read from its start again.
      return input.stamp.size - (Compression(of: input.path) == nil ? input.start?.offset ?? 0 : 0)
    }
    line = ProgressLine(
      progress, total: sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) },
      isWanted: !isQuiet && (folder != nil || !Files.isTerminal(1)))
    let threads = try start(pipeline, inputs, progress)
    do {
      try write(pipeline, inputs)
      try finish(all)
    } catch let error as Interrupted {
      // The process ends at once: a thread may be waiting for input that never comes.
      throw error
    } catch {
      line?.clear()
      pipeline.cancel()
      for thread in threads { thread.join() }
      if let draft = current.draft { folder?.drop(draft) }
      folder?.abandon()
      throw error
    }
    for thread in threads { thread.join() }
  }

  // MARK: Before

  private func refuseOverwriting(_ inputs: [Input]) throws {
    let outputs =
      [options.removed, options.rejects].compactMap { $0 }.compactMap { path in
        FileStamp(at: path).map { (path, $0) }
      } + [("standard output", FileStamp(of: 1))]
    for (path, stamp) in outputs where stamp.kind == .file {
      // An empty file loses nothing: the shell may have emptied it already.
      for input in inputs where input.stamp.isSameFile(as: stamp) && stamp.size > 0 {
        throw Complaint(
          "\(visible(path)) is the input \(visible(input.path)), which would be lost; name another")
      }
    }
    if let removed = options.removed, removed == options.rejects {
      throw Complaint("--removed and --rejects name the same file; give each its own")
    }
  }

  /// Opens the output folder; the inputs that no earlier run has done, each with its start.
  private func inputsToDo(of inputs: [Input], in path: String) throws -> [Input] {
    try Input.refuseCollisions(of: inputs, in: path)
    let folder = try OutputFolder(
      at: path, identity: options.identity, inputs: inputs, force: options.force)
    self.folder = folder
    if folder.ignoresCase {
      try Input.refuseCollisions(of: inputs, in: path, ignoringCase: true)
    }
    tally = folder.manifest.tally
    var rest: [Input] = []
    for var input in inputs {
      guard let entry = folder.manifest.entries[input.relativePath] else {
        rest.append(input)
        continue
      }
      guard input.path != "-", entry.matches(input.stamp) else {
        throw Complaint(
          "\(visible(input.path)) is not what it was when \(visible(path)) was begun; name another "
            + "folder, or give --force to clean all anew")
      }
      if let shard = entry.shard {
        input.start = shard
        rest.append(input)
      }
    }
    if folder.isResumed, !folder.manifest.entries.isEmpty, !isQuiet {
      let begun = rest.contains { $0.start != nil } ? ", one in part" : ""
      say(
        "\(visible(path)): \(inputs.count - rest.count) of \(inputs.count) inputs were done before\(begun)"
      )
    }
    return rest
  }

  /// Bytes of input under way at a time.
  private static let mostBytes = 8 * 1024 * 1024

  /// Starts the reader and the workers.
  private func start(
    _ pipeline: Pipeline<Portion, Outcome>, _ inputs: [Input], _ progress: Progress
  ) throws -> [Thread] {
    var threads: [Thread] = []
    func start(_ body: @escaping @Sendable () -> Void) { Thread(body).map { threads.append($0) } }
    let isOneText = inputs.count <= 1 && inputs.allSatisfy { options.format(of: $0) == .text }
    for number in 0..<(isOneText ? 1 : options.jobs) {
      let cleaner = Handed { [cleaner, options, worker] in
        DocumentCleaner(
          cleaner, number == 0 ? worker : Worker(rules: cleaner.rules), inputs, options)
      }
      start {
        let cleaner = cleaner.make()
        while let ticket = pipeline.take() {
          pipeline.finish(ticket, cleaner.clean(ticket.work))
        }
      }
    }
    let workers = threads.count
    let reading = Handed { [options] in Reading(inputs, options, pipeline, progress) }
    start {
      var reading = reading.make()
      reading.run()
    }
    guard workers > 0, threads.count > workers else {
      pipeline.cancel()
      for thread in threads { thread.join() }
      throw Complaint("no thread could be started; give --jobs 1, or free some memory")
    }
    return threads
  }

  // MARK: Writing

  /// Where the input that is being written stands.
  private struct Current {
    var draft: OutputFolder.Draft?
    var lines = 0
    /// What is not in the manifest yet.
    var tally = Tally()
    var removed = 0
    var rejects = 0
  }

  private var current = Current()

  private func write(_ pipeline: Pipeline<Portion, Outcome>, _ inputs: [Input]) throws {
    var last = -1
    while let (portion, outcome) = pipeline.next() {
      let input = inputs[portion.input]
      if portion.input != last {
        last = portion.input
        current = Current(
          lines: input.start?.lines ?? 0,
          removed: removed?.length ?? 0, rejects: rejects?.length ?? 0)
      }
      if case .failure(let error) = portion.content {
        try dropCurrent()
        // A file that cannot be read is named and passed by.
        guard inputs.count > 1 || error.action == "open" else { throw error }
        failures += 1
        try refuseTooManyRejects(tally.documents + failures, last: error.description)
        // --quiet is for documents that are there unchanged; this one is not there.
        line?.clear()
        Files.say("winnow: \(error.description)")
        continue
      }
      try note(outcome, input)
      try removed?.write(outcome.removed)
      if let folder {
        try write(outcome.output, portion, input, folder)
      } else {
        try standardOutput.write(outcome.output)
        // People who look on see each document as it comes.
        if portion.end == .input || inputs.count == 1 { try standardOutput.flush() }
      }
      if portion.end == .input { inputsDone += 1 }
      line?.show(documents: tally.documents)
    }
    if let signal = interruption?.signal { try stop(signal, inputs.count) }
  }

  private func write(
    _ bytes: [UInt8], _ portion: Portion, _ input: Input, _ folder: OutputFolder
  ) throws {
    let draft = try current.draft ?? folder.draft(for: input.relativePath, from: input.start)
    current.draft = draft
    try draft.bytes.put(bytes)
    func entry(_ shard: ManifestEntry.Shard?) -> ManifestEntry {
      ManifestEntry(
        path: input.relativePath, size: input.stamp.size, time: input.stamp.time,
        removed: removed?.length ?? 0, rejects: rejects?.length ?? 0, tally: current.tally,
        shard: shard)
    }
    switch portion.end {
    case .none: return
    case .input:
      try folder.finish(draft, entry(nil))
      current.draft = nil
      if folder.isCommitDue { try commit(folder) }
    case .shard:
      // Standard input cannot be read again from there.
      guard input.stamp.kind == .file else { return }
      try syncLogs()
      try folder.checkpoint(draft) { name, length in
        entry(
          .init(
            offset: portion.offset + portion.count, lines: current.lines, draft: name,
            length: length))
      }
    }
    current.tally = Tally()
    current.removed = removed?.length ?? 0
    current.rejects = rejects?.length ?? 0
  }

  /// Forgets what the input has left so far, but for whole shards.
  private func dropCurrent() throws {
    guard let folder else { return }
    if let draft = current.draft { folder.drop(draft) }
    current.draft = nil
    try removed?.rewind(to: current.removed)
    try rejects?.rewind(to: current.rejects)
    tally.subtract(current.tally)
  }

  private func commit(_ folder: OutputFolder) throws {
    try syncLogs()
    try folder.commit()
  }

  private func syncLogs() throws {
    try removed?.sync()
    try rejects?.sync()
  }

  private func finish(_ all: Int) throws {
    if let folder {
      try commit(folder)
      try folder.end()
    }
    line?.clear()
    try standardOutput.close()
    try removed?.close()
    try rejects?.close()
  }

  /// Keeps what is done and says how to go on.
  private func stop(_ signal: Int32, _ count: Int) throws -> Never {
    line?.clear()
    if let folder {
      try commit(folder)
      if let draft = current.draft { folder.drop(draft) }
    }
    say("stopped by a signal with \(inputsDone) inputs done; the same command goes on from here")
    throw Interrupted(signal: signal)
  }

  // MARK: Messages

  private func note(_ outcome: Outcome, _ input: Input) throws {
    let before = tally.documents
    for note in outcome.notes {
      let place = note.line == 0 ? input.path : "\(input.path):\(current.lines + note.line)"
      current.tally.named += 1
      tally.named += 1
      say(visible(note.document ?? place) + note.message)
      guard let rejection = note.rejection else { continue }
      current.tally.rejected += 1
      tally.rejected += 1
      try refuseTooManyRejects(before + note.documents, last: place + note.message)
      var fields: [(String, JSONValue)] = [("document", .bytes(Path.bytes(input.path)))]
      if note.line > 0 { fields.append(("line", .number(current.lines + note.line))) }
      if let id = rejection.id { fields.append(("id", .text(id))) }
      fields += [
        ("offset", .number(rejection.offset)),
        ("reason", .text(rejection.reason)),
      ]
      if let sha256 = rejection.sha256 { fields.append(("sha256", .text(sha256))) }
      try rejects?.write(JSONValue.object(fields).utf8 + [0x0A])
    }
    current.tally.totals.add(outcome.totals)
    tally.totals.add(outcome.totals)
    current.lines += outcome.lines
  }

  /// More than a few documents in a hundred that cannot be read are no accident: the wrong field,
  /// the wrong format, a broken disk.
  private func refuseTooManyRejects(_ documents: Int, last: String) throws {
    let rejected = tally.rejected + failures
    guard rejected >= 100, Double(rejected) * 100 > options.maxRejects * Double(documents) else {
      return
    }
    throw Complaint(
      "stopped: \(rejected) of \(documents) documents could not be read, the last one "
        + "\(visible(last)); mend the cause, or give --max-rejects with more than "
        + "\(options.maxRejects) percent")
  }

  private func say(_ message: String) {
    if isQuiet { return }
    line?.clear()
    Files.say("winnow: \(message)")
  }
}

/// The run was ended by a signal.
struct Interrupted: Error {
  let signal: Int32
}

/// What a thread makes for itself and keeps to itself.
private struct Handed<Value>: @unchecked Sendable {
  let make: () -> Value
  init(_ make: @escaping () -> Value) { self.make = make }
}

enum Machine {
  static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
