// `winnow patterns test`: the examples of rules, as written and written anew.
internal import ArgumentParser
internal import Winnow
internal import WinnowRules

extension PatternsCommand {
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
