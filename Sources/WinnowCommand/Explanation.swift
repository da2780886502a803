// What cleaning did to a document, as JSON.
internal import Winnow
internal import WinnowRules

struct Explanation {
  static let keys = ["paragraphs", "removals", "sentences", "edits"]

  /// By some of `keys`.
  let fields: [(String, JSONValue)]

  /// What is told beyond paragraphs and removals.
  struct Details {
    var sentences: Sentences?
    var hasEdits = false
  }

  init(_ result: CleanedText, source: [UInt8], rules: RuleSet, details: Details = Details()) {
    var fields: [(String, JSONValue)] = [
      (
        "paragraphs",
        .list(
          result.paragraphs.map { paragraph in
            let source = result.edits.sourceBytes(ofOutput: paragraph.bytes)
            return .object([
              ("kind", .text(paragraph.kind.rawValue)),
              ("start", .number(paragraph.bytes.lowerBound)),
              ("end", .number(paragraph.bytes.upperBound)),
              ("source_start", .number(source.lowerBound)),
              ("source_end", .number(source.upperBound)),
            ])
          })
      ),
      (
        "removals",
        .list(
          result.removals.map {
            .object(Self.fields(of: $0, source: source, rules: rules))
          })
      ),
    ]
    if let sentences = details.sentences {
      let spans = sentences.spans(in: result).map { Self.sentence($0, of: result) }
      fields.append(("sentences", .list(spans)))
    }
    if details.hasEdits {
      let edits = result.edits.map { Self.edit($0, of: result, source: source) }
      fields.append(("edits", .list(edits)))
    }
    self.fields = fields
  }

  /// One sentence with the space behind it; its bytes in the source are those without.
  private static func sentence(_ span: Range<Int>, of result: CleanedText) -> JSONValue {
    var end = span.upperBound
    while end > span.lowerBound + 1, result.bytes[end - 1] <= 0x20 { end -= 1 }
    let source = result.edits.sourceBytes(ofOutput: span.lowerBound..<end)
    return .object([
      ("start", .number(span.lowerBound)), ("end", .number(span.upperBound)),
      ("source_start", .number(source.lowerBound)), ("source_end", .number(source.upperBound)),
    ])
  }

  /// One change: what stood where, what stands where, and why.
  private static func edit(
    _ edit: Edits.Edit, of result: CleanedText, source: [UInt8]
  ) -> JSONValue {
    .object(
      [
        ("source_start", .number(edit.bytes.lowerBound)),
        ("source_end", .number(edit.bytes.upperBound)),
        ("start", .number(edit.outputBytes.lowerBound)),
        ("end", .number(edit.outputBytes.upperBound)),
        ("was", .bytes(Array(source[edit.bytes]))),
        ("is", .bytes(Array(result.bytes[edit.outputBytes]))),
        ("causes", .list(edit.causes.names.map(JSONValue.text))),
      ] + (edit.removal < 0 ? [] : [("removal", .number(Int(edit.removal)))]))
  }

  /// One removal: its rules, class, place and text.
  static func fields(
    of removal: Removal, source: [UInt8], rules: RuleSet
  ) -> [(String, JSONValue)] {
    let known = removal.rules.map(rules.describe(_:))
    let category = known.max { $0.confidence < $1.confidence }?.category
    return [
      ("rules", .list(known.map { .text($0.name) })),
      ("category", .text(category?.rawValue ?? "evidence")),
      ("start", .number(removal.bytes.lowerBound)),
      ("end", .number(removal.bytes.upperBound)),
      ("line", .number(removal.lines.lowerBound)),
      ("text", .bytes(Array(source[removal.bytes]))),
    ]
      + (removal.sum.isEmpty
        ? []
        : [
          (
            "sum",
            .object(removal.sum.map { ($0.name, .decimal(Double($0.weight))) })
          )
        ])
  }
}

/// Totals over a run, for `--stats`.
struct Totals: Sendable {
  private(set) var documents = 0
  private(set) var changed = 0
  private(set) var removals = 0
  private(set) var bytes = 0
  private var byRule: [Int: Int] = [:]
  private var byCategory: [Category: Int] = [:]
  private var byEvidence = 0

  mutating func add(_ result: CleanedText, rules: RuleSet) {
    documents += 1
    if !result.removals.isEmpty { changed += 1 }
    removals += result.removals.count
    for removal in result.removals {
      bytes += removal.bytes.count
      for rule in removal.rules { byRule[rule, default: 0] += 1 }
      let known = removal.rules.map(rules.describe(_:))
      if let category = known.max(by: { $0.confidence < $1.confidence })?.category {
        byCategory[category, default: 0] += 1
      }
      if removal.rules.isEmpty { byEvidence += 1 }
    }
  }

  mutating func subtract(_ other: Totals) {
    documents -= other.documents
    changed -= other.changed
    removals -= other.removals
    bytes -= other.bytes
    byRule.merge(other.byRule, uniquingKeysWith: -)
    byCategory.merge(other.byCategory, uniquingKeysWith: -)
    byEvidence -= other.byEvidence
  }

  /// Counts, counts by category and counts by rule, for a manifest.
  var packed: String {
    let categories = Category.allCases.map { "\(byCategory[$0] ?? 0)" }
    let rules = byRule.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let counts = [documents, changed, removals, bytes, byEvidence].map(String.init)
    return [counts, categories, rules].map { $0.joined(separator: ",") }.joined(separator: ";")
  }

  init() {}

  /// Reads what `packed` wrote.
  init?(_ packed: String) {
    let parts = packed.split(separator: ";", omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    let counts = parts[0].split(separator: ",").compactMap { Int($0) }
    let categories = parts[1].split(separator: ",").compactMap { Int($0) }
    guard counts.count == 5, categories.count == Category.allCases.count else { return nil }
    (documents, changed, removals) = (counts[0], counts[1], counts[2])
    (bytes, byEvidence) = (counts[3], counts[4])
    for (category, count) in zip(Category.allCases, categories) where count > 0 {
      byCategory[category] = count
    }
    for pair in parts[2].split(separator: ",") {
      let numbers = pair.split(separator: "=").compactMap { Int($0) }
      guard numbers.count == 2 else { return nil }
      byRule[numbers[0]] = numbers[1]
    }
  }

  mutating func add(_ other: Totals) {
    documents += other.documents
    changed += other.changed
    removals += other.removals
    bytes += other.bytes
    byRule.merge(other.byRule, uniquingKeysWith: +)
    byCategory.merge(other.byCategory, uniquingKeysWith: +)
    byEvidence += other.byEvidence
  }

  func print(of rules: RuleSet) {
    Files.say("\(documents) documents, \(changed) with noise: \(removals) cuts, \(bytes) bytes")
    let known = byRule.map { (rules.describe($0.key), $0.value) }
    for category in Category.allCases {
      if let count = byCategory[category] { Files.say("  \(category.rawValue): \(count)") }
    }
    if byEvidence > 0 { Files.say("  evidence: \(byEvidence)") }
    let most = known.sorted { ($1.1, $0.0.name) < ($0.1, $1.0.name) }
    for (rule, count) in most.prefix(20) { Files.say("  \(count)\t\(rule.name)") }
  }
}
