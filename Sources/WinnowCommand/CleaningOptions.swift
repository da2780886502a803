// The options that say how to clean, shared by `clean` and `explain`.
public import ArgumentParser
public import Winnow
internal import WinnowPacks
public import WinnowRules

extension Confidence: ExpressibleByArgument {}
extension ParagraphLayout: ExpressibleByArgument {}

struct CleaningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A rule pack or a folder of packs to add to the built-in ones. Repeatable.",
      valueName: "path"))
  var patterns: [String] = []

  @Flag(help: "Leave the built-in packs out; only --patterns are used.")
  var noBuiltIn = false

  @Option(
    help: ArgumentHelp(
      "Use only these rules, packs, languages or categories. Repeatable.", valueName: "name"))
  var select: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave these rules, packs, languages or categories out. Repeatable.", valueName: "name"))
  var ignore: [String] = []

  @Option(help: "How sure a rule must be: high, medium or low.")
  var confidence = Confidence.medium

  @Option(help: ArgumentHelp("The site the texts come from.", valueName: "domain"))
  var site: String?

  @Option(
    help: ArgumentHelp(
      "The language of the texts (en, de, …); rules of other languages are left out.",
      valueName: "code"))
  var language: String?

  @Option(
    help: ArgumentHelp(
      "How typography is repaired: repair, standard, ascii or none, with single switches after "
        + "commas, as in standard,quotes=keep.", valueName: "profile"))
  var normalize = "standard"

  @Option(help: "How lines make paragraphs: auto, blank, line, wrapped or keep.")
  var paragraphs = ParagraphLayout.auto

  @Flag(help: .hidden) var ungated = false
  @Flag(help: .hidden) var noJit = false

  /// The cleaner these options ask for. A faulty pack stops the run before any text is touched.
  func makeCleaner() throws -> Cleaner {
    var selection = Selection()
    selection.confidence = confidence
    selection.select = select
    selection.ignore = ignore
    selection.site = site
    selection.language = language
    var configuration = Configuration()
    configuration.normalisation = try normalisation()
    configuration.paragraphs = paragraphs
    configuration.language = language
    var sources: [RuleSource] = noBuiltIn ? [] : [.builtIn]
    let rules = try Packs.rules(at: patterns)
    if !rules.isEmpty { sources.append(RuleSource(rules: rules)) }
    let everything =
      select.isEmpty && ignore.isEmpty
      ? nil : RuleSet(sources, selection: .everything(at: site))
    for word in select + ignore where word != "evidence" && everything?.knows(word) == false {
      throw Complaint(
        "no rule, pack, language or category is called \"\(visible(word))\"; "
          + "`winnow patterns list` shows them")
    }
    // Ungated and without JIT the result is the same; the flags are there to prove it.
    let chosen = RuleSet(sources, selection: selection, isGated: !ungated, usesJIT: !noJit)
    return Cleaner(rules: chosen, configuration: configuration)
  }

  private func normalisation() throws -> Normalisation {
    let parts = normalize.split(separator: ",").map(String.init)
    guard let first = parts.first, let profile = Normalisation.Profile(rawValue: first) else {
      throw Complaint(
        "--normalize \(visible(normalize)): no such profile; one of "
          + Normalisation.Profile.allCases.map(\.rawValue).joined(separator: ", "))
    }
    var options = Normalisation(profile)
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2, options.set(pair[0], to: pair[1]) else {
        throw Complaint(
          "--normalize: no switch \"\(visible(part))\"; the switches are "
            + Normalisation.switches.joined(separator: ", ") + ", as in quotes=keep")
      }
    }
    return options
  }
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
      || (0..<count).contains { index in
        let name = describe(index).name
        return name == word || name.hasPrefix(word + "/")
      }
  }
}
