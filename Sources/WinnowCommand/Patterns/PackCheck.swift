// What shows only when rules run: those that take text which must stay, that hit nothing, that
// others make needless. Packs as read and texts in, problems out.
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

struct PackCheck {
  /// All problems, by file in the order given, then by place.
  var problems: [Problem] {
    found.enumerated().sorted {
      let (a, b) = ($0.element.place, $1.element.place)
      let (i, j) = (order[a.file] ?? 0, order[b.file] ?? 0)
      return (i, a.line, a.column, $0.offset) < (j, b.line, b.column, $1.offset)
    }.map(\.element)
  }

  private var found: [Problem] = []
  private var order: [String: Int] = [:]
  private let rules: [Rule]
  /// The rules and, unless the packs are themselves the built-in ones, those. Rules for some sites
  /// are tried on all: the texts here have none.
  private let all: [Rule]
  private let cleaner: Cleaner
  private let worker: Worker
  /// By name, the index in `rules`.
  private let own: [String: Int]

  init(_ readings: [PackReading], besidesBuiltIn: Bool) {
    let rules = readings.flatMap(\.soundRules)
    found = readings.flatMap(\.problems)
    for problem in found where order[problem.place.file] == nil {
      order[problem.place.file] = order.count
    }
    for rule in rules where order[rule.place.file] == nil { order[rule.place.file] = order.count }
    let builtIn = besidesBuiltIn ? RuleSource.builtInRules() : []
    let packs = Set(rules.map(\.pack))
    let others = builtIn.contains { packs.contains($0.pack) } ? [] : builtIn
    func everywhere(_ rules: [Rule]) -> [Rule] {
      rules.map {
        var rule = $0
        (rule.sites, rule.notSites) = ([], [])
        return rule
      }
    }
    self.rules = rules
    all = others + rules
    var selection = Selection.everything(at: nil)
    selection.ignore = ["evidence"]
    var configuration = Configuration()
    configuration.largestLoss = 1
    configuration.normalisation = Normalisation(.none)
    configuration.paragraphs = .keep
    cleaner = Cleaner(
      rules: RuleSet(
        [
          RuleSource(rules: everywhere(others), isTrusted: true),
          RuleSource(rules: everywhere(rules)),
        ], selection: selection), configuration: configuration)
    worker = Worker(rules: cleaner.rules)
    own = Dictionary(rules.indices.map { (rules[$0].name, $0) }) { first, _ in first }
  }

  /// Runs the rules on their own examples, on text that must stay and on text as it is scraped.
  mutating func run(against kept: Documents, texts: Documents?) throws {
    let twins = findTwins()
    findShadowed(besides: twins)
    try findBroad(kept)
    if let texts { try findDead(texts) }
  }

  // MARK: Rules made needless

  /// Rules that are another one under a new name.
  private mutating func findTwins() -> Set<String> {
    struct Work: Hashable {
      let kind: Rule.Kind
      let conditions: Conditions
      let requires: [String]
      let maxLength: Int?
      let sites: [String]
    }
    var first: [Work: Rule] = [:]
    var twins: Set<String> = []
    for rule in all {
      let work = Work(
        kind: rule.kind, conditions: rule.conditions, requires: rule.requires,
        maxLength: rule.maxLength, sites: rule.sites)
      guard let other = first[work] else {
        first[work] = rule
        continue
      }
      twins.insert(rule.name)
      guard own[rule.name] != nil else { continue }
      found.append(
        Problem(
          .duplicate, .warning, at: rule.place,
          "`\(rule.name)` does what \(named(other)) does", remedy: "keep one of them"))
    }
    return twins
  }

  /// Rules all of whose `removes` go by one other rule that is as sure.
  private mutating func findShadowed(besides twins: Set<String>) {
    let names = (0..<cleaner.rules.count).map { cleaner.rules.describe($0).name }
    let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    let rank = Dictionary(all.enumerated().map { ($1.name, $0) }) { first, _ in first }
    var covering: [String: Set<String>] = [:]
    for rule in all where !twins.contains(rule.name) {
      if case .signal = rule.kind { continue }
      let others: [Set<String>] = rule.removes.map { example in
        let marked = MarkedExample(example.text)
        let removals = cleaner.clean(marked.text, using: worker).removals
        var common: Set<String>?
        for range in marked.ranges {
          let inside = removals.filter { $0.bytes.overlaps(range) }
          let isWhole = marked.letters(in: range).allSatisfy { byte in
            inside.contains { $0.bytes.contains(byte) }
          }
          guard isWhole else { return [] }
          for removal in inside {
            let seen = Set(removal.rules.map { names[$0] })
            common = common?.intersection(seen) ?? seen
          }
        }
        return common ?? []
      }
      guard var common = others.first else { continue }
      for more in others.dropFirst() { common.formIntersection(more) }
      covering[rule.name] = common.filter { name in
        guard let other = byName[name], name != rule.name, !twins.contains(name) else {
          return false
        }
        return other.confidence >= rule.confidence && other.category == rule.category
          && (other.sites.isEmpty || other.sites == rule.sites)
          && [rule.language, "any"].contains(other.language)
      }
    }
    for rule in rules {
      // Of two that cover each other, the second is the one too many.
      let others = (covering[rule.name] ?? []).filter { name in
        !(covering[name] ?? []).contains(rule.name) || (rank[name] ?? 0) < (rank[rule.name] ?? 0)
      }
      guard let name = others.min(), let other = byName[name] else { continue }
      found.append(
        Problem(
          .shadowed, .warning, at: rule.place,
          "all `removes` of `\(rule.name)` go by \(named(other)) as well",
          remedy: "leave it out, or add a `removes` that only it takes"))
    }
  }

