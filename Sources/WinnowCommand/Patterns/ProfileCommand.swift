// `winnow patterns profile`: what each rule costs on given texts.
internal import ArgumentParser
internal import Winnow

extension PatternsCommand {
  struct Profile: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What each rule costs on given texts: tries, hits and time, the dearest first.")

    @Argument(help: "Text files, JSONL files and folders; standard input when left out.")
    var paths: [String] = []
    @Option(
      help: ArgumentHelp("The field of a JSONL record that holds the text.", valueName: "name"))
    var field = "text"
    @OptionGroup(title: "Rules") var cleaning: CleaningOptions

    mutating func run() throws {
      let batch = try Batch(
        cleaner: cleaning.makeCleaner(),
        options: .init(
          format: nil, field: field, emit: .text, output: nil, removed: nil, check: true,
          diff: false))
      batch.worker.countCosts()
      try batch.run(paths.isEmpty ? ["-"] : paths)
      let output = Output(descriptor: 1, path: "standard output")
      try output.write("ns\ttries\thits\tns/try\trule\n")
      let costs = batch.worker.costs.filter { $0.tries > 0 }
      for cost in costs.sorted(by: { $0.nanoseconds > $1.nanoseconds }) {
        let each = Int(cost.nanoseconds) / cost.tries
        let name = batch.cleaner.rules.describe(cost.rule).name
        try output.write(
          visible("\(cost.nanoseconds)\t\(cost.tries)\t\(cost.hits)\t\(each)\t\(name)") + "\n")
      }
      try output.flush()
    }
  }
}
