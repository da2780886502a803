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
    var jobs = 1
    var readSize = usualReadSize
    var shardSize = usualShardSize

    static let usualReadSize = 256 * 1024
    static let usualShardSize = 64 * 1024 * 1024

    var writesDocuments: Bool { !check && !diff }
    /// Whether portions must know their line numbers before they are cleaned.
    var countsLines: Bool { removed != nil || diff }
    var hashesRejected: Bool { false }

    func format(of input: Input) -> InputFormat {
      format ?? (input.path.hasSuffix(".jsonl") ? .jsonl : .text)
    }
  }

  let cleaner: Cleaner
  private let options: Options
  /// The first thread's.
  let worker: Worker
  private let standardOutput = Output(descriptor: 1, path: "standard output")
  private var removedOutput: Output?
  private(set) var totals = Totals()
  /// Whether some document was passed through unchanged or in part.
  private(set) var hasNamed = false
  var isQuiet = false

  init(cleaner: Cleaner, options: Options) throws {
    self.cleaner = cleaner
    self.options = options
    worker = Worker(rules: cleaner.rules)
    if let path = options.removed {
      let descriptor = path.withPath { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
      guard descriptor >= 0 else { throw FileError(path, "create") }
      removedOutput = Output(descriptor: descriptor, path: path)
    }
  }

  func run(_ paths: [String]) throws {
    let inputs = try paths.flatMap { path throws -> [Input] in
      let found = try Input.inputs(at: path) { [unowned self] message in name(message) }
      if let folder = options.output { try Input.refuse(folder, inside: path) }
      return found
    }
    if let folder = options.output {
      try Input.refuseCollisions(of: inputs, in: folder)
      try Files.makeFolder(folder)
    }
    let pipeline = Pipeline<Portion, Outcome>(most: Self.mostBytes)
    let threads = try start(pipeline, inputs)
    do {
      try write(pipeline, inputs)
    } catch {
      pipeline.cancel()
      for thread in threads { thread.join() }
      throw error
    }
    for thread in threads { thread.join() }
    try standardOutput.close()
    try removedOutput?.close()
  }

  /// Bytes of input under way at a time.
  private static let mostBytes = 8 * 1024 * 1024

  /// Starts the reader and the workers.
  private func start(_ pipeline: Pipeline<Portion, Outcome>, _ inputs: [Input]) throws -> [Thread] {
    var threads: [Thread] = []
    func start(_ body: @escaping @Sendable () -> Void) { Thread(body).map { threads.append($0) } }
    let jobs = inputs.count == 1 && options.format(of: inputs[0]) == .text ? 1 : options.jobs
    for number in 0..<jobs {
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
    let reading = Handed { [options] in Reading(inputs, options, pipeline) }
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

  private func write(_ pipeline: Pipeline<Portion, Outcome>, _ inputs: [Input]) throws {
    var collected: [UInt8] = []
    var lines = 0
    while let (portion, outcome) = pipeline.next() {
      let input = inputs[portion.input]
      totals.add(outcome.totals)
      for note in outcome.notes {
        name(visible(note.document ?? place(input, lines + note.line)) + note.message)
      }
      lines += outcome.lines
      try removedOutput?.write(outcome.removed)
      if case .failure(let error) = portion.content {
        // A file that cannot be read is named and passed by.
        guard inputs.count > 1 || error.action == "open" else { throw error }
        name(error.description)
      } else if let folder = options.output {
        collected += outcome.output
        guard portion.end == .input else { continue }
        let target = "\(folder)/\(input.relativePath)"
        if let slash = target.lastIndex(of: "/") { try Files.makeFolder(String(target[..<slash])) }
        try Files.write(collected, to: target)
      } else {
        try standardOutput.write(outcome.output)
        if inputs.count > 1 || portion.end == .input { try standardOutput.flush() }
      }
      if portion.end == .input {
        collected = []
        lines = 0
      }
    }
  }

  private func place(_ input: Input, _ line: Int) -> String {
    line == 0 ? input.path : "\(input.path):\(line)"
  }

  private func name(_ message: String) {
    hasNamed = true
    if isQuiet { return }
    Files.say("winnow: \(message)")
  }
}

/// What a thread makes for itself and keeps to itself.
private struct Handed<Value>: @unchecked Sendable {
  let make: () -> Value
  init(_ make: @escaping () -> Value) { self.make = make }
}

enum Machine {
  static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