  private func named(_ rule: Rule) -> String {
    own[rule.name] == nil
      ? "the built-in rule `\(rule.name)`"
      : "`\(rule.name)` (\(rule.place.line):\(rule.place.column))"
  }

  // MARK: Texts

  private struct Hits {
    var count = 0
    var first = ""
    var isLabelled = false
  }

  private mutating func findBroad(_ kept: Documents) throws {
    var hits: [Int: Hits] = [:]
    func look(at text: [UInt8], place: String, kept: [Range<Int>]?) {
      for removal in cleaner.clean(text, using: worker).removals {
        guard let taken = kept.map({ $0.first { $0.overlaps(removal.bytes) } }) ?? removal.bytes
        else { continue }
        for index in removal.rules.compactMap({ own[cleaner.rules.describe($0).name] }) {
          var seen = hits[index] ?? Hits()
          seen.count += 1
          // A labelled article says for certain.
          if seen.count == 1 || (kept != nil && !seen.isLabelled) {
            let bytes = text[taken.clamped(to: removal.bytes)].split(separator: 0x0A).first ?? []
            let line = String(decoding: bytes, as: UTF8.self)
            seen.first = "\"\(line.count > 60 ? line.prefix(57) + "…" : line[...])\" (\(place))"
          }
          seen.isLabelled = seen.isLabelled || kept != nil
          hits[index] = seen
        }
      }
    }
    for (rule, text) in innocents() { look(at: text, place: "`keeps` of \(rule)", kept: nil) }
    try kept.forEach { document in
      let article = LabelledArticle(ifLabelled: document)
      look(at: article?.text ?? document.text, place: document.name, kept: article?.kept)
    }
    for (index, seen) in hits.sorted(by: { $0.key < $1.key }) {
      let rule = rules[index]
      let isWrong = seen.isLabelled && rule.confidence == .high
      found.append(
        Problem(
          .broad, isWrong ? .error : .warning, at: rule.place,
          "`\(rule.name)` takes text that must stay, "
            + "\(seen.count == 1 ? "once" : "\(seen.count) times"): \(seen.first)",
          remedy: "narrow it by a longer phrase, `unless` or `where`"
            + (isWrong ? ", or make it `medium`" : "")))
    }
  }

  /// The `keeps` of the built-in rules that all of them together keep.
  private func innocents() -> [(name: String, text: [UInt8])] {
    guard all.count > rules.count else { return [] }
    return RuleSource.builtInExamples().flatMap { examples in
      examples.keeps.map { (examples.rule, Array($0.text.utf8)) }
    }.filter { _, text in
      cleaner.clean(text, using: worker).removals.allSatisfy { removal in
        removal.rules.allSatisfy { own[cleaner.rules.describe($0).name] != nil }
      }
    }
  }

  private mutating func findDead(_ texts: Documents) throws {
    var isAlive = Array(repeating: false, count: rules.count)
    var documents = 0
    try texts.forEach { document in
      documents += 1
      let text = LabelledArticle(ifLabelled: document)?.text ?? document.text
      for removal in cleaner.clean(text, using: worker).removals {
        for rule in removal.rules {
          if let index = own[cleaner.rules.describe(rule).name] { isAlive[index] = true }
        }
      }
    }
    for (index, rule) in rules.enumerated() where !isAlive[index] {
      if case .signal = rule.kind { continue }
      found.append(
        Problem(
          .dead, .warning, at: rule.place,
          "`\(rule.name)` hits nothing in \(documents) documents",
          remedy: "`winnow explain --near` shows what it misses by; or leave it out"))
    }
  }
}

/// An example without its brackets, and the bytes they enclosed.
struct MarkedExample {
  let text: [UInt8]
  let ranges: [Range<Int>]

  init(_ example: String) {
    var text: [UInt8] = []
    var ranges: [Range<Int>] = []
    var open = 0
    for scalar in example.unicodeScalars {
      switch scalar {
      case "⟦": open = text.count
      case "⟧": ranges.append(open..<text.count)
      default: text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.EncodedScalar())
      }
    }
    self.text = text
    self.ranges = ranges
  }

  /// The bytes of a range that are not blank.
  func letters(in range: Range<Int>) -> [Int] { range.filter { text[$0] > 0x20 } }
}

extension LabelledArticle {
  /// The article, when the document has a label on every line.
  init?(ifLabelled document: Document) {
    guard let line = document.text.split(separator: 0x0A).first(where: { $0.first != 0x23 }),
      line.dropFirst().first == 0x09,
      let article = try? LabelledArticle(document.text, path: document.name)
    else { return nil }
    self = article
  }

  /// The bytes that must stay: kept lines without the noise inside them.
  var kept: [Range<Int>] {
    lines.filter { $0.label == "K" }.flatMap { line in
      var rest: [Range<Int>] = []
      var start = line.bytes.lowerBound
      for span in line.spans {
        rest.append(start..<span.lowerBound)
        start = span.upperBound
      }
      rest.append(start..<line.bytes.upperBound)
      return rest.filter { range in range.contains { text[$0] > 0x20 } }
    }
  }
}
