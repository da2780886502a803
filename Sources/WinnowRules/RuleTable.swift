// Rules as one run of bytes: what the build embeds and what a rule set is made from.
//
// Every byte is part of valid UTF-8, so that a table can be a string literal: numbers are
// little-endian groups of six bits with 0x40 for "more follows", texts a length and their bytes.
internal import PCRE2

/// Writes rules into a table.
public enum RuleTable {
  static let magic = "winnow rules 1\n"

  /// The table of `rules`, in order.
  public static func encode(_ rules: [Rule]) -> [UInt8] {
    var writer = TableWriter()
    writer.text(magic)
    var definitions: [String] = [""]
    var indexes: [String: Int] = ["": 0]
    for rule in rules {
      for matcher in rule.matchers where indexes[matcher.definitions] == nil {
        indexes[matcher.definitions] = definitions.count
        definitions.append(matcher.definitions)
      }
    }
    writer.list(definitions) { $0.text($1) }
    writer.list(rules) { writer, rule in
      writer.text(rule.name)
      writer.text(rule.summary)
      writer.int(rule.category.code)
      writer.int(rule.confidence.code)
      writer.text(rule.language)
      writer.int(rule.place.line)
      writer.conditions(rule)
      writer.list(rule.sites) { $0.text($1) }
      writer.list(rule.notSites) { $0.text($1) }
      writer.list(rule.requires) { $0.bytes(CaseFolding.lowercased($1)) }
      writer.gate(rule.gate)
      writer.demands(rule.demands)
      switch rule.kind {
      case .line(let matcher): writer.single(0, matcher, indexes)
      case .span(let matcher): writer.single(1, matcher, indexes)
      case .signal(let matcher): writer.single(2, matcher, indexes)
      case .block(let block):
        writer.single(3, block.start, indexes)
        writer.list(block.middle.map { [$0] } ?? []) { $0.matcher($1, indexes) }
        writer.list(block.end.map { [$0] } ?? []) { $0.matcher($1, indexes) }
        writer.int(block.maxLines)
      }
    }
    return writer.output
  }

  /// The table of the examples of `rules`: name, then removes, keeps and gaps.
  public static func encodeExamples(of rules: [Rule]) -> [UInt8] {
    var writer = TableWriter()
    writer.list(rules) { writer, rule in
      writer.text(rule.name)
      for examples in [rule.removes, rule.keeps, rule.gaps] {
        writer.list(examples) { writer, example in
          writer.text(example.text)
          writer.text(example.place.file)
          writer.int(example.place.line)
          writer.int(example.place.column)
        }
      }
    }
    return writer.output
  }

  /// The examples of a rule, as a table holds them.
  public struct Examples: Sendable {
    public let rule: String
    public let removes: [Rule.Example]
    public let keeps: [Rule.Example]
    public let gaps: [Rule.Example]

    public init(
      rule: String, removes: [Rule.Example], keeps: [Rule.Example], gaps: [Rule.Example]
    ) {
      self.rule = rule
      self.removes = removes
      self.keeps = keeps
      self.gaps = gaps
    }
  }

  /// Reads what `encodeExamples(of:)` wrote.
  public static func decodeExamples(_ table: UnsafeBufferPointer<UInt8>) -> [Examples] {
    var reader = TableReader(table)
    return reader.list { reader in
      let name = reader.string()
      let lists = (0..<3).map { _ in
        reader.list { reader in
          let text = reader.string()
          let file = reader.string()
          let line = reader.int()
          return Rule.Example(
            text: text, place: Place(file: file, line: line, column: reader.int()))
        }
      }
      return Examples(rule: name, removes: lists[0], keeps: lists[1], gaps: lists[2])
    }
  }
}

