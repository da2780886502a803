// Reads a rule pack: YAML text in, rules or all its problems out.
//
// The keys of the dialect; how their values are read is in Walker.swift.
public import WinnowRules
internal import PCRE2
internal import Yams

/// One pack file, read.
public struct RulePack: Sendable {
  /// `en/newsletter`
  public let name: String
  public let file: String
  public let language: String
  public let rules: [Rule]
}

/// What reading a pack gave: the pack when there was no error, and all problems in file order.
public struct PackReading: Sendable {
  public let pack: RulePack?
  public let problems: [Problem]
  /// The rules in which nothing is wrong but for warnings, even where others are faulty.
  public let soundRules: [Rule]

  init(pack: RulePack?, problems: [Problem], soundRules: [Rule] = []) {
    self.pack = pack
    self.problems = problems
    self.soundRules = soundRules
  }

  public var errors: [Problem] { problems.filter { $0.severity == .error } }
}

/// Reads packs in the strict YAML dialect of Patterns/README.md.
public struct PackReader {
  /// The pack's name in rule names, e.g. `en/newsletter`.
  public let name: String
  /// The path shown in problems.
  public let file: String
  /// Built-in packs must meet more: each rule a gate.
  public var isBuiltIn = false
  /// Whether patterns are run on lines made to be slow: for `patterns check`.
  public var isThorough = false

  public init(name: String, file: String) {
    self.name = name
    self.file = file
  }

  /// Reads `text`, the whole file.
  public func read(_ text: String) -> PackReading {
    var walker = Walker(name: name, file: file, isBuiltIn: isBuiltIn, text: text)
    walker.isThorough = isThorough
    let pack = walker.readPack()
    let problems = walker.problems.sorted {
      ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column)
    }
    let hasErrors = problems.contains { $0.severity == .error }
    return PackReading(
      pack: hasErrors ? nil : pack, problems: problems, soundRules: walker.soundRules)
  }
}

extension Walker {
  // MARK: The file

  mutating func readPack() -> RulePack? {
    guard let root = composed() else { return nil }
    let fields = mapping(
      root, "a pack", allowed: ["language", "category", "sites", "define", "rules"])
    guard let fields else { return nil }
    let language = fields["language"].flatMap { self.language($0) }
    if language == nil, fields["language"] == nil {
      problem(.key, root, "no `language`", "add `language: en`, or `any` for rules without words")
    }
    let category = fields["category"].flatMap { self.category($0) }
    let sites = fields["sites"].map { domains($0, "sites") } ?? []
    readDefinitions(fields["define"])
    guard let list = fields["rules"] else {
      problem(.key, root, "no `rules`", "add `rules:` with a list of rules")
      return nil
    }
    guard case .sequence(let items) = list else {
      if isBroken { return nil }
      problem(list, "`rules` is not a list", "start each rule with `- id: …`")
      return nil
    }
    var rules: [Rule] = []
    var places: [String: Place] = [:]
    for item in items {
      let errorsBefore = errorCount
      guard let rule = rule(item, language ?? "any", category, sites) else { continue }
      if let first = places[rule.name] {
        problem(
          .duplicate, item,
          "the id `\(rule.name.split(separator: "/").last ?? "")` is taken (\(first))",
          "give this rule its own id")
      }
      places[rule.name] = rule.place
      rules.append(rule)
      if errorCount == errorsBefore { soundRules.append(rule) }
    }
    warnOfUnusedDefinitions(fields["define"])
    return RulePack(name: name, file: file, language: language ?? "any", rules: rules)
  }

  // MARK: Definitions

  private mutating func readDefinitions(_ node: Node?) {
    guard let node else { return }
    guard case .mapping(let entries) = node else {
      problem(node, "`define` is not a mapping", "write `name: |` and the pattern below it")
      return
    }
    for (key, value) in entries {
      guard let name = key.string, isName(name) else {
        problem(key, "a definition's name has letters, digits and _ only", "rename it")
        continue
      }
      guard let source = patternText(value, name) else { continue }
      do throws(PatternError) {
        syntaxes[name] = try PatternSyntax(parsing: source)
        definitions[name] = source
      } catch { problem(value, error, in: source) }
    }
    for (key, value) in entries {
      guard let name = key.string, definitions[name] != nil else { continue }
      var open: Set<String> = [name]
      if let cycle = cycle(from: name, &open) {
        problem(value, "`\(name)` calls itself through `\(cycle)`", "write out one of the two")
        definitions[name] = nil
        syntaxes[name] = nil
      }
    }
  }

  private func cycle(from name: String, _ open: inout Set<String>) -> String? {
    for call in (syntaxes[name]?.calls ?? []).sorted() {
      guard open.insert(call).inserted else { return name }
      if let found = cycle(from: call, &open) { return found }
      open.remove(call)
    }
    return nil
  }

