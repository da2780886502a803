// `winnow patterns check`: everything that is wrong with a pack, at once.
internal import ArgumentParser
internal import WinnowPacks
internal import WinnowRules

extension PatternsCommand {
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check rule packs; every problem with its place and the way out.",
      discussion: """
        With --against, a rule that takes text which must stay is too broad. With --texts, a rule \
        that hits nothing there is dead. The built-in rules and their `keeps` are always asked.
        """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif }

    @Argument(help: "Packs and folders of packs.") var paths: [String]
    @Option(
      help: ArgumentHelp(
        "Texts of which nothing may go: files, folders, JSONL, or labelled articles, of which kept "
          + "lines count. Repeatable.", valueName: "path"))
    var against: [String] = []
    @Option(
      help: ArgumentHelp(
        "Texts as they are scraped, in which each rule should hit something. Repeatable.",
        valueName: "path"))
    var texts: [String] = []
    @Option(
      help: ArgumentHelp("The field of a JSONL record that holds the text.", valueName: "name"))
    var field = "text"
    @Flag(help: "Do not compare with the built-in rules and their `keeps`.")
    var noBuiltIn = false
    @Option(help: "text; json; or sarif, for code review tools.")
    var format = Format.text
    @Flag(help: "Warnings count as errors.") var strict = false

    mutating func run() throws {
      let readings = paths.flatMap { PackFolder.readPacks(at: $0, isThorough: true) }
      var check = PackCheck(readings, besidesBuiltIn: !noBuiltIn)
      try check.run(
        against: Documents(paths: against, field: field),
        texts: texts.isEmpty ? nil : Documents(paths: texts, field: field))
      let report = ProblemReport(check.problems)
      let output = Output(descriptor: 1, path: "standard output")
      switch format {
      case .text: try output.write(report.text)
      case .json: try output.write(report.json)
      case .sarif: try output.write(report.sarif)
      }
      try output.flush()
      let errors = check.problems.count { $0.severity == .error }
      let warnings = check.problems.count - errors
      let rules = readings.reduce(0) { $0 + ($1.pack?.rules.count ?? 0) }
      Files.say("\(rules) rules: \(errors) errors, \(warnings) warnings")
      if errors > 0 || (strict && warnings > 0) { throw Status.found }
    }
  }
}
