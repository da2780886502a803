// Rules ready to run: rule tables in, flat arrays and literal tables out. Immutable and shared by
// all workers; a pattern is compiled when a line first asks for it.
internal import PCRE2
internal import Synchronization
public import WinnowRules

/// A phrase in lower case, in the memory of its table.
struct Phrase {
  let base: UnsafePointer<UInt8>
  let count: Int

  func equals(_ other: Phrase) -> Bool {
    count == other.count && (0..<count).allSatisfy { base[$0] == other.base[$0] }
  }

  /// Two or three ASCII letters: too common inside words to tell anything there.
  var isShortWord: Bool {
    (2...3).contains(count) && (0..<count).allSatisfy { base[$0] &- 0x61 < 26 }
  }
}

/// A range of an array of the rule set.
struct IndexRange {
  var start: Int32 = 0
  var count: Int32 = 0
  var range: Range<Int> { Int(start)..<Int(start + count) }
  var isEmpty: Bool { count == 0 }
}

/// `LineMatcher`, made ready.
struct RunMatcher {
  var equals = IndexRange()
  var startsWith = IndexRange()
  var endsWith = IndexRange()
  var contains = IndexRange()
  /// Index of a pattern, or -1.
  var pattern: Int32 = -1
  /// Index of the vetoing matcher, or -1.
  var unless: Int32 = -1
}

enum RunKind: UInt8 { case line, span, signal, block }

/// `Rule`, made ready: plain numbers.
struct RunRule {
  var kind: RunKind
  var category: Category
  var confidence: Confidence
  var position: Conditions.Position?
  var isAfterRemoved: Bool
  var isBeforeRemoved: Bool
  var isAfterBlankLine: Bool
  var minWords: Int32
  var maxWords: Int32
  var maxLength: Int32
  var requires: IndexRange
  var matcher: Int32
  var middle: Int32 = -1
  var end: Int32 = -1
  var maxLines: Int32 = 0

