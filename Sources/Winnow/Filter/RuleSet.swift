// Rules ready to run: tables and a selection in, the rules wanted out. Immutable and shared by all
// workers; a pattern is compiled when a line first asks for it.
internal import PCRE2
internal import Synchronization
public import WinnowRules

/// What of the rules is wanted.
public struct Selection: Sendable, Equatable {
  /// Rules below it are left out.
  public var confidence: Confidence = .medium
  /// When not empty: only rules whose name, pack, language or category is one of these.
  public var select: [String] = []
  /// Rules whose name, pack, language or category is one of these are left out.
  public var ignore: [String] = []
  /// When not nil: only rules of this language and of `any`.
  public var language: String?
  /// The site the texts come from; rules for other sites are left out.
  public var site: String?

  public init() {}

  /// Whether lines may go by the weight of evidence: it is called `evidence`.
  var takesEvidence: Bool {
    (select.isEmpty || select.contains("evidence")) && !ignore.contains("evidence")
  }

  /// Whether rules are told apart by name or language at all.
  var asksForNames: Bool { language != nil || !select.isEmpty || !ignore.isEmpty }

  func takes(name: String, category: Category, language: String) -> Bool {
    if let wanted = self.language, language != "any",
      Self.primary(language) != Self.primary(wanted)
    {
      return false
    }
    if !select.isEmpty, !select.contains(where: { Self.names($0, name, category) }) { return false }
    return !ignore.contains { Self.names($0, name, category) }
  }

  /// `en` of `en-GB`.
  private static func primary(_ language: String) -> String {
    language.lowercased().split { $0 == "-" || $0 == "_" }.first.map(String.init) ?? language
  }

  func takes(sites: [String], notSites: [String]) -> Bool {
    guard let site else { return sites.isEmpty }
    if !sites.isEmpty, !sites.contains(where: { Self.isSame(site, orBelow: $0) }) { return false }
    return !notSites.contains { Self.isSame(site, orBelow: $0) }
  }

  /// `promo`, `en`, `en/newsletter` or `en/newsletter/pitch`.
  private static func names(_ word: String, _ name: String, _ category: Category) -> Bool {
    word == category.rawValue || name == word || name.hasPrefix(word + "/")
  }

  private static func isSame(_ site: String, orBelow domain: String) -> Bool {
    site == domain || site.hasSuffix("." + domain)
  }
}

/// Rules to make rule sets of.
public final class RuleSource: Sendable {
  /// Laid out to be run.
  let table: RunTable
  private let given: [Rule]?
  private let isTrusted: Bool

  /// The packs that were embedded when the library was built.
  public static let builtIn = RuleSource(table: RunTable.embedded(), given: nil, isTrusted: true)

  /// Rules read at run time. Unless trusted, their patterns are matched with a look at the clock.
  public convenience init(rules: [Rule], isTrusted: Bool = false) {
    self.init(
      table: RunTable(rules.map { ($0, isTrusted) }), given: rules, isTrusted: isTrusted)
  }

  private init(table: RunTable, given: [Rule]?, isTrusted: Bool) {
    self.table = table
    self.given = given
    self.isTrusted = isTrusted
  }

  var rules: [(rule: Rule, isTrusted: Bool)] {
    (given ?? Self.builtInRules()).map { ($0, isTrusted) }
  }

  /// The built-in rules with their examples, as their packs say them: for `patterns test`.
  public static func builtInRules() -> [Rule] {
    RuleTable.decodeRules(
      UnsafeBufferPointer(
        start: EmbeddedPatterns.rules.utf8Start, count: EmbeddedPatterns.rules.utf8CodeUnitCount),
      examples: builtInExamples())
  }

  /// The examples of the built-in rules, for `patterns test` and `patterns show`.
  public static func builtInExamples() -> [RuleTable.Examples] {
    RuleTable.decodeExamples(
      UnsafeBufferPointer(
        start: EmbeddedPatterns.examples.utf8Start,
        count: EmbeddedPatterns.examples.utf8CodeUnitCount))
  }
}

/// The rules of a cleaner.
public final class RuleSet: @unchecked Sendable {
  /// What reports say of a rule.
  public struct Description: Sendable, Equatable {
    /// `en/newsletter/titled-newsletter-pitch`
    public let name: String
    public let summary: String
    public let category: Category
    public let confidence: Confidence
    public let language: String
    /// line, span, block or signal
    public let kind: String
  }

  let table: RunTable
  /// The rules of the table, of the kinds that the selection makes of them; and which are wanted.
  let rules: UnsafeMutablePointer<RunRule>
  let isWanted: UnsafeMutablePointer<Bool>
  /// Whether rules are found by their gates.
  let isGated: Bool
  let usesJIT: Bool
  /// The confidence the rules were selected for.
  let confidence: Confidence
  let hasEvidence: Bool
  private let compiled: Mutex<[Int: Pattern?]>

  /// - Parameters:
  ///   - sources: in the order in which their rules are tried.
  ///   - selection: which of their rules are wanted.
  ///   - isGated: off to try every rule on every line, as a proof that gates lose nothing.
  ///   - usesJIT: off to match with PCRE2's interpreter.
  public init(
    _ sources: [RuleSource] = [.builtIn], selection: Selection = Selection(),
    isGated: Bool = true, usesJIT: Bool = true
  ) {
    confidence = selection.confidence
    // Evidence was fitted beside the built-in rules, and has no name to select or ignore.
    hasEvidence = sources.contains { $0 === RuleSource.builtIn } && selection.takesEvidence
    self.isGated = isGated
    self.usesJIT = usesJIT
    compiled = Mutex([:])
    table = sources.count == 1 ? sources[0].table : RunTable(sources.flatMap(\.rules))
    rules = .allocate(capacity: table.ruleCount + 1)
    rules.initialize(from: table.rules, count: table.ruleCount)
    isWanted = .allocate(capacity: table.ruleCount + 1)
    isWanted.initialize(repeating: true, count: table.ruleCount)
    select(selection)
  }

