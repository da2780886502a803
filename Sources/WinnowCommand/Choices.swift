// What was chosen and where: the command line before `.winnow.yaml` before the defaults.
internal import ArgumentParser
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

/// The choices of a run.
struct Choices {
  typealias Key = ConfigurationFile.Key

  /// A value, and where it was chosen.
  struct Value {
    enum Source {
      case option
      case file(ConfigurationFile.Value)
      case `default`
    }

    let text: String
    let source: Source
  }

  private let options: CleaningOptions
  /// The configuration that was found; nil when there is none, or none is wanted.
  let file: ConfigurationFile?

  init(_ options: CleaningOptions) throws {
    self.options = options
    file = options.noConfig ? nil : try Self.found()
  }

  /// The nearest `.winnow.yaml`, from the working directory upward.
  private static func found() throws -> ConfigurationFile? {
    let depth = Files.resolved(".")?.split(separator: "/").count ?? 0
    for up in 0...depth {
      let path = String(repeating: "../", count: up) + ConfigurationFile.name
      guard Files.kind(of: path) == .file else { continue }
      guard let text = String(validating: try Files.contents(of: path), as: UTF8.self) else {
        throw Complaint("\(visible(path)):1:1: not UTF-8; save the configuration as UTF-8")
      }
      return try ConfigurationFile(text, path: path)
    }
    return nil
  }

  /// What holds for `key`: all that one place says; places are not mixed.
  func values(of key: Key) -> [Value] {
    let given: [String] =
      switch key {
      case .patterns: options.patterns
      case .select: options.select
      case .ignore: options.ignore
      case .confidence: options.confidence.map { [$0.rawValue] } ?? []
      case .site: options.site.map { [$0] } ?? []
      case .language: options.language.map { [$0] } ?? []
      case .normalize: options.normalize.map { [$0] } ?? []
      case .paragraphs: options.paragraphs.map { [$0.rawValue] } ?? []
      case .builtIn: options.builtIn.map { ["\($0)"] } ?? []
      }
    if !given.isEmpty { return given.map { Value(text: $0, source: .option) } }
    if let found = file?[key] {
      return found.map { Value(text: resolved($0.text, key), source: .file($0)) }
    }
    let usual: String? =
      switch key {
      case .confidence: Selection().confidence.rawValue
      case .normalize: Normalisation.Profile.standard.rawValue
      case .paragraphs: Configuration().paragraphs.rawValue
      case .builtIn: "true"
      case .patterns, .select, .ignore, .site, .language: nil
      }
    return usual.map { [Value(text: $0, source: .default)] } ?? []
  }

  /// A pack's path is meant from the folder of the file that names it.
  private func resolved(_ text: String, _ key: Key) -> String {
    guard key == .patterns, !text.hasPrefix("/"), let file,
      let slash = file.path.lastIndex(of: "/")
    else { return text }
    return file.path[...slash] + text
  }

  /// Which rules are wanted.
  func selection() throws -> Selection {
    var selection = Selection()
    selection.select = values(of: .select).map(\.text)
    selection.ignore = values(of: .ignore).map(\.text)
    selection.site = values(of: .site).first?.text
    selection.language = values(of: .language).first?.text
    if let chosen = values(of: .confidence).first {
      selection.confidence = try choice(chosen, .confidence)
    }
    return selection
  }

  /// The cleaner that is asked for. A faulty pack stops the run before any text is touched.
  func makeCleaner() throws -> Cleaner {
    let selection = try selection()
    var configuration = Configuration()
    configuration.language = selection.language
    if let chosen = values(of: .paragraphs).first {
      configuration.paragraphs = try choice(chosen, .paragraphs)
    }
    if let chosen = values(of: .normalize).first {
      configuration.normalisation = try normalisation(chosen)
    }
    let sources = try sources()
    try refuseUnknownNames(in: sources, at: selection.site)
    // Ungated and without JIT the result is the same; the flags are there to prove it.
    let chosen = RuleSet(
      sources, selection: selection, isGated: !options.ungated, usesJIT: !options.noJit)
    return Cleaner(rules: chosen, configuration: configuration)
  }

  private func sources() throws -> [RuleSource] {
    var sources: [RuleSource] = []
    if let isBuiltIn = values(of: .builtIn).first {
      guard ["true", "false"].contains(isBuiltIn.text) else {
        throw fault(isBuiltIn, .builtIn, "is true or false", remedy: "write one")
      }
      if isBuiltIn.text == "true" { sources.append(.builtIn) }
    }
    for path in values(of: .patterns) {
      // What a file names is missing at its place there.
      if case .file(let value) = path.source, Files.kind(of: path.text) == .missing {
        throw value.problem("no packs at `\(path.text)`", remedy: "mend the path")
      }
    }
    let rules = try Packs.rules(at: values(of: .patterns).map(\.text))
    if !rules.isEmpty { sources.append(RuleSource(rules: rules)) }
    return sources
  }

  private func refuseUnknownNames(in sources: [RuleSource], at site: String?) throws {
    let words = values(of: .select) + values(of: .ignore)
    guard !words.isEmpty else { return }
    let everything = RuleSet(sources, selection: .everything(at: site))
    for word in words where word.text != "evidence" && !everything.knows(word.text) {
      let message = "no rule, pack, language or category is called \"\(word.text)\""
      let remedy = "`winnow patterns list` shows them"
      if case .file(let value) = word.source { throw value.problem(message, remedy: remedy) }
      throw Complaint("\(visible(message)); \(remedy)")
    }
  }

  // MARK: Values

  private func choice<T: RawRepresentable & CaseIterable>(
    _ value: Value, _ key: Key
  ) throws -> T where T.RawValue == String {
    if let chosen = T(rawValue: value.text) { return chosen }
    throw fault(
      value, key, "cannot be `\(value.text)`",
      remedy: "one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
  }

  private func normalisation(_ value: Value) throws -> Normalisation {
    let parts = value.text.split(separator: ",").map(String.init)
    guard let first = parts.first, let profile = Normalisation.Profile(rawValue: first) else {
      throw fault(
        value, .normalize, "has no profile \"\(parts.first ?? "")\"",
        remedy: "one of " + Normalisation.Profile.allCases.map(\.rawValue).joined(separator: ", "))
    }
    var options = Normalisation(profile)
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2, options.set(pair[0], to: pair[1]) else {
        throw fault(
          value, .normalize, "has no switch \"\(part)\"",
          remedy: "the switches are " + Normalisation.switches.joined(separator: ", ")
            + ", as in quotes=keep")
      }
    }
    return options
  }

  /// What is wrong with a value, at its place in the file or after its option.
  private func fault(
    _ value: Value, _ key: Key, _ message: String, remedy: String
  ) -> any Error {
    if case .file(let found) = value.source {
      return found.problem("`\(key.rawValue)` \(message)", remedy: remedy)
    }
    return Complaint("--\(key.rawValue) \(visible(message)); \(visible(remedy))")
  }
}