  var looksAround: Bool {
    position != nil || isAfterRemoved || isBeforeRemoved || isAfterBlankLine
  }
}

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

  func takes(name: String, category: Category, confidence: Confidence, language: String) -> Bool {
    guard confidence >= self.confidence else { return false }
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

/// A rule table in memory that outlives the rule sets made of it.
public final class RuleSource: @unchecked Sendable {
  let table: UnsafeBufferPointer<UInt8>
  let isTrusted: Bool
  private let owned: Bool

  /// The packs that were embedded when the library was built.
  public static let builtIn = RuleSource(
    table: UnsafeBufferPointer(
      start: EmbeddedPatterns.rules.utf8Start, count: EmbeddedPatterns.rules.utf8CodeUnitCount),
    isTrusted: true, owned: false)

  /// Rules read at run time. Unless trusted, their patterns are matched with a look at the clock.
  public convenience init(rules: [Rule], isTrusted: Bool = false) {
    let bytes = RuleTable.encode(rules)
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = memory.initialize(from: bytes)
    self.init(table: UnsafeBufferPointer(memory), isTrusted: isTrusted, owned: true)
  }

  private init(table: UnsafeBufferPointer<UInt8>, isTrusted: Bool, owned: Bool) {
    self.table = table
    self.isTrusted = isTrusted
    self.owned = owned
  }

  deinit { if owned { table.deallocate() } }

  /// The built-in rules with their examples, as their packs say them: for `patterns test`.
  public static func builtInRules() -> [Rule] {
    RuleTable.decodeRules(builtIn.table, examples: builtInExamples())
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

  // Everything below `init` is written once; only the compiled patterns come later, behind a lock.
  private(set) var rules = Buffer<RunRule>()
  private(set) var matchers = Buffer<RunMatcher>()
  private(set) var phrases = Buffer<Phrase>()
  private(set) var literals = LiteralTables()
  private var texts = Buffer<(name: Phrase, summary: Phrase, language: Phrase)>()
  private var patterns = Buffer<(source: Phrase, definitions: Phrase, isTrusted: Bool)>()
  private let sources: [RuleSource]
  private let compiled: Mutex<[Int: Pattern?]>
  let usesJIT: Bool
  /// The confidence the rules were selected for.
  let confidence: Confidence
  let hasEvidence: Bool

  /// - Parameters:
  ///   - sources: tables, in the order in which their rules are tried.
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
    self.sources = sources
    self.usesJIT = usesJIT
    compiled = Mutex([:])
    for source in sources { load(source, selection, isGated) }
    literals.seal()
  }

  /// The number of rules.
  public var count: Int { rules.count }

  /// What is known of rule `index`.
  public func describe(_ index: Int) -> Description {
    let (rule, text) = (rules[index], texts[index])
    return Description(
      name: Self.string(text.name), summary: Self.string(text.summary), category: rule.category,
      confidence: rule.confidence, language: Self.string(text.language), kind: "\(rule.kind)")
  }

  /// The pattern of that index; nil when it does not compile, which loading has ruled out.
  func pattern(_ index: Int) -> Pattern? {
    compiled.withLock { compiled in
      if let known = compiled[index] { return known }
      let entry = patterns[index]
      let made = try? Pattern(
        Self.string(entry.source), definitions: Self.string(entry.definitions),
        isTrusted: entry.isTrusted, usesJIT: usesJIT)
      compiled[index] = .some(made)
      return made
    }
  }

  /// Calls `body` with all that decides what these rules do: their tables, the names of those that
  /// were selected, and the weights of evidence. For a digest that tells one set from another.
  public func forEachPart(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    for source in sources { body(source.table) }
    for text in texts.view {
      body(UnsafeBufferPointer(start: text.name.base, count: text.name.count))
    }
    if hasEvidence { body(EvidenceWeights.table) }
  }

  func nameHash(of index: Int) -> UInt64 {
    var hash = TokenHash()
    let name = texts[index].name
    for place in 0..<name.count { hash.add(name.base[place]) }
    return hash.value
  }

  var patternCount: Int { patterns.count }

  private static func string(_ phrase: Phrase) -> String {
    String(decoding: UnsafeBufferPointer(start: phrase.base, count: phrase.count), as: UTF8.self)
  }

  // MARK: Loading

  private func load(_ source: RuleSource, _ selection: Selection, _ isGated: Bool) {
    guard let base = source.table.baseAddress else { return }
    var reader = TableReader(source.table)
    guard reader.readMagic() else { return }
    func phrase(_ range: Range<Int>) -> Phrase {
      Phrase(base: base + range.lowerBound, count: range.count)
    }
    func slice(_ ranges: [Range<Int>]) -> IndexRange {
      let start = phrases.count
      for range in ranges { phrases.append(phrase(range)) }
      return IndexRange(start: Int32(start), count: Int32(ranges.count))
    }
    let definitions = reader.ranges()
    func matcher(_ reader: inout TableReader, _ isWanted: Bool) -> Int32 {
      let lists = (0..<4).map { _ in reader.ranges() }
      let regex = reader.range()
      let definition = reader.int()
      let unless = reader.list { matcher(&$0, isWanted) }
      guard isWanted else { return -1 }
      var made = RunMatcher()
      made.equals = slice(lists[0])
      made.startsWith = slice(lists[1])
      made.endsWith = slice(lists[2])
      made.contains = slice(lists[3])
      if !regex.isEmpty {
        made.pattern = Int32(patterns.count)
        let text = definition < definitions.count ? definitions[definition] : 0..<0
        patterns.append((phrase(regex), phrase(text), source.isTrusted))
      }
      made.unless = unless.first ?? -1
      matchers.append(made)
      return Int32(matchers.count - 1)
    }
    let count = reader.int()
    let (categories, confidences) = (Category.allCases, Confidence.allCases)
    for _ in 0..<count {
      let name = reader.range()
      let summary = reader.range()
      let category = categories[min(reader.int(), categories.count - 1)]
      let confidence = confidences[min(reader.int(), confidences.count - 1)]
      let language = reader.range()
      _ = reader.int()
      let position = reader.int()
      let minWords = reader.int() - 1
      let maxWords = reader.int() - 1
      let flags = reader.int()
      let maxLength = reader.int() - 1
      let sites = reader.list { $0.string() }
      let notSites = reader.list { $0.string() }
      let requires = reader.ranges()
      let gate = reader.int()
      let gateLiterals = reader.ranges()
      var kind = RunKind(tableCode: reader.int())
      // A line rule that may not decide still counts as evidence.
      if kind == .line, confidence < selection.confidence { kind = .signal }
      let isSignal = kind == .signal
      let isWanted =
        selection.takes(
          name: Self.string(phrase(name)), category: category,
          confidence: isSignal ? .high : confidence, language: Self.string(phrase(language)))
        && selection.takes(sites: sites, notSites: notSites)
      let lead = matcher(&reader, isWanted)
      var rule = RunRule(
        kind: kind, category: category, confidence: confidence,
        position: position == 0 ? nil : Conditions.Position.allCases[min(position, 3) - 1],
        isAfterRemoved: flags & 1 != 0, isBeforeRemoved: flags & 2 != 0,
        isAfterBlankLine: flags & 4 != 0,
        minWords: Int32(max(0, minWords)), maxWords: maxWords < 0 ? .max : Int32(maxWords),
        maxLength: maxLength < 0 ? .max : Int32(maxLength),
        requires: isWanted ? slice(requires) : IndexRange(), matcher: lead
      )
      if kind == .block {
        rule.middle = reader.list { matcher(&$0, isWanted) }.first ?? -1
        rule.end = reader.list { matcher(&$0, isWanted) }.first ?? -1
        rule.maxLines = Int32(reader.int())
      }
      guard isWanted else { continue }
      // Where the gate is made of `requires`, a candidate has it already.
      if isGated, gate == 4, !requires.isEmpty, requires.count == gateLiterals.count,
        zip(requires, gateLiterals).allSatisfy({ phrase($0).equals(phrase($1)) })
      {
        rule.requires = IndexRange()
      }
      let index = Int32(rules.count)
      rules.append(rule)
      texts.append((phrase(name), phrase(summary), phrase(language)))
      literals.add(
        rule: index, gate: isGated ? gate : 0, literals: gateLiterals.map(phrase),
        maxLength: rule.maxLength, asWords: !requires.isEmpty)
    }
  }
}

extension RunKind {
  init(tableCode: Int) {
    switch tableCode {
    case 0: self = .line
    case 1: self = .span
    case 2: self = .signal
    default: self = .block
    }
  }
}
