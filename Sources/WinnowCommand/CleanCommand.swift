// `winnow clean`, the command's main use: inputs in, clean documents out, in input order.
internal import ArgumentParser
internal import Winnow
internal import WinnowRules

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

enum InputFormat: String, ExpressibleByArgument, CaseIterable { case text, jsonl }
enum Emit: String, ExpressibleByArgument, CaseIterable { case text, json }

struct CleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean",
    abstract: "Clean files, folders or standard input (the default).",
    discussion: """
      A .txt file is one document; a .jsonl file holds one record a line, whose text field is \
      cleaned while every other byte of the record stays.
      """)

  @Argument(help: "Files and folders; standard input when left out, or for -.")
  var paths: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write to this folder, mirroring the inputs.", valueName: "folder"))
  var output: String?

  @Option(help: "text or jsonl; by the file's extension, and text for standard input.")
  var format: InputFormat?

  @Option(help: ArgumentHelp("The field of a JSONL record that holds the text.", valueName: "name"))
  var field = "text"

  @Option(help: "text; or json: paragraphs and removals with byte offsets.")
  var emit = Emit.text

  @OptionGroup(title: "Cleaning") var cleaning: CleaningOptions

  @Option(
    help: ArgumentHelp("Write what was cut to this file, as JSON Lines.", valueName: "file"))
  var removed: String?

  @Flag(help: "Write nothing; exit with 1 if anything would be removed.")
  var check = false

  @Flag(help: "Write a unified diff instead of the text.")
  var diff = false

  @Flag(help: "Print totals by class and rule to standard error at the end.")
  var stats = false

  @Flag(
    name: .shortAndLong,
    help: "Do not name the documents that were passed through; the exit status still tells.")
  var quiet = false

  func validate() throws {
    if check, output != nil || diff {
      throw ValidationError("--check writes nothing: leave out --output and --diff.")
    }
    if diff, emit == .json { throw ValidationError("--diff and --emit json exclude each other.") }
  }

  mutating func run() throws {
    let batch = try Batch(
      cleaner: cleaning.makeCleaner(),
      options: .init(
        format: format, field: field, emit: emit, output: output, removed: removed,
        check: check, diff: diff))
    batch.isQuiet = quiet
    try batch.run(paths.isEmpty ? ["-"] : paths)
    if stats { batch.totals.print(of: batch.cleaner.rules) }
    if check, batch.totals.removals > 0 { throw Status.found }
    if batch.hasNamed { throw Status.partial }
  }
}

/// One run over some inputs.
final class Batch {
  struct Options {
    let format: InputFormat?
    let field: String
    let emit: Emit
    let output: String?
    let removed: String?
    let check: Bool
    let diff: Bool
  }

  let cleaner: Cleaner
  private let options: Options
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
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
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
    for input in inputs {
      do throws(FileError) {
        try process(input)
      } catch {
        // A file that cannot be read is named and passed by; one that cannot be written ends it.
        guard error.path == input.path, inputs.count > 1 || error.action == "open" else {
          throw error
        }
        name(error.description)
      }
    }
    try standardOutput.flush()
    try removedOutput?.flush()
  }

  private func name(_ message: String) {
    hasNamed = true
    if isQuiet { return }
    Files.say("winnow: \(message)")
  }

  private func process(_ input: Input) throws(FileError) {
    let format = options.format ?? (input.path.hasSuffix(".jsonl") ? .jsonl : .text)
    guard let folder = options.output else {
      return format == .jsonl
        ? try processRecords(of: input, to: standardOutput)
        : try processText(try Files.contents(of: input.path), input, to: standardOutput)
    }
    let target = "\(folder)/\(input.relativePath)"
    if let slash = target.lastIndex(of: "/") { try Files.makeFolder(String(target[..<slash])) }
    let collected = Collected()
    if format == .jsonl {
      try processRecords(of: input, to: collected)
    } else {
      try processText(try Files.contents(of: input.path), input, to: collected)
    }
    try Files.write(collected.bytes, to: target)
  }

  // MARK: Text

  private func processText(
    _ bytes: [UInt8], _ input: Input, to output: any ByteOutput
  ) throws(FileError) {
    let result = cleaner.clean(bytes, using: worker)
    try note(result, of: bytes, document: input.path)
    if options.check { return }
    if options.diff {
      return try output.put(Diff.unified(bytes, result.bytes, name: input.relativePath))
    }
    switch options.emit {
    case .text: try output.put(result.bytes)
    case .json:
      var fields: [(String, JSONValue)] = [("text", .bytes(result.bytes))]
      fields += Explanation(result, source: bytes, rules: cleaner.rules).fields
      try output.put(JSONValue.object(fields).utf8 + [0x0A])
    }
  }

  // MARK: Records

  private func processRecords(
    of input: Input, to output: any ByteOutput
  ) throws(FileError) {
    let descriptor = try Files.openForReading(input.path)
    defer { close(descriptor) }
    var buffer: [UInt8] = []
    var number = 0
    var isOpen = true
    while isOpen {
      isOpen = try Files.read(descriptor, input.path, appendingTo: &buffer)
      var start = 0
      while true {
        var end = buffer.withUnsafeBufferPointer { bytes -> Int? in
          guard let base = bytes.baseAddress, start < bytes.count else { return nil }
          return memchr(base + start, 0x0A, bytes.count - start).map {
            UnsafeRawPointer($0) - UnsafeRawPointer(base)
          }
        }
        if end == nil, !isOpen, start < buffer.count { end = buffer.count }
        guard let end else { break }
        number += 1
        try processRecord(Array(buffer[start..<end]), number, input, to: output)
        if end < buffer.count, !options.check, !options.diff { try output.put([0x0A]) }
        start = end + 1
        if start > buffer.count { start = buffer.count }
      }
      buffer.removeFirst(start)
    }
  }

  private func processRecord(
    _ bytes: [UInt8], _ number: Int, _ input: Input, to output: any ByteOutput
  ) throws(FileError) {
    let isBlank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
    if isBlank {
      if !options.check, !options.diff { try output.put(bytes) }
      return
    }
    let record: JSONRecord
    do throws(RecordFault) {
      record = try bytes.withUnsafeBufferPointer { bytes throws(RecordFault) in
        try JSONRecord(bytes, field: options.field)
      }
    } catch {
      name("\(visible(input.path)):\(number): \(error); passed through unchanged")
      if !options.check, !options.diff { try output.put(bytes) }
      return
    }
    let result = cleaner.clean(record.decoded, using: worker)
    let id = record.names["id"] ?? "\(input.path):\(number)"
    try note(result, of: record.decoded, document: id)
    if options.check { return }
    if options.diff {
      return try output.put(Diff.unified(record.decoded, result.bytes, name: id))
    }
    var line: [UInt8] = []
    line.reserveCapacity(bytes.count + 64)
    line += bytes[..<record.text.lowerBound]
    if result.bytes == record.decoded {
      line += bytes[record.text]
    } else {
      JSONText.quote(result.bytes, to: &line)
    }
    line += bytes[record.text.upperBound..<record.end]
    if options.emit == .json {
      for (key, value) in Explanation(result, source: record.decoded, rules: cleaner.rules).fields {
        line += Array(",\"\(key)\":".utf8)
        line += value.utf8
      }
    }
    line += bytes[record.end...]
    try output.put(line)
  }

  // MARK: The record of what happened

  private func note(
    _ result: CleanedText, of source: [UInt8], document: String
  ) throws(FileError) {
    totals.add(result, rules: cleaner.rules)
    if result.invalidLines > 0 {
      let lines = result.invalidLines == 1 ? "1 line is" : "\(result.invalidLines) lines are"
      name("\(visible(document)): \(lines) not UTF-8; kept byte for byte")
    }
    if result.isSuspicious {
      name("\(visible(document)): would have lost most of its text; only sure rules were used")
    }
    var seen: Set<Int> = []
    for failure in result.failures where seen.insert(failure.rule).inserted {
      let rule = cleaner.rules.describe(failure.rule).name
      name(
        "\(visible(document)):\(failure.line): rule \(visible(rule)): \(failure.reason); "
          + "the text stays")
    }
    guard let removedOutput else { return }
    for removal in result.removals {
      var line = JSONValue.object(
        [("document", .text(document))]
          + Explanation.fields(of: removal, source: source, rules: cleaner.rules)
      ).utf8
      line.append(0x0A)
      try removedOutput.write(line)
    }
  }
}

