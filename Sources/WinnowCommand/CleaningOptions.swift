// The options that say how to clean, shared by the verbs that clean.
public import ArgumentParser
public import Winnow
internal import WinnowPacks
public import WinnowRules

extension WinnowRules.Category: ExpressibleByArgument {}
extension Confidence: ExpressibleByArgument {}
extension ParagraphLayout: ExpressibleByArgument {}

struct CleaningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A rule pack or a folder of packs to add to the built-in ones. Repeatable.",
      valueName: "path"))
  var patterns: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help: "Use the built-in packs (the default), or only --patterns.")
  var builtIn: Bool?

  @Option(
    help: ArgumentHelp(
      "Use only these rules, packs, languages or categories. Repeatable.", valueName: "name"))
  var select: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave these rules, packs, languages or categories out. Repeatable.", valueName: "name"))
  var ignore: [String] = []

  @Option(help: "How sure a rule must be: high, medium (the default) or low.")
  var confidence: Confidence?

  @Option(help: ArgumentHelp("The site the texts come from.", valueName: "domain"))
  var site: String?

  @Option(
    help: ArgumentHelp(
      "The language of the texts (en, de, …); rules of other languages are left out.",
      valueName: "code"))
  var language: String?

  @Option(
    help: ArgumentHelp(
      "How typography is repaired: repair, standard (the default), ascii or none, with single "
        + "switches after commas, as in standard,quotes=keep.", valueName: "profile"))
  var normalize: String?

  @Option(
    help: "How lines make paragraphs: auto (the default), blank, line, wrapped or keep.")
  var paragraphs: ParagraphLayout?

  @Flag(help: "Do not read .winnow.yaml, in this folder or one above it.")
  var noConfig = false

  @Flag(help: .hidden) var ungated = false
  @Flag(help: .hidden) var noJit = false

  /// The cleaner these options ask for. A faulty pack stops the run before any text is touched.
  func makeCleaner() throws -> Cleaner { try Choices(self).makeCleaner() }
}

/// Packs given on the command line.
enum Packs {
  /// The rules of all packs at `paths`; their problems are printed, and errors stop the run.
  static func rules(at paths: [String]) throws -> [Rule] {
    var rules: [Rule] = []
    var failed = false
    for path in paths {
      for reading in PackFolder.readPacks(at: path) {
        for problem in reading.errors {
          Files.say(visible(problem.description))
          failed = true
        }
        rules += reading.pack?.rules ?? []
      }
    }
    if failed { throw Status.unusable }
    return rules
  }
}

extension Selection {
  static func everything(at site: String?) -> Selection {
    var selection = Selection()
    selection.confidence = .low
    selection.site = site
    return selection
  }
}

extension RuleSet {
  /// Whether `word` names a category, or a rule, pack or language of this set.
  func knows(_ word: String) -> Bool {
    Category(rawValue: word) != nil
      || indices.contains { index in
        let name = describe(index).name
        return name == word || name.hasPrefix(word + "/")
      }
  }
}