extension RuleTable {
  /// Reads what `encode(_:)` wrote back into rules; phrases come in lower case.
  public static func decodeRules(
    _ table: UnsafeBufferPointer<UInt8>, examples: [Examples]
  ) -> [Rule] {
    var reader = TableReader(table)
    guard reader.readMagic() else { return [] }
    let known = Dictionary(examples.map { ($0.rule, $0) }) { first, _ in first }
    let definitions = reader.list { $0.string() }
    func readMatcher(_ reader: inout TableReader) -> LineMatcher {
      var matcher = LineMatcher()
      matcher.equals = reader.list { $0.string() }
      matcher.startsWith = reader.list { $0.string() }
      matcher.endsWith = reader.list { $0.string() }
      matcher.contains = reader.list { $0.string() }
      let regex = reader.string()
      matcher.regex = regex.isEmpty ? nil : regex
      let definition = reader.int()
      matcher.definitions = definitions.indices.contains(definition) ? definitions[definition] : ""
      matcher.unless = reader.list { readMatcher(&$0) }
      return matcher
    }
    return reader.list { reader in
      let name = reader.string()
      let summary = reader.string()
      let category = Category.allCases[min(reader.int(), Category.allCases.count - 1)]
      let confidence = Confidence.allCases[min(reader.int(), Confidence.allCases.count - 1)]
      let language = reader.string()
      let line = reader.int()
      var conditions = Conditions()
      let position = reader.int()
      if position > 0 { conditions.position = Conditions.Position.allCases[min(position, 3) - 1] }
      let (least, most, flags, longest) = (reader.int(), reader.int(), reader.int(), reader.int())
      conditions.minWords = least > 0 ? least - 1 : nil
      conditions.maxWords = most > 0 ? most - 1 : nil
      conditions.isAfterRemoved = flags & 1 != 0
      conditions.isBeforeRemoved = flags & 2 != 0
      conditions.isAfterBlankLine = flags & 4 != 0
      let sites = reader.list { $0.string() }
      let notSites = reader.list { $0.string() }
      let requires = reader.list { $0.string() }
      let gate = reader.gate(maxLength: longest - 1)
      let demands = reader.demands()
      let kindCode = reader.int()
      let first = readMatcher(&reader)
      let kind: Rule.Kind
      switch kindCode {
      case 0: kind = .line(first)
      case 1: kind = .span(first)
      case 2: kind = .signal(first)
      default:
        let middle = reader.list { readMatcher(&$0) }.first
        let end = reader.list { readMatcher(&$0) }.first
        kind = .block(
          BlockMatcher(start: first, middle: middle, end: end, maxLines: reader.int()))
      }
      let own = known[name]
      let file = own?.removes.first?.place.file ?? name
      var rule = Rule(
        name: name, summary: summary, category: category, confidence: confidence,
        language: language, kind: kind, place: Place(file: file, line: line, column: 1))
      rule.conditions = conditions
      rule.maxLength = longest > 0 ? longest - 1 : nil
      (rule.sites, rule.notSites, rule.requires, rule.gate) = (sites, notSites, requires, gate)
      rule.demands = demands
      rule.removes = own?.removes ?? []
      rule.keeps = own?.keeps ?? []
      rule.gaps = own?.gaps ?? []
      return rule
    }
  }
}

extension Rule {
  /// All matchers of the rule, vetoes included.
  public var matchers: [LineMatcher] {
    let own: [LineMatcher] =
      switch kind {
      case .line(let matcher), .span(let matcher), .signal(let matcher): [matcher]
      case .block(let block): [block.start] + [block.middle, block.end].compactMap(\.self)
      }
    return own + own.flatMap(\.unless)
  }
}

struct TableWriter {
  var output: [UInt8] = []

  mutating func int(_ value: Int) {
    var rest = UInt(bitPattern: value)
    repeat {
      let low = UInt8(rest & 0x3F)
      rest >>= 6
      output.append(rest == 0 ? low : low | 0x40)
    } while rest != 0
  }

  mutating func bytes(_ bytes: [UInt8]) {
    int(bytes.count)
    output += bytes
  }

  mutating func text(_ text: String) { bytes(Array(text.utf8)) }

  mutating func list<T>(_ items: [T], _ write: (inout TableWriter, T) -> Void) {
    int(items.count)
    for item in items { write(&self, item) }
  }