/// Where a document's bytes go.
protocol ByteOutput: AnyObject {
  func put(_ bytes: [UInt8]) throws(FileError)
}

extension Output: ByteOutput {
  func put(_ bytes: [UInt8]) throws(FileError) { try write(bytes) }
}

/// Bytes kept until a file is complete.
final class Collected: ByteOutput {
  private(set) var bytes: [UInt8] = []
  func put(_ bytes: [UInt8]) { self.bytes += bytes }
}

/// One file to clean.
struct Input {
  /// As given, or `-`.
  let path: String
  /// Below the folder it was found in.
  let relativePath: String

  /// The inputs at `path`, sorted. What is neither file nor folder is named to `complain`.
  static func inputs(at path: String, complain: (String) -> Void) throws -> [Input] {
    if path == "-" { return [Input(path: "-", relativePath: "stdin.txt")] }
    switch Files.kind(of: path) {
    case .file, .other:
      return [Input(path: path, relativePath: String(path.split(separator: "/").last ?? "file"))]
    case .missing: throw FileError(path, "open", code: ENOENT)
    case .folder: return try inputs(in: path, below: "", complain: complain)
    }
  }

  private static func inputs(
    in folder: String, below prefix: String, complain: (String) -> Void
  ) throws -> [Input] {
    var found: [Input] = []
    for name in try Files.names(in: folder) {
      let path = "\(folder)/\(name)"
      if Files.isSymbolicLink(path) {
        complain("\(visible(path)): a symbolic link; passed by")
        continue
      }
      switch Files.kind(of: path) {
      case .folder: found += try inputs(in: path, below: "\(prefix)\(name)/", complain: complain)
      case .file: found.append(Input(path: path, relativePath: prefix + name))
      case .other, .missing: complain("\(visible(path)): not a regular file; passed by")
      }
    }
    return found
  }

  /// An output folder inside an input, or the input itself, would be cleaned next time, or now.
  static func refuse(_ output: String, inside input: String) throws {
    guard input != "-" else { return }
    guard let real = Files.resolvedAhead(output), let source = Files.resolved(input) else { return }
    if real == source || real.hasPrefix(source + "/") {
      throw Complaint(
        "--output \(visible(output)) lies inside the input \(visible(input)); name another folder")
    }
    let parent = source.lastIndex(of: "/").map { String(source[..<$0]) }
    if Files.kind(of: input) == .file, parent == real {
      throw Complaint(
        "--output \(visible(output)) would overwrite \(visible(input)); name another folder")
    }
  }

  /// Two inputs that would be written to one file: the second would be all that is left.
  static func refuseCollisions(of inputs: [Input], in output: String) throws {
    var first: [String: String] = [:]
    for input in inputs {
      if let other = first.updateValue(input.path, forKey: input.relativePath) {
        throw Complaint(
          "\(visible(other)) and \(visible(input.path)) would both be written to "
            + "\(visible(output))/\(visible(input.relativePath)); clean them one by one")
      }
    }
  }
}