  /// The `(?(DEFINE)…)` text for what `syntax` calls, directly or not.
  private mutating func definitionText(for syntax: PatternSyntax, _ node: Node) -> String {
    var wanted: Set<String> = []
    var open = Array(syntax.calls)
    while let name = open.popLast() {
      guard wanted.insert(name).inserted else { continue }
      guard let inner = syntaxes[name] else {
        problem(
          .pattern, node, "`(?&\(name))` is not defined in this file",
          "add it under `define:`, or write the pattern out")
        continue
      }
      open += inner.calls
    }
    guard !wanted.isEmpty else { return "" }
    let groups = wanted.sorted().map { "(?<\($0)>\(definitions[$0] ?? "")\n)" }
    return "(?(DEFINE)\(groups.joined()))"
  }

  /// All names that `syntax` calls, directly or not.
  private func calls(of syntax: PatternSyntax) -> Set<String> {
    var all: Set<String> = []
    var open = Array(syntax.calls)
    while let name = open.popLast() {
      if all.insert(name).inserted { open += syntaxes[name]?.calls ?? [] }
    }
    return all
  }

  private mutating func warnOfUnusedDefinitions(_ node: Node?) {
    guard case .mapping(let entries)? = node, problems.allSatisfy({ $0.severity == .warning })
    else { return }
    for (key, _) in entries {
      guard let name = key.string, !called.contains(name) else { continue }
      problem(.dead, .warning, key, "no pattern calls `(?&\(name))`", "leave the definition out")
    }
  }

  // MARK: Rules

  private static let ruleFields: Set<String> = [
    "id", "summary", "category", "confidence", "line", "span", "block", "signal", "where",
    "requires", "max_len", "sites", "not_sites", "removes", "keeps", "gaps",
  ]

  private mutating func rule(
    _ node: Node, _ language: String, _ packCategory: Category?, _ packSites: [String]
  ) -> Rule? {
    let problemsBefore = problems.count
    patterns = []
    guard let fields = mapping(node, "a rule", allowed: Self.ruleFields) else { return nil }
    guard let idNode = fields["id"], let id = word(idNode, "id") else {
      if fields["id"] == nil {
        problem(.key, node, "a rule without `id`", "name it: `id: kind-of-noise`")
      }
      return nil
    }
    if !isKebab(id) {
      problem(idNode, "`\(id)` is not kebab-case", "use a-z, 0-9 and single hyphens")
    }
    let summary = fields["summary"].flatMap { string($0, "summary") }
    if fields["summary"] == nil {
      problem(.key, node, "`\(id)` has no `summary`", "say in one sentence what it removes")
    }
    let category = fields["category"].flatMap { self.category($0) } ?? packCategory
    if category == nil, fields["category"] == nil {
      problem(
        .key, node, "`\(id)` has no category",
        "add `category:` to it or to the file: \(Self.list(Category.allCases.map(\.rawValue)))")
    }
    let confidence = fields["confidence"].flatMap { choice($0, "confidence", Confidence.self) }
    if fields["confidence"] == nil {
      problem(.key, node, "`\(id)` has no `confidence`", "write high, medium or low")
    }
    guard let kind = kind(node, id, fields) else { return nil }
    var rule = Rule(
      name: "\(name)/\(id)", summary: FoldedText.trimmed(summary ?? ""),
      category: category ?? .chrome,
      confidence: confidence ?? .low, language: language, kind: kind, place: place(of: node))
    if let conditions = fields["where"] { rule.conditions = self.conditions(conditions) }
    if let requires = fields["requires"] { rule.requires = phrases(requires, "requires") }
    if let most = fields["max_len"] { rule.maxLength = number(most, "max_len", 1...8192) }
    rule.sites = fields["sites"].map { domains($0, "sites") } ?? packSites
    rule.notSites = fields["not_sites"].map { domains($0, "not_sites") } ?? []
    rule.removes = fields["removes"].map { examples($0, "removes", mustBracket: true) } ?? []
    rule.keeps = fields["keeps"].map { examples($0, "keeps", mustBracket: false) } ?? []
    rule.gaps = fields["gaps"].map { examples($0, "gaps", mustBracket: true) } ?? []
    if fields["removes"] == nil {
      problem(
        .example, node, "`\(id)` has no `removes` example",
        "add a text with ⟦ and ⟧ round exactly what should go")
    }
    if fields["keeps"] == nil {
      problem(.example, node, "`\(id)` has no `keeps` example", "add the nearest innocent text")
    }
    if isThorough { timePatterns(of: rule) }
    rule.deriveGate(definitions: syntaxes)
    // A fault in a matcher takes its literals away: one message is enough.
    if rule.gate == .none, problems.count == problemsBefore {
      problem(
        .gate, isBuiltIn ? .error : .warning, node,
        "`\(id)` is tried on every line: it has no gate",
        "add `requires:` with a literal of \(Gate.shortestLiteral) letters that every match holds,"
          + " or `max_len:` up to \(Gate.wordlessLine)")
    }
    return rule
  }

