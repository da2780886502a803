// `winnow clean`, the command's main use: inputs in, clean documents out, in input order.
internal import ArgumentParser
internal import PCRE2
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

enum InputFormat: String, ExpressibleByArgument, CaseIterable { case text, jsonl }
enum Emit: String, ExpressibleByArgument, CaseIterable { case text, json, lines, markdown }

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

  @Option(
    help: ArgumentHelp(
      "text; json: paragraphs and removals with byte offsets; lines: a paragraph a line; or "
        + "markdown.", valueName: "shape"))
  var emit = Emit.text

  @Flag(help: "With --emit json: sentences with byte offsets.")
  var sentences = false

  @Flag(help: "With --emit json: every change with its byte offsets and causes.")
  var edits = false

  @OptionGroup(title: "Cleaning") var cleaning: CleaningOptions

  @Option(
    help: ArgumentHelp("Write what was cut to this file, as JSON Lines.", valueName: "file"))
  var removed: String?

  @Option(
    help: ArgumentHelp(
      "Write which documents were passed through unchanged to this file, as JSON Lines: place, id, "
        + "reason and SHA-256.", valueName: "file"))
  var rejects: String?

  @Option(
    help: ArgumentHelp(
      "Stop when more than this share of the documents, and at least 100, cannot be read.",
      valueName: "percent"))
  var maxRejects = 1.0

  @Flag(
    help: "With --output: write into a folder that holds other files, and clean all anew.")
  var force = false

  @Flag(help: "Write nothing; exit with 1 if anything would be removed.")
  var check = false

  @Flag(help: "Write a unified diff instead of the text.")
  var diff = false

  @Option(
    help: ArgumentHelp(
      "Threads that clean; the output is the same for any number. The machine's cores by default.",
      valueName: "number"))
  var jobs: Int?

  @Flag(help: "Print totals by class and rule to standard error at the end.")
  var stats = false

  @Flag(
    name: .shortAndLong,
    help: "Do not name the documents that were passed through; the exit status still tells.")
  var quiet = false

  /// How much is read at once: the output is the same, and this is there to prove it.
  @Option(help: .hidden) var readSize = Batch.Options.usualReadSize
  /// How much of a JSONL file is done before it counts as done.
  @Option(help: .hidden) var shardSize = Batch.Options.usualShardSize

  func validate() throws {
    guard jobs.map({ $0 > 0 }) ?? true, readSize > 0, shardSize > 0 else {
      throw ValidationError("--jobs must be 1 or more.")
    }
    if check, output != nil || diff {
      throw ValidationError("--check writes nothing: leave out --output and --diff.")
    }
    if diff, emit != .text {
      throw ValidationError("--diff and --emit \(emit.rawValue) exclude each other.")
    }
    if emit != .json, sentences || edits {
      throw ValidationError(
        "--\(sentences ? "sentences" : "edits") goes with --emit json: the text is not changed.")
    }
  }

  mutating func run() throws {
    let choices = try Choices(cleaning)
    let cleaner = try choices.makeCleaner()
    var options = Batch.Options(
      format: format, field: field, emit: emit, output: output, removed: removed, check: check,
      diff: diff, hasSentences: sentences, hasEdits: edits, rejects: rejects,
      maxRejects: maxRejects, force: force,
      jobs: jobs ?? Machine.cores, readSize: readSize, shardSize: shardSize)
    if output != nil { options.identity = identity(of: cleaner, choices) }
    let batch = try Batch(cleaner: cleaner, options: options)
    batch.isQuiet = quiet
    try batch.run(paths.isEmpty ? ["-"] : paths)
    if stats { batch.totals.print(of: batch.cleaner.rules) }
    if check, batch.totals.removals > 0 { throw Status.found }
    if batch.hasNamed { throw Status.partial }
  }

  /// All that decides what comes out, so that no folder holds the work of two versions.
  private func identity(
    of cleaner: Cleaner, _ choices: Choices
  ) -> [(name: String, value: String)] {
    var rules = Fingerprint()
    cleaner.rules.forEachPart { rules.add($0) }
    let chosen = Choices.Key.allCases.filter { $0 != .patterns && $0 != .builtIn }.map {
      ($0.rawValue, choices.values(of: $0).map(\.text).joined(separator: " "))
    }
    return [
      ("winnow", WinnowCommand.version), ("pcre2", Pattern.libraryVersion),
      ("packs", rules.text),
    ] + chosen + [
      ("format", format?.rawValue ?? "by extension"), ("field", field), ("emit", emit.rawValue),
      ("sentences", "\(sentences)"), ("edits", "\(edits)"),
      ("diff", "\(diff)"), ("shard-size", "\(shardSize)"),
      ("removed", removed ?? ""), ("rejects", rejects ?? ""),
    ]
  }
}
