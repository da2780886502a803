// `winnow patterns`: writing, looking at and testing rules. One file a verb.
internal import ArgumentParser

struct PatternsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "patterns",
    abstract: "Write, list, show, check, test and export rules.",
    subcommands: [
      New.self, List.self, Show.self, Check.self, Test.self, Profile.self, Export.self,
    ])
}
