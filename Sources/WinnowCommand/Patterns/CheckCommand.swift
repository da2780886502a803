// `winnow patterns check`: everything that is wrong with a pack, at once.
internal import ArgumentParser
internal import WinnowPacks
internal import WinnowRules

extension PatternsCommand {
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
}
