// `winnow evidence`: the facts and words of each line, for Scripts/fit-evidence.py.
internal import ArgumentParser
internal import Winnow
internal import WinnowRules

struct EvidenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence",
    abstract: "Print what evidence there is on each line of JSONL texts.",
    shouldDisplay: false)

  @Argument(help: "A JSONL file.") var path: String
  @Option(help: ArgumentHelp("The field that holds the text.", valueName: "name")) var field =
    "text"
  @OptionGroup(title: "Rules") var cleaning: CleaningOptions

  mutating func run() throws {
    cleaning.ignore.append("evidence")
    let worker = Worker(rules: try cleaning.makeCleaner().rules)
    let output = Output(descriptor: 1, path: "standard output")
    for record in try Files.contents(of: path).split(separator: 0x0A) {
      let read = try Array(record).withUnsafeBufferPointer { bytes throws(RecordFault) in
        try JSONRecord(bytes, field: field)
      }
      let lines = read.decoded.withUnsafeBufferPointer { worker.evidence(in: $0) }
      try output.write(
        JSONValue.object([
          ("id", .text(read.names["id"] ?? "")),
          (
            "lines",
            .list(
              lines.map { line in
                .object([
                  ("line", .number(line.line)), ("removed", .number(line.isRemoved ? 1 : 0)),
                  ("open", .number(line.isOpen ? 1 : 0)),
                  ("facts", .list(line.facts.map { .text($0) })),
                  ("words", .list(line.words.map { .text($0) })),
                ])
              })
          ),
        ]).utf8 + [0x0A])
    }
    try output.flush()
  }
}
