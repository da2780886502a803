// `winnow patterns list`: the rules that the options choose, one a line.
internal import ArgumentParser
internal import Winnow
internal import WinnowRules

extension PatternsCommand {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List rules, one a line.")

    @OptionGroup(title: "Rules") var cleaning: CleaningOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() throws {
      let rules = try cleaning.makeCleaner().rules
      let output = Output(descriptor: 1, path: "standard output")
      for rule in rules.indices.map(rules.describe(_:)) {
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
}
