// `winnow patterns show`: rules as people read them, with their examples.
internal import ArgumentParser
internal import Winnow
internal import WinnowRules

extension PatternsCommand {
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
      for rule in all.indices.map(all.describe(_:))
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
}

extension Rule {
  fileprivate var examples: RuleTable.Examples {
    RuleTable.Examples(rule: name, removes: removes, keeps: keeps, gaps: gaps)
  }
}