  deinit {
    rules.deallocate()
    isWanted.deallocate()
  }

  /// One more than the largest index of a rule.
  public var count: Int { table.ruleCount }

  /// The indexes of the rules that the selection wants, in order.
  public var indices: [Int] { (0..<count).filter { isWanted[$0] } }

  /// What is known of rule `index`.
  public func describe(_ index: Int) -> Description {
    let rule = rules[index]
    return Description(
      name: table.string(rule.name), summary: table.string(rule.summary), category: rule.category,
      confidence: rule.confidence, language: table.string(rule.language), kind: "\(rule.kind)")
  }

  /// The pattern of that index; nil when it does not compile, which loading has ruled out.
  func pattern(_ index: Int) -> Pattern? {
    compiled.withLock { compiled in
      if let known = compiled[index] { return known }
      let entry = table.patterns[index]
      let made = try? Pattern(
        table.string(entry.source), definitions: table.string(entry.definitions),
        isTrusted: entry.isTrusted != 0, usesJIT: usesJIT)
      compiled[index] = .some(made)
      return made
    }
  }

  /// Calls `body` with all that decides what these rules do: their table, the names of those that
  /// were selected, and the weights of evidence. For a digest that tells one set from another.
  public func forEachPart(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    table.forEachPart(body)
    for index in indices { body(table.bytes(of: rules[index].name)) }
    if hasEvidence { body(EvidenceWeights.table) }
  }

  private func select(_ selection: Selection) {
    for index in 0..<table.ruleCount {
      // A line rule that may not decide still counts as evidence.
      if rules[index].kind == .line, rules[index].confidence < selection.confidence {
        rules[index].kind = .signal
      }
      let rule = rules[index]
      isWanted[index] =
        (rule.kind == .signal || rule.confidence >= selection.confidence)
        && (!selection.asksForNames
          || selection.takes(
            name: table.string(rule.name), category: rule.category,
            language: table.string(rule.language)))
        && (selection.site == nil
          ? rule.sites.isEmpty
          : selection.takes(
            sites: table.strings(rule.sites), notSites: table.strings(rule.notSites)))
    }
  }
}

/// A table of rules laid out to be run, in memory that stays as long as it.
final class RunTable: @unchecked Sendable {
  let head: RunHead
  let rules: UnsafePointer<RunRule>
  let matchers: UnsafePointer<RunMatcher>
  let phrases: UnsafePointer<TextRange>
  let patterns: UnsafePointer<RunPattern>
  let text: UnsafePointer<UInt8>
  private let numbers: UnsafeRawPointer
  private let owned: [UnsafeMutableRawPointer]

  var ruleCount: Int { Int(head.ruleCount) }
  var patternCount: Int { Int(head.patternCount) }

  convenience init(_ rules: [(rule: Rule, isTrusted: Bool)]) {
    let table = RunTableBuilder.table(of: rules)
    let (numbers, text) = (Self.copy(of: table.numbers), Self.copy(of: table.text))
    self.init(numbers: numbers, text: text, owned: [numbers, text])
  }

  /// The table of the built-in packs: its text is used where it lies in the program.
  static func embedded() -> RunTable {
    let packed = EmbeddedPatterns.runNumbers
    let numbers = RunHead.unpacked(
      UnsafeBufferPointer(start: packed.utf8Start, count: packed.utf8CodeUnitCount))
    return RunTable(
      numbers: numbers, text: UnsafeRawPointer(EmbeddedPatterns.runText.utf8Start),
      owned: [numbers])
  }

  /// Reads a table; `owned` is memory to give back at the end.
  init(
    numbers: UnsafeRawPointer, text: UnsafeRawPointer, owned: [UnsafeMutableRawPointer]
  ) {
    head = numbers.load(as: RunHead.self)
    self.numbers = numbers
    self.text = text.assumingMemoryBound(to: UInt8.self)
    self.owned = owned
    func section<T>(_ start: Int32) -> UnsafePointer<T> {
      (numbers + Int(start)).assumingMemoryBound(to: T.self)
    }
    rules = section(head.rules)
    matchers = section(head.matchers)
    phrases = section(head.phrases)
    patterns = section(head.patterns)
  }

  deinit { for memory in owned { memory.deallocate() } }

  private static func copy(of bytes: [UInt8]) -> UnsafeMutableRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 16, alignment: 16)
    UnsafeMutableRawBufferPointer(start: memory, count: bytes.count).copyBytes(from: bytes)
    return memory
  }

  /// The records of a section.
  func section<T>(_ start: Int32, of: T.Type = T.self) -> UnsafePointer<T> {
    (numbers + Int(start)).assumingMemoryBound(to: T.self)
  }

  func forEachPart(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    body(UnsafeBufferPointer(start: section(0), count: Int(head.numbersCount)))
    body(UnsafeBufferPointer(start: text, count: Int(head.textCount)))
  }

  func bytes(of range: TextRange) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text + Int(range.start), count: Int(range.count))
  }

  func string(_ range: TextRange) -> String { String(decoding: bytes(of: range), as: UTF8.self) }

  func strings(_ slice: IndexRange) -> [String] { slice.range.map { string(phrases[$0]) } }
}