  mutating func conditions(_ rule: Rule) {
    let conditions = rule.conditions
    int(conditions.position?.code ?? 0)
    int((conditions.minWords ?? -1) + 1)
    int((conditions.maxWords ?? -1) + 1)
    int(
      (conditions.isAfterRemoved ? 1 : 0) | (conditions.isBeforeRemoved ? 2 : 0)
        | (conditions.isAfterBlankLine ? 4 : 0))
    int((rule.maxLength ?? -1) + 1)
  }

  mutating func gate(_ gate: Gate) {
    let (kind, literals): (Int, [[UInt8]]) =
      switch gate {
      case .none: (0, [])
      case .equals(let list): (1, list)
      case .lineStart(let list): (2, list)
      case .lineEnd(let list): (3, list)
      case .contains(let list): (4, list)
      case .length: (5, [])
      }
    int(kind)
    list(literals) { $0.bytes($1) }
  }

  mutating func demands(_ demands: Demands) {
    list(demands.clauses) { writer, clause in
      writer.int(clause.areWords ? 1 : 0)
      writer.list(clause.literals) { $0.bytes($1) }
    }
    list(demands.kinds) { $0.kinds($1) }
    kinds(demands.first)
    kinds(demands.last)
    int(demands.shortest)
  }

  private mutating func kinds(_ kinds: ByteKinds) { int(Int(bitPattern: UInt(kinds.rawValue))) }

  mutating func single(_ kind: Int, _ matcher: LineMatcher, _ indexes: [String: Int]) {
    int(kind)
    self.matcher(matcher, indexes)
  }

  mutating func matcher(_ matcher: LineMatcher, _ indexes: [String: Int]) {
    for phrases in matcher.phraseLists {
      list(phrases) { $0.bytes(CaseFolding.lowercased($1)) }
    }
    text(matcher.regex ?? "")
    int(indexes[matcher.definitions] ?? 0)
    list(matcher.unless) { $0.matcher($1, indexes) }
  }
}

/// Walks a table. Texts come as byte ranges of the table, to be copied only where needed.
public struct TableReader {
  private let table: UnsafeBufferPointer<UInt8>
  private var at = 0

  public init(_ table: UnsafeBufferPointer<UInt8>) { self.table = table }

  /// Checks the table's first bytes; false when it is not a rule table of this version.
  public mutating func readMagic() -> Bool {
    string() == RuleTable.magic
  }

  public mutating func int() -> Int {
    var value: UInt = 0
    var shift: UInt = 0
    while at < table.count {
      let byte = table[at]
      at += 1
      value |= UInt(byte & 0x3F) << shift
      guard byte & 0x40 != 0 else { break }
      shift += 6
    }
    return Int(bitPattern: value)
  }

  /// A text's place in the table.
  public mutating func range() -> Range<Int> {
    let count = int()
    let start = at
    at = min(at + max(count, 0), table.count)
    return start..<at
  }

  public mutating func string() -> String {
    let range = range()
    return String(decoding: UnsafeBufferPointer(rebasing: table[range]), as: UTF8.self)
  }

  public mutating func list<T>(_ read: (inout TableReader) -> T) -> [T] {
    let count = int()
    var items: [T] = []
    items.reserveCapacity(max(0, min(count, table.count)))
    for _ in 0..<max(0, count) where at < table.count { items.append(read(&self)) }
    return items
  }

  mutating func gate(maxLength: Int) -> Gate {
    let kind = int()
    let literals = list { Array($0.string().utf8) }
    switch kind {
    case 1: return .equals(literals)
    case 2: return .lineStart(literals)
    case 3: return .lineEnd(literals)
    case 4: return .contains(literals)
    case 5: return .length(maxLength)
    default: return .none
    }
  }

  mutating func demands() -> Demands {
    var demands = Demands()
    demands.clauses = list { reader in
      let areWords = reader.int() != 0
      return Demands.Clause(
        literals: reader.list { Array($0.string().utf8) }, areWords: areWords)
    }
    demands.kinds = list { $0.kinds() }
    demands.first = kinds()
    demands.last = kinds()
    demands.shortest = int()
    return demands
  }

  private mutating func kinds() -> ByteKinds {
    ByteKinds(rawValue: UInt64(UInt(bitPattern: int())))
  }

  /// A list of texts, by their places.
  public mutating func ranges() -> [Range<Int>] { list { $0.range() } }
}
