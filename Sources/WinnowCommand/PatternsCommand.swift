// `winnow patterns`: looking at rules and testing them.
internal import ArgumentParser
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

struct PatternsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "patterns",
    abstract: "List, show, check and test rules.",
    subcommands: [List.self, Show.self, Check.self, Test.self, Profile.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List rules, one a line.")

    @OptionGroup(title: "Rules") var cleaning: CleaningOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() throws {
      let rules = try cleaning.makeCleaner().rules
      let output = Output(descriptor: 1, path: "standard output")
      for rule in (0..<rules.count).map(rules.describe(_:)) {
        if json {
          try output.write(
            JSONValue.object([
              ("name", .text(rule.name)), ("kind", .text(rule.kind)),
              ("category", .text(rule.category.rawValue)),
              ("confidence", .text(rule.confidence.rawValue)),
              ("language", .text(rule.language)), ("summary", .text(rule.summary)),
            ]).utf8 + [0x0A])
        } else {
          try output.write(
            visible("\(rule.name)\t\(rule.kind)\t\(rule.confidence.rawValue)\t\(rule.summary)")
              + "\n")
        }
      }
      try output.flush()
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show rules with their examples.")

    @Argument(help: "A rule, a pack or a language.") var name: String
    @Option(help: "A rule pack or a folder of packs to add. Repeatable.") var patterns: [String] =
      []
    @Option(help: "When to use colour: auto, always or never.") var color = ColorChoice.auto

    mutating func run() throws {
      let ink = Ink(color)
      let own = try Packs.rules(at: patterns)
      var sources = [RuleSource.builtIn]
      if !own.isEmpty { sources.append(RuleSource(rules: own)) }
      let all = RuleSet(sources, selection: .everything(at: nil))
      let examples = RuleSource.builtInExamples() + own.map(\.examples)
      let output = Output(descriptor: 1, path: "standard output")
      var hasFound = false
      for rule in (0..<all.count).map(all.describe(_:))
      where rule.name == name || rule.name.hasPrefix(name + "/") {
        hasFound = true
        try output.write(
          "\(ink.tag(rule.category)) \(visible(rule.name)) (\(rule.kind), \(rule.confidence.rawValue))\n"
        )
        try output.write("  \(visible(rule.summary))\n")
        guard let examples = examples.first(where: { $0.rule == rule.name }) else { continue }
        try write(examples.removes, "removes", ink, output)
        try write(examples.keeps, "keeps", ink, output)
        try write(examples.gaps, "gaps", ink, output)
      }
      guard hasFound else {
        throw Complaint(
          "no rule, pack or language is called \"\(visible(name))\"; "
            + "`winnow patterns list` shows them")
      }
      try output.flush()
    }

    private func write(
      _ examples: [Rule.Example], _ key: String, _ ink: Ink, _ output: Output
    ) throws(FileError) {
      for example in examples {
        try output.write(ink.quiet("  \(key) (\(example.place.file):\(example.place.line))\n"))
        for line in marked(example.text, ink).split(separator: "\n") {
          try output.write("    \(line)\n")
        }
      }
    }

    private func marked(_ text: String, _ ink: Ink) -> String {
      guard ink.isOn else {
        return text.split(separator: "\n").map { visible($0) }.joined(separator: "\n")
      }
      var isCut = false
      return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        var shown = ""
        var piece = ""
        for character in line {
          if character == "⟦" || character == "⟧" {
            shown += isCut ? ink.removed(piece) : visible(piece)
            piece = ""
            isCut = character == "⟦"
          } else {
            piece += visible(String(character))
          }
        }
        return shown + (piece.isEmpty ? "" : isCut ? ink.removed(piece) : piece)
      }.joined(separator: "\n")
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check rule packs; every problem with its place and the way out.")

    @Argument(help: "Packs and folders of packs.") var paths: [String]
    @Flag(help: "Warnings count as errors.") var strict = false

    mutating func run() throws {
      var errors = 0
      var warnings = 0
      var rules = 0
      for reading in paths.flatMap({ PackFolder.readPacks(at: $0) }) {
        for problem in reading.problems {
          Files.say(visible(problem.description))
          if problem.severity == .error { errors += 1 } else { warnings += 1 }
        }
        rules += reading.pack?.rules.count ?? 0
      }
      Files.say("\(rules) rules: \(errors) errors, \(warnings) warnings")
      if errors > 0 || (strict && warnings > 0) { throw Status.found }
    }
  }

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

  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run the examples of rules; the built-in ones when no pack is named.")

    @Argument(help: "Packs and folders of packs.") var paths: [String] = []
    @Flag(help: "Run the examples only as they are written.") var plain = false

    mutating func run() throws {
      let rules = try paths.isEmpty ? RuleSource.builtInRules() : Packs.rules(at: paths)
      let mutations: [ExampleTest.Mutation] = plain ? [.asWritten] : ExampleTest.Mutation.allCases
      var failures = 0
      var examples = 0
      for rule in rules {
        examples += rule.removes.count + rule.keeps.count + rule.gaps.count
        let test = ExampleTest(rule, isTrusted: paths.isEmpty)
        for failure in test.failures(mutations: mutations) {
          Files.say(
            "\(visible(failure.place.description)): \(rule.name): \(visible(failure.message))")
          failures += 1
        }
      }
      Files.say("\(rules.count) rules, \(examples) examples: \(failures) failures")
      if failures > 0 { throw Status.found }
    }
  }
}

extension Rule {
  fileprivate var examples: RuleTable.Examples {
    RuleTable.Examples(rule: name, removes: removes, keeps: keeps, gaps: gaps)
  }
}