  private mutating func kind(_ node: Node, _ id: String, _ fields: [String: Node]) -> Rule.Kind? {
    let kinds = ["line", "span", "block", "signal"].filter { fields[$0] != nil }
    guard kinds.count == 1, let name = kinds.first, let body = fields[name] else {
      let found = kinds.isEmpty ? "none" : kinds.joined(separator: ", ")
      problem(
        node, "`\(id)` needs exactly one of line, span, block, signal (has \(found))",
        "keep one; make two rules of two")
      return nil
    }
    switch name {
    case "line": return matcher(body, "line").map { .line($0) }
    case "signal": return matcher(body, "signal").map { .signal($0) }
    case "span":
      guard let matcher = matcher(body, "span") else { return nil }
      if !matcher.equals.isEmpty {
        problem(body, "a span cannot `equals` a line", "make it a `line` rule")
      }
      return .span(matcher)
    default: return block(body).map { .block($0) }
    }
  }

  private mutating func block(_ node: Node) -> BlockMatcher? {
    guard
      let fields = mapping(node, "a block", allowed: ["start", "continue", "end", "max_lines"])
    else { return nil }
    guard let startNode = fields["start"] else {
      problem(.key, node, "a block without `start`", "say what its first line looks like")
      return nil
    }
    let start = matcher(startNode, "start")
    let middle = fields["continue"].flatMap { matcher($0, "continue") }
    let end = fields["end"].flatMap { matcher($0, "end") }
    if fields["continue"] == nil, fields["end"] == nil {
      problem(
        .key, node, "a block without `end` or `continue`",
        "say how it ends, or make it a `line` rule")
    }
    let most = fields["max_lines"].flatMap { number($0, "max_lines", 2...60) } ?? 6
    return start.map { BlockMatcher(start: $0, middle: middle, end: end, maxLines: most) }
  }

  private mutating func matcher(
    _ node: Node, _ key: String, isVeto: Bool = false
  ) -> LineMatcher? {
    guard case .mapping = node else {
      problem(
        node, "`\(key)` is a bare value",
        "say how it matches: equals, starts_with, ends_with, contains or regex")
      return nil
    }
    var keys: Set<String> = ["equals", "starts_with", "ends_with", "contains", "regex"]
    if !isVeto { keys.insert("unless") }
    let problemsBefore = problems.count
    guard let fields = mapping(node, "`\(key)`", allowed: keys) else { return nil }
    var matcher = LineMatcher()
    matcher.equals = fields["equals"].map { phrases($0, "equals") } ?? []
    matcher.startsWith = fields["starts_with"].map { phrases($0, "starts_with") } ?? []
    matcher.endsWith = fields["ends_with"].map { phrases($0, "ends_with") } ?? []
    matcher.contains = fields["contains"].map { phrases($0, "contains") } ?? []
    if let regex = fields["regex"] { readPattern(regex, into: &matcher) }
    if let unless = fields["unless"], let veto = self.matcher(unless, "unless", isVeto: true) {
      matcher.unless = [veto]
    }
    if fields.keys.allSatisfy({ $0 == "unless" }) {
      guard problems.count == problemsBefore else { return nil }
      problem(
        node, "`\(key)` matches nothing", "add equals, starts_with, ends_with, contains or regex")
      return nil
    }
    return matcher
  }

  private mutating func readPattern(_ node: Node, into matcher: inout LineMatcher) {
    guard let source = patternText(node, "regex") else { return }
    warnOfTraps(node, source)
    do throws(PatternError) {
      if let refusal = PatternSyntax.refusal(of: source) { throw refusal }
      let syntax = try PatternSyntax(parsing: source)
      let problemsBefore = problems.count
      let text = definitionText(for: syntax, node)
      guard problems.count == problemsBefore else { return }
      _ = try Pattern(source, definitions: text)
      matcher.regex = source
      matcher.definitions = text
      called.formUnion(calls(of: syntax))
      if isThorough { patterns.append((node, source, text)) }
    } catch { problem(node, error, in: source) }
  }

  private mutating func conditions(_ node: Node) -> Conditions {
    var conditions = Conditions()
    let keys: Set<String> = [
      "position", "min_words", "max_words", "after", "before", "after_blank_line",
    ]
    guard let fields = mapping(node, "`where`", allowed: keys) else { return conditions }
    conditions.position = fields["position"].flatMap {
      choice($0, "position", Conditions.Position.self)
    }
    conditions.minWords = fields["min_words"].flatMap { number($0, "min_words", 1...1000) }
    conditions.maxWords = fields["max_words"].flatMap { number($0, "max_words", 1...1000) }
    conditions.isAfterRemoved = fields["after"].map { isRemovedWord($0, "after") } ?? false
    conditions.isBeforeRemoved = fields["before"].map { isRemovedWord($0, "before") } ?? false
    if let blank = fields["after_blank_line"] {
      conditions.isAfterBlankLine = blank.string == "true"
      if blank.string != "true" {
        problem(blank, "`after_blank_line` is only ever true", "write true, or leave it out")
      }
    }
    return conditions
  }

  private mutating func isRemovedWord(_ node: Node, _ key: String) -> Bool {
    if node.string == "removed" { return true }
    problem(node, "`\(key)` is only ever `removed`", "write `\(key): removed`, or leave it out")
    return false
  }
}
