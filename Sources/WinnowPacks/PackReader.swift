// Reads a rule pack: YAML text in, rules or all its problems out.
//
// The walker goes over Yams' nodes itself, because each node has its line and column, and because
// every unknown, missing or mistyped key must be a problem with a place.
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

  public init(name: String, file: String) {
    self.name = name
    self.file = file
  }

  /// Reads `text`, the whole file.
  public func read(_ text: String) -> PackReading {
    var walker = PackWalker(name: name, file: file, isBuiltIn: isBuiltIn, text: text)
    let pack = walker.readPack()
    let problems = walker.problems.sorted {
      ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column)
    }
    let hasErrors = problems.contains { $0.severity == .error }
    return PackReading(pack: hasErrors ? nil : pack, problems: problems)
  }
}

struct PackWalker {
  let name: String
  let file: String
  let isBuiltIn: Bool
  let text: String
  let lines: [Substring]
  var problems: [Problem] = []

  var definitions: [String: String] = [:]
  var syntaxes: [String: PatternSyntax] = [:]

  init(name: String, file: String, isBuiltIn: Bool, text: String) {
    self.name = name
    self.file = file
    self.isBuiltIn = isBuiltIn
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  // MARK: The file

  mutating func readPack() -> RulePack? {
    guard let root = composed() else { return nil }
    let fields = mapping(
      root, "a pack", allowed: ["language", "category", "sites", "define", "rules"])
    guard let fields else { return nil }
    let language = fields["language"].flatMap { word($0, "language") }
    if language == nil, fields["language"] == nil {
      problem(root, "no `language`", "add `language: en`, or `any` for rules without words")
    }
    let category = fields["category"].flatMap { self.category($0) }
    let sites = fields["sites"].map { words($0, "sites") } ?? []
    readDefinitions(fields["define"])
    guard let list = fields["rules"] else {
      problem(root, "no `rules`", "add `rules:` with a list of rules")
      return nil
    }
    guard case .sequence(let items) = list else {
      problem(list, "`rules` is not a list", "start each rule with `- id: …`")
      return nil
    }
    var rules: [Rule] = []
    var places: [String: Place] = [:]
    for item in items {
      guard let rule = rule(item, language ?? "any", category, sites) else { continue }
      if let first = places[rule.name] {
        problem(
          item, "the id `\(rule.name.split(separator: "/").last ?? "")` is taken (\(first))",
          "give this rule its own id")
      }
      places[rule.name] = rule.place
      rules.append(rule)
    }
    return RulePack(name: name, file: file, language: language ?? "any", rules: rules)
  }

  private mutating func composed() -> Node? {
    do {
      guard let node = try Yams.compose(yaml: text) else {
        problems.append(
          Problem(
            at: Place(file: file, line: 1, column: 1), "the file is empty",
            remedy: "start with `language:` and `rules:`"))
        return nil
      }
      return node
    } catch let error as YamlError {
      problems.append(yamlProblem(error))
    } catch {
      problems.append(
        Problem(
          at: Place(file: file, line: 1, column: 1), "not YAML: \(error)", remedy: "mend the file"))
    }
    return nil
  }

  private func yamlProblem(_ error: YamlError) -> Problem {
    let remedy = "quote the value, or put it into a block scalar (`|`)"
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return Problem(at: place(mark), "not YAML: \(problem)", remedy: remedy)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let key = duplicates.first ?? "?"
      let mark = context.mark
      return Problem(at: place(mark), "the key `\(key)` stands twice", remedy: "keep one of them")
    default:
      return Problem(
        at: Place(file: file, line: 1, column: 1), "not YAML: \(error)", remedy: "mend the file")
    }
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
          node, "`(?&\(name))` is not defined in this file",
          "add it under `define:`, or write the pattern out")
        continue
      }
      open += inner.calls
    }
    guard !wanted.isEmpty else { return "" }
    let groups = wanted.sorted().map { "(?<\($0)>\(definitions[$0] ?? "")\n)" }
    return "(?(DEFINE)\(groups.joined()))"
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
    guard let fields = mapping(node, "a rule", allowed: Self.ruleFields) else { return nil }
    guard let idNode = fields["id"], let id = word(idNode, "id") else {
      if fields["id"] == nil {
        problem(node, "a rule without `id`", "name it: `id: kind-of-noise`")
      }
      return nil
    }
    if !isKebab(id) {
      problem(idNode, "`\(id)` is not kebab-case", "use a-z, 0-9 and single hyphens")
    }
    let summary = fields["summary"].flatMap { string($0, "summary") }
    if fields["summary"] == nil {
      problem(node, "`\(id)` has no `summary`", "say in one sentence what it removes")
    }
    let category = fields["category"].flatMap { self.category($0) } ?? packCategory
    if category == nil, fields["category"] == nil {
      problem(
        node, "`\(id)` has no category",
        "add `category:` to it or to the file: \(Self.list(Category.allCases.map(\.rawValue)))")
    }
    let confidence = fields["confidence"].flatMap { choice($0, "confidence", Confidence.self) }
    if fields["confidence"] == nil {
      problem(node, "`\(id)` has no `confidence`", "write high, medium or low")
    }
    guard let kind = kind(node, id, fields) else { return nil }
    var rule = Rule(
      name: "\(name)/\(id)", summary: FoldedText.trimmed(summary ?? ""),
      category: category ?? .chrome,
      confidence: confidence ?? .low, language: language, kind: kind, place: place(of: node))
    if let conditions = fields["where"] { rule.conditions = self.conditions(conditions) }
    if let requires = fields["requires"] { rule.requires = phrases(requires, "requires") }
    if let most = fields["max_len"] { rule.maxLength = number(most, "max_len", 1...8192) }
    rule.sites = fields["sites"].map { words($0, "sites") } ?? packSites
    rule.notSites = fields["not_sites"].map { words($0, "not_sites") } ?? []
    rule.removes = fields["removes"].map { examples($0, "removes", mustBracket: true) } ?? []
    rule.keeps = fields["keeps"].map { examples($0, "keeps", mustBracket: false) } ?? []
    rule.gaps = fields["gaps"].map { examples($0, "gaps", mustBracket: true) } ?? []
    if fields["removes"] == nil {
      problem(
        node, "`\(id)` has no `removes` example",
        "add a text with ⟦ and ⟧ round exactly what should go")
    }
    if fields["keeps"] == nil {
      problem(node, "`\(id)` has no `keeps` example", "add the nearest innocent text")
    }
    rule.gate = rule.gate(definitions: syntaxes)
    // A fault in a matcher takes its literals away: one message is enough.
    if rule.gate == .none, problems.count == problemsBefore {
      problem(
        isBuiltIn ? .error : .warning, node, "`\(id)` is tried on every line: it has no gate",
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
      problem(node, "a block without `start`", "say what its first line looks like")
      return nil
    }
    let start = matcher(startNode, "start")
    let middle = fields["continue"].flatMap { matcher($0, "continue") }
    let end = fields["end"].flatMap { matcher($0, "end") }
    if fields["continue"] == nil, fields["end"] == nil {
      problem(
        node, "a block without `end` or `continue`",
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
    warnOfFreeSpacing(node, source)
    do throws(PatternError) {
      if let refusal = PatternSyntax.refusal(of: source) { throw refusal }
      let syntax = try PatternSyntax(parsing: source)
      let problemsBefore = problems.count
      let text = definitionText(for: syntax, node)
      guard problems.count == problemsBefore else { return }
      _ = try Pattern(source, definitions: text)
      matcher.regex = source
      matcher.definitions = text
    } catch { problem(node, error, in: source) }
  }

  /// In free-spacing mode a blank between letters, and everything after a bare `#`, is nothing.
  private mutating func warnOfFreeSpacing(_ node: Node, _ source: String) {
    let scalars = Array(source.unicodeScalars)
    var offset = 0
    var inClass = false
    for (index, scalar) in scalars.enumerated() {
      defer { offset += UTF8.width(scalar) }
      let before = index > 0 ? scalars[index - 1] : " "
      let after = index + 1 < scalars.count ? scalars[index + 1] : " "
      if before != "\\", scalar == "[" { inClass = true }
      if before != "\\", scalar == "]" { inClass = false }
      guard !inClass else { continue }
      if scalar == " ", before.properties.isAlphabetic, after.properties.isAlphabetic {
        let beforeThat = index > 1 ? scalars[index - 2] : " "
        if beforeThat == "\\" { continue }
        problem(
          node, at: offset, in: source, .warning, "a blank between letters matches nothing",
          "write \\h for a space")
      }
      if scalar == "#", before != "\\", before != "\n", before != " " {
        problem(
          node, at: offset, in: source, .warning, "an unescaped # starts a comment", "write \\#")
      }
    }
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

  // MARK: Values

  private mutating func mapping(
    _ node: Node, _ what: String, allowed: Set<String>
  ) -> [String: Node]? {
    guard case .mapping(let entries) = node else {
      problem(node, "\(what) is not a mapping", "write `key: value` lines")
      return nil
    }
    var fields: [String: Node] = [:]
    for (key, value) in entries {
      guard let name = key.string, allowed.contains(name) else {
        let name = key.string ?? "?"
        problem(
          key, "\(what) has no key `\(name)`",
          nearest(name, allowed).map { "did you mean `\($0)`?" }
            ?? "one of \(Self.list(allowed.sorted()))")
        continue
      }
      fields[name] = value
    }
    return fields
  }

  private mutating func string(_ node: Node, _ key: String) -> String? {
    if let text = node.string, !text.isEmpty { return text }
    let remedy = "quote it, or use a block scalar (`|`)"
    problem(node, "`\(key)` is not a text", remedy)
    return nil
  }

  private mutating func word(_ node: Node, _ key: String) -> String? {
    guard let text = string(node, key) else { return nil }
    guard !text.contains(where: \.isWhitespace) else {
      problem(node, "`\(key)` has a blank in it", "one word")
      return nil
    }
    return text
  }

  private mutating func words(_ node: Node, _ key: String) -> [String] {
    if case .sequence(let items) = node { return items.compactMap { word($0, key) } }
    return word(node, key).map { [$0] } ?? []
  }

  private mutating func number(_ node: Node, _ key: String, _ range: ClosedRange<Int>) -> Int? {
    if let value = node.string.flatMap({ Int($0) }), range.contains(value) { return value }
    problem(
      node, "`\(key)` is not a number from \(range.lowerBound) to \(range.upperBound)",
      "write one")
    return nil
  }

  private mutating func category(_ node: Node) -> Category? {
    choice(node, "category", Category.self)
  }

  private mutating func choice<T: RawRepresentable & CaseIterable>(
    _ node: Node, _ key: String, _ type: T.Type
  ) -> T? where T.RawValue == String {
    if let value = node.string.flatMap({ T(rawValue: $0) }) { return value }
    problem(
      node, "`\(key)` cannot be `\(node.string ?? "…")`",
      "one of \(Self.list(type.allCases.map(\.rawValue)))")
    return nil
  }

  /// A block scalar or quoted string: a plain one loses ` #`, `: ` and leading signs.
  private mutating func prose(_ node: Node, _ key: String) -> String? {
    guard case .scalar(let scalar) = node else {
      problem(
        node, "`\(key)` holds a mapping or list: YAML took a `: ` or `- ` in it for its own",
        "quote it, or use a block scalar (`|`)")
      return nil
    }
    guard scalar.style != .plain, scalar.style != .any else {
      problem(node, "`\(key)` is not quoted", "quote it, or use a block scalar (`|`)")
      return nil
    }
    guard scalar.string.contains(where: { !$0.isWhitespace }) else {
      problem(node, "`\(key)` is empty", "fill it, or leave the key out")
      return nil
    }
    return scalar.string
  }

  private mutating func patternText(_ node: Node, _ key: String) -> String? {
    prose(node, key)
  }

  /// One phrase a line, in the folded spelling.
  private mutating func phrases(_ node: Node, _ key: String) -> [String] {
    guard let text = prose(node, key) else { return [] }
    var phrases: [String] = []
    for line in text.split(separator: "\n") {
      let phrase = FoldedText.folding(String(line))
      guard !phrase.isEmpty else { continue }
      if phrases.contains(phrase) {
        problem(.warning, node, "`\(key)` lists \"\(phrase)\" twice", "keep one")
      } else {
        phrases.append(phrase)
      }
    }
    return phrases
  }

  private mutating func examples(_ node: Node, _ key: String, mustBracket: Bool) -> [Rule.Example] {
    let nodes: [Node] = if case .sequence(let items) = node { Array(items) } else { [node] }
    var examples: [Rule.Example] = []
    for item in nodes {
      guard let text = prose(item, key) else { continue }
      let opened = text.count { $0 == "⟦" }
      if !bracketsPair(text) {
        problem(item, "⟦ and ⟧ do not pair up in this example", "close each bracket")
      } else if mustBracket, opened == 0 {
        problem(item, "no ⟦…⟧ in this `\(key)` example", "enclose exactly what should go")
      } else if !mustBracket, opened > 0 {
        problem(item, "⟦…⟧ in a `keeps` example", "nothing goes there: move it to `removes`")
      }
      examples.append(Rule.Example(text: text, place: place(of: item)))
    }
    return examples
  }

  /// Whether each ⟦ is followed by text and its ⟧.
  private func bracketsPair(_ text: String) -> Bool {
    var open: Bool?
    for character in text {
      switch character {
      case "⟦":
        guard open == nil else { return false }
        open = false
      case "⟧":
        guard open == true else { return false }
        open = nil
      default:
        if open != nil, !character.isWhitespace { open = true }
      }
    }
    return open == nil
  }

  // MARK: Places

  private func place(_ mark: Mark?) -> Place {
    Place(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  func place(of node: Node) -> Place { place(node.mark) }

  private mutating func problem(_ node: Node, _ message: String, _ remedy: String) {
    problem(.error, node, message, remedy)
  }

  private mutating func problem(
    _ severity: Problem.Severity, _ node: Node, _ message: String, _ remedy: String
  ) {
    problems.append(Problem(severity, at: place(of: node), message, remedy: remedy))
  }

  private mutating func problem(_ node: Node, _ error: PatternError, in source: String) {
    problem(node, at: error.offset, in: source, .error, error.message, "mend the pattern")
  }

  /// A problem at a byte of a block scalar's or quoted string's text.
  private mutating func problem(
    _ node: Node, at offset: Int, in source: String, _ severity: Problem.Severity,
    _ message: String, _ remedy: String
  ) {
    problems.append(
      Problem(severity, at: place(ofByte: offset, in: source, node), message, remedy: remedy))
  }

  private func place(ofByte offset: Int, in source: String, _ node: Node) -> Place {
    let start = place(of: node)
    guard case .scalar(let scalar) = node, scalar.style == .literal else {
      return Place(file: file, line: start.line, column: start.column + min(offset, 1))
    }
    let before = source.utf8.prefix(offset)
    let row = before.count { $0 == UInt8(ascii: "\n") }
    let column = String(
      decoding: before.reversed().prefix { $0 != UInt8(ascii: "\n") }.reversed(),
      as: UTF8.self
    ).unicodeScalars.count
    let own = source.split(separator: "\n", omittingEmptySubsequences: false)
    let line = start.line + 1 + row
    guard line - 1 < lines.count, row < own.count else { return start }
    let indent = max(0, lines[line - 1].unicodeScalars.count - own[row].unicodeScalars.count)
    return Place(file: file, line: line, column: indent + column + 1)
  }

  // MARK: Words

  private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }

  private func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 32
      && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
      && text.utf8.first.map(isDigit) == false
  }

  private func isKebab(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.allSatisfy { part in
      !part.isEmpty && part.allSatisfy { (isLetter($0) && $0 >= 0x61) || isDigit($0) }
    }
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private func nearest(_ word: String, _ words: Set<String>) -> String? {
    words.sorted().min { distance(word, $0) < distance(word, $1) }
      .flatMap { distance(word, $0) <= 2 ? $0 : nil }
  }

  /// Edit distance.
  private func distance(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left.utf8), Array(right.utf8))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = next
      }
    }
    return row[b.count]
  }
}
