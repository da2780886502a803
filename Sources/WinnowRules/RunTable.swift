// Rules laid out to be run: rules in, flat records out, used where they lie.
//
// The build makes this table of the built-in packs once, so that a start decodes nothing; rules
// given at run time are laid out by the same code. Numbers are little-endian records one after
// another, texts one run of bytes that the records point into.
internal import PCRE2

/// Bytes of the table's text.
public struct TextRange {
  public var start: UInt32 = 0
  public var count: UInt32 = 0

  @inlinable public init(start: UInt32 = 0, count: UInt32 = 0) {
    self.start = start
    self.count = count
  }
}

/// A range of records of another section.
public struct IndexRange {
  public var start: Int32 = 0
  public var count: Int32 = 0

  @inlinable public init(start: Int32 = 0, count: Int32 = 0) {
    self.start = start
    self.count = count
  }

  @inlinable public var range: Range<Int> { Int(start)..<Int(start &+ count) }
  @inlinable public var isEmpty: Bool { count == 0 }
}

/// `LineMatcher`, made ready: ranges of phrases, the indexes of a pattern and of a vetoing matcher.
public struct RunMatcher {
  public var equals = IndexRange()
  public var startsWith = IndexRange()
  public var endsWith = IndexRange()
  public var contains = IndexRange()
  /// Index of a pattern, or -1.
  public var pattern: Int32 = -1
  /// Index of the vetoing matcher, or -1.
  public var unless: Int32 = -1
}

public enum RunKind: UInt8 { case line, span, signal, block }

/// `Rule`, made ready: plain numbers.
public struct RunRule {
  public var kind = RunKind.line
  public var categoryCode: UInt8 = 0
  public var confidenceCode: UInt8 = 0
  /// 0 for none, else one more than the place in `Conditions.Position`.
  public var positionCode: UInt8 = 0
  public var flags = Flags()
  public var minWords: Int32 = 0
  public var maxWords: Int32 = .max
  public var minLength: Int32 = 0
  public var maxLength: Int32 = .max
  /// Phrases one of which must stand in the line.
  public var requires = IndexRange()
  /// Clauses of which each must hold; see `Demands`.
  public var clauses = IndexRange()
  public var matcher: Int32 = -1
  public var middle: Int32 = -1
  public var end: Int32 = -1
  public var maxLines: Int32 = 0
  public var name = TextRange()
  public var summary = TextRange()
  public var language = TextRange()
  public var sites = IndexRange()
  public var notSites = IndexRange()
  public var first: UInt64 = .max
  public var last: UInt64 = .max
  public var holds1: UInt64 = .max
  public var holds2: UInt64 = .max
  public var holds3: UInt64 = .max
  /// The name as the weights know it.
  public var nameHash: UInt64 = 0

  public struct Flags: OptionSet {
    public var rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static var isAfterRemoved: Flags { Flags(rawValue: 1) }
    public static var isBeforeRemoved: Flags { Flags(rawValue: 2) }
    public static var isAfterBlankLine: Flags { Flags(rawValue: 4) }
    public static var isTrusted: Flags { Flags(rawValue: 8) }
    /// Its gate and clauses hold all of `requires`.
    public static var hasRequired: Flags { Flags(rawValue: 16) }
  }

  public var isAfterRemoved: Bool { flags.contains(.isAfterRemoved) }
  public var isBeforeRemoved: Bool { flags.contains(.isBeforeRemoved) }
  public var isAfterBlankLine: Bool { flags.contains(.isAfterBlankLine) }
  public var looksAround: Bool { positionCode != 0 || flags.rawValue & 7 != 0 }
  public var category: Category { Category.allCases[Int(categoryCode)] }
  public var confidence: Confidence { Confidence.allCases[Int(confidenceCode)] }
  public var position: Conditions.Position? {
    positionCode == 0 ? nil : Conditions.Position.allCases[Int(positionCode) - 1]
  }
}

/// A pattern's source, and the definitions to put in front.
public struct RunPattern {
  public var source = TextRange()
  public var definitions = TextRange()
  public var isTrusted: Int32 = 0
}

/// A literal of a gate or a clause.
public struct RunLiteral {
  public var text = TextRange()
  /// Not 0: counts only where it does not start or end inside a word.
  public var isWord: Int32 = 0
  /// The rules that are tried where it stands, in `leads`.
  public var leads = IndexRange()
}

/// A place in an index of literals.
public struct RunEntry {
  public var key: UInt32 = 0
  /// A literal, or in the indexes of whole lines, starts and ends a rule.
  public var target: Int32 = 0
  /// In the latter: the text.
  public var text = TextRange()
  /// Where in the literal the key's bytes stand.
  public var offset: Int32 = 0

  init(key: UInt32 = 0, target: Int32 = 0, text: TextRange = TextRange()) {
    (self.key, self.target, self.text) = (key, target, text)
  }

  /// An entry of a literal. Four more of its bytes and its length stand in the place of the text,
  /// so that most that share a key are turned away without a look at the literal itself.
  init(key: UInt32, target: Int32, literal: [UInt8], offset: Int, width: Int) {
    self.init(key: key, target: target)
    self.offset = Int32(offset)
    // As far from the key as can be.
    let last = max(literal.count - 4, 0)
    let check = offset * 2 > literal.count - width ? 0 : last
    text.start = RunKey.short(literal[check..<min(check + 4, literal.count)])
    text.count = UInt32(literal.count) | UInt32(check) << 16
  }

  /// In an index of literals: the length, and four bytes at an offset; none when it is shorter.
  @inlinable public var literalCount: Int { Int(text.count & 0xFFFF) }
  @inlinable public var checkOffset: Int { Int(text.count >> 16) }
  @inlinable public var check: UInt32 { text.start }
}

/// An index of literals: a filter of one bit a hash, then the entries by slots of a hash table.
public struct RunIndex {
  /// Words of 64 bits in the numbers; the filter has 2 to the power `filterBits` bits.
  public var filter: Int32 = 0
  public var filterBits: UInt32 = 6
  /// `starts[slot]..<starts[slot + 1]` are the entries of a slot; slots are the hash's top bits.
  public var starts: Int32 = 0
  public var shift: UInt32 = 32
  public var entries: Int32 = 0
  public var entryCount: Int32 = 0

  @inlinable public static func hash(_ key: UInt32) -> UInt32 { key &* 0x9E37_79B1 }
}

/// The head of a table: where each section starts, in bytes of the numbers, and its records.
public struct RunHead {
  public var magic: UInt32 = RunHead.version
  public var ruleCount: Int32 = 0
  public var patternCount: Int32 = 0
  public var literalCount: Int32 = 0
  public var byLengthCount: Int32 = 0
  public var ungatedCount: Int32 = 0
  public var rules: Int32 = 0
  public var matchers: Int32 = 0
  public var phrases: Int32 = 0
  public var patterns: Int32 = 0
  public var clauses: Int32 = 0
  public var clauseLiterals: Int32 = 0
  public var literals: Int32 = 0
  public var leads: Int32 = 0
  public var byLength: Int32 = 0
  public var ungated: Int32 = 0
  /// By sign: its literal, or -1; and the signs that have one.
  public var signs: Int32 = 0
  public var longestLine: Int32 = 0
  public var longestWordless: Int32 = 0
  /// Bytes of the two parts of the table.
  public var numbersCount: Int32 = 0
  public var textCount: Int32 = 0
  var reserved: Int32 = 0
  public var signKinds: UInt64 = 0
  public var lines = RunIndex()
  public var lineStarts = RunIndex()
  public var lineEnds = RunIndex()
  /// Literals of five bytes and more, by four of them; the scan looks at every second place.
  public var long = RunIndex()
  /// Literals of three and four bytes, by three; and of two, by both: at every place.
  public var threes = RunIndex()
  public var pairs = RunIndex()

  public static let version: UInt32 = 0x3254_5257
}

extension RunHead {
  /// Any bytes as text, six bits a character from `@` on, so that they can be a string literal.
  public static func packed(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count / 3 * 4 + 8)
    for start in stride(from: 0, to: bytes.count, by: 6) {
      var word: UInt64 = 0
      for (place, byte) in bytes[start..<min(start + 6, bytes.count)].enumerated() {
        word |= UInt64(byte) << UInt64(8 * place)
      }
      for place in 0..<8 { output.append(0x40 | UInt8(word >> UInt64(6 * place) & 0x3F)) }
    }
    return output
  }

  /// The bytes of a packed text, in memory that is the caller's; aligned for any record.
  public static func unpacked(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeMutableRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: text.count / 8 * 6 + 16, alignment: 16)
    guard let base = text.baseAddress else { return memory }
    var target = memory
    for start in stride(from: 0, through: text.count - 8, by: 8) {
      var word = UnsafeRawPointer(base + start).loadUnaligned(as: UInt64.self)
      word &= 0x3F3F_3F3F_3F3F_3F3F
      word = word & 0x003F_003F_003F_003F | (word & 0x3F00_3F00_3F00_3F00) >> 2
      word = word & 0x0000_0FFF_0000_0FFF | (word & 0x0FFF_0000_0FFF_0000) >> 4
      word = word & 0xFF_FFFF | (word >> 8) & 0xFFFF_FF00_0000
      // Two bytes more than are meant: the next turn writes them.
      target.storeBytes(of: word, as: UInt64.self)
      target += 6
    }
    return memory
  }
}

/// Lays out rules.
public struct RunTableBuilder {
  private var numbers: [UInt8] = []
  private var text: [UInt8] = []
  private var textPlaces: [[UInt8]: TextRange] = [:]
  private var head = RunHead()

  private var rules: [RunRule] = []
  private var matchers: [RunMatcher] = []
  private var phrases: [TextRange] = []
  private var patterns: [RunPattern] = []
  private var clauses: [IndexRange] = []
  private var clauseLiterals: [Int32] = []
  private var literals: [RunLiteral] = []
  private var literalBytes: [[UInt8]] = []
  private var literalNumbers: [[UInt8]: Int32] = [:]
  private var leads: [[Int32]] = []
  private var byLength: [Int32] = []
  private var ungated: [Int32] = []
  private var lines: [RunEntry] = []
  private var lineStarts: [RunEntry] = []
  private var lineEnds: [RunEntry] = []

  /// Literals of this many bytes are found by four of them at every second place.
  private static let window = 4
  private static let step = 2

  /// The table of `rules`, in order: its numbers, and its text.
  public static func table(
    of rules: [(rule: Rule, isTrusted: Bool)]
  ) -> (numbers: [UInt8], text: [UInt8]) {
    var builder = RunTableBuilder()
    for (rule, isTrusted) in rules { builder.add(rule, isTrusted) }
    builder.seal()
    return (builder.numbers, builder.text)
  }

  // MARK: Rules

  private mutating func add(_ rule: Rule, _ isTrusted: Bool) {
    let index = Int32(rules.count)
    var made = RunRule()
    let conditions = rule.conditions
    made.categoryCode = UInt8(rule.category.code)
    made.confidenceCode = UInt8(rule.confidence.code)
    made.positionCode = UInt8(conditions.position?.code ?? 0)
    if conditions.isAfterRemoved { made.flags.insert(.isAfterRemoved) }
    if conditions.isBeforeRemoved { made.flags.insert(.isBeforeRemoved) }
    if conditions.isAfterBlankLine { made.flags.insert(.isAfterBlankLine) }
    if isTrusted { made.flags.insert(.isTrusted) }
    made.minWords = Int32(conditions.minWords ?? 0)
    made.maxWords = conditions.maxWords.map(Int32.init) ?? .max
    made.minLength = Int32(rule.demands.shortest)
    made.maxLength = rule.maxLength.map(Int32.init) ?? .max
    made.name = place(rule.name)
    made.summary = place(rule.summary)
    made.language = place(rule.language)
    made.nameHash = Self.nameHash(rule.name)
    made.sites = list(rule.sites.map { Array($0.utf8) })
    made.notSites = list(rule.notSites.map { Array($0.utf8) })
    made.requires = list(rule.requires.map(CaseFolding.lowercased(_:)))
    switch rule.kind {
    case .line(let matcher): made.matcher = add(matcher, isTrusted)
    case .span(let matcher): (made.kind, made.matcher) = (.span, add(matcher, isTrusted))
    case .signal(let matcher): (made.kind, made.matcher) = (.signal, add(matcher, isTrusted))
    case .block(let block):
      (made.kind, made.matcher) = (.block, add(block.start, isTrusted))
      made.middle = block.middle.map { add($0, isTrusted) } ?? -1
      made.end = block.end.map { add($0, isTrusted) } ?? -1
      made.maxLines = Int32(block.maxLines)
    }
    made.first = rule.demands.first.rawValue
    made.last = rule.demands.last.rawValue
    let kinds = rule.demands.kinds.map(\.rawValue)
    if !kinds.isEmpty { made.holds1 = kinds[0] }
    if kinds.count > 1 { made.holds2 = kinds[1] }
    if kinds.count > 2 { made.holds3 = kinds[2] }
    addGate(of: rule, index, &made)
    rules.append(made)
  }

  private mutating func addGate(of rule: Rule, _ index: Int32, _ made: inout RunRule) {
    let required = rule.requires.map(CaseFolding.lowercased(_:))
    made.clauses.start = Int32(clauses.count)
    for (number, clause) in rule.demands.clauses.enumerated() {
      let isLead = if case .contains = rule.gate { number == 0 } else { false }
      if clause.areWords, clause.literals == required { made.flags.insert(.hasRequired) }
      let start = clauseLiterals.count
      for literal in clause.literals {
        let number = self.number(of: literal, isWord: clause.areWords && Self.isShortWord(literal))
        clauseLiterals.append(number)
        if isLead { leads[Int(number)].append(index) }
      }
      // The gate itself has been seen to hold.
      guard !isLead else {
        clauseLiterals.removeSubrange(start...)
        continue
      }
      clauses.append(IndexRange(start: Int32(start), count: Int32(clause.literals.count)))
    }
    made.clauses.count = Int32(clauses.count) - made.clauses.start
    switch rule.gate {
    case .equals(let literals):
      for literal in literals {
        head.longestLine = max(head.longestLine, Int32(literal.count))
        let key = literal.withUnsafeBufferPointer { RunKey.line($0.baseAddress, $0.count) }
        lines.append(RunEntry(key: key, target: index, text: place(literal)))
      }
    case .lineStart(let literals):
      for literal in literals {
        let key = RunKey.short(literal.prefix(4))
        lineStarts.append(RunEntry(key: key, target: index, text: place(literal)))
      }
    case .lineEnd(let literals):
      for literal in literals {
        let key = RunKey.short(literal.suffix(4))
        lineEnds.append(RunEntry(key: key, target: index, text: place(literal)))
      }
    case .contains: break
    case .length(let most):
      byLength.append(index)
      head.longestWordless = max(head.longestWordless, Int32(most))
      made.maxLength = min(made.maxLength, Int32(most))
    case .none: ungated.append(index)
    }
  }

  private mutating func add(_ matcher: LineMatcher, _ isTrusted: Bool) -> Int32 {
    var made = RunMatcher()
    made.equals = list(matcher.equals.map(CaseFolding.lowercased(_:)))
    made.startsWith = list(matcher.startsWith.map(CaseFolding.lowercased(_:)))
    made.endsWith = list(matcher.endsWith.map(CaseFolding.lowercased(_:)))
    made.contains = list(matcher.contains.map(CaseFolding.lowercased(_:)))
    if let regex = matcher.regex, !regex.isEmpty {
      made.pattern = Int32(patterns.count)
      patterns.append(
        RunPattern(
          source: place(regex), definitions: place(matcher.definitions),
          isTrusted: isTrusted ? 1 : 0))
    }
    if let veto = matcher.unless.first { made.unless = add(veto, isTrusted) }
    matchers.append(made)
    return Int32(matchers.count - 1)
  }

  /// Two or three ASCII letters: too common inside words to tell anything there.
  private static func isShortWord(_ literal: [UInt8]) -> Bool {
    (2...3).contains(literal.count) && literal.allSatisfy { $0 &- 0x61 < 26 }
  }

  // MARK: Texts

  private mutating func place(_ string: String) -> TextRange { place(Array(string.utf8)) }

  private mutating func place(_ bytes: [UInt8]) -> TextRange {
    if let known = textPlaces[bytes] { return known }
    let made = TextRange(start: UInt32(text.count), count: UInt32(bytes.count))
    text += bytes
    textPlaces[bytes] = made
    return made
  }

  private mutating func list(_ texts: [[UInt8]]) -> IndexRange {
    let start = phrases.count
    for text in texts { phrases.append(place(text)) }
    return IndexRange(start: Int32(start), count: Int32(texts.count))
  }

  private mutating func number(of literal: [UInt8], isWord: Bool) -> Int32 {
    let key = literal + [isWord ? 1 : 0]
    if let known = literalNumbers[key] { return known }
    let number = Int32(literals.count)
    literals.append(RunLiteral(text: place(literal), isWord: isWord ? 1 : 0))
    literalBytes.append(literal)
    leads.append([])
    literalNumbers[key] = number
    return number
  }

  /// FNV-1a.
  private static func nameHash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  // MARK: Sections

  private mutating func seal() {
    append(head)
    head.ruleCount = Int32(rules.count)
    head.patternCount = Int32(patterns.count)
    head.literalCount = Int32(literals.count)
    head.byLengthCount = Int32(byLength.count)
    head.ungatedCount = Int32(ungated.count)
    var long: [RunEntry] = []
    var threes: [RunEntry] = []
    var pairs: [RunEntry] = []
    var signs = [Int32](repeating: -1, count: 64)
    for (number, literal) in literalBytes.enumerated() {
      let number = Int32(number)
      switch literal.count {
      case 0: continue
      case 1:
        let kind = ByteKinds.of(literal[0]).rawValue
        head.signKinds |= kind
        if kind != 0 { signs[kind.trailingZeroBitCount] = number }
      case 2:
        let key = UInt32(literal[0]) | UInt32(literal[1]) << 8
        pairs.append(RunEntry(key: key, target: number, literal: literal, offset: 0, width: 2))
      case 3, 4:
        let offset = Self.rarest(literal, width: 3, from: 0, step: 1)
        threes.append(
          RunEntry(
            key: Self.three(literal, offset), target: number, literal: literal, offset: offset,
            width: 3))
      default:
        // Once for each remainder of its place by the step, each time at its rarest window: common
        // letter groups such as "news" would let every second line through.
        for remainder in 0..<Self.step {
          let offset = Self.rarest(literal, width: Self.window, from: remainder, step: Self.step)
          let key = RunKey.short(literal[offset..<offset + Self.window])
          long.append(
            RunEntry(
              key: key, target: number, literal: literal, offset: offset, width: Self.window))
        }
      }
    }
    head.rules = section(rules)
    head.matchers = section(matchers)
    head.phrases = section(phrases)
    head.patterns = section(patterns)
    head.clauses = section(clauses)
    head.clauseLiterals = section(clauseLiterals)
    var allLeads: [Int32] = []
    for index in literals.indices {
      literals[index].leads = IndexRange(
        start: Int32(allLeads.count), count: Int32(leads[index].count))
      allLeads += leads[index]
    }
    head.literals = section(literals)
    head.leads = section(allLeads)
    head.byLength = section(byLength)
    head.ungated = section(ungated)
    head.signs = section(signs)
    head.lines = index(lines, filterBits: 13)
    head.lineStarts = index(lineStarts, filterBits: 13)
    head.lineEnds = index(lineEnds, filterBits: 13)
    head.long = index(long, filterBits: 19)
    head.threes = index(threes, filterBits: 16)
    head.pairs = index(pairs, filterBits: 16)
    head.numbersCount = Int32(numbers.count)
    head.textCount = Int32(text.count)
    withUnsafeBytes(of: head) { numbers.replaceSubrange(0..<$0.count, with: $0) }
  }

  private static func three(_ literal: [UInt8], _ at: Int) -> UInt32 {
    UInt32(literal[at]) | UInt32(literal[at + 1]) << 8 | UInt32(literal[at + 2]) << 16
  }

  /// The place of the window whose letters are the least common.
  private static func rarest(_ literal: [UInt8], width: Int, from: Int, step: Int) -> Int {
    let places = stride(from: from, through: literal.count - width, by: step)
    let rated = places.map { ($0, Grams.share(ofWindow: literal[$0..<$0 + width])) }
    return rated.min { $0.1 < $1.1 }?.0 ?? from
  }

  private mutating func index(_ entries: [RunEntry], filterBits most: UInt32) -> RunIndex {
    var index = RunIndex()
    // Sixteen bits an entry let one place in sixteen through.
    var filterBits: UInt32 = 6
    while filterBits < most, 1 << filterBits < entries.count * 16 { filterBits += 1 }
    index.filterBits = filterBits
    index.entryCount = Int32(entries.count)
    var filter = [UInt64](repeating: 0, count: 1 << Int(filterBits - 6))
    var slots = 16
    while slots < entries.count * 2 { slots *= 2 }
    index.shift = UInt32(32 - slots.trailingZeroBitCount)
    var starts = [Int32](repeating: 0, count: slots + 1)
    let shift = index.shift
    func slot(_ entry: RunEntry) -> Int { Int(RunIndex.hash(entry.key) >> shift) }
    for entry in entries {
      let bit = Int(RunIndex.hash(entry.key) >> (32 - filterBits))
      filter[bit >> 6] |= 1 << UInt64(bit & 63)
      starts[slot(entry) + 1] += 1
    }
    for slot in 0..<slots { starts[slot + 1] += starts[slot] }
    var next = starts
    var sorted = [RunEntry](repeating: RunEntry(), count: entries.count)
    for entry in entries {
      sorted[Int(next[slot(entry)])] = entry
      next[slot(entry)] += 1
    }
    index.filter = section(filter)
    index.starts = section(starts)
    index.entries = section(sorted)
    return index
  }

  private mutating func append<T>(_ record: T) {
    withUnsafeBytes(of: record) { numbers += $0 }
    numbers += repeatElement(0, count: MemoryLayout<T>.stride - MemoryLayout<T>.size)
  }

  /// Writes records and says where they start.
  private mutating func section<T>(_ records: [T]) -> Int32 {
    while numbers.count % 16 != 0 { numbers.append(0) }
    let start = Int32(numbers.count)
    records.withUnsafeBytes { numbers += $0 }
    return start
  }
}

/// Keys of the indexes.
public enum RunKey {
  /// Up to four bytes; shorter texts cannot equal longer ones.
  static func short(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var key: UInt32 = bytes.count < 4 ? UInt32(bytes.count) << 24 : 0
    for (index, byte) in bytes.enumerated() { key |= UInt32(byte) << UInt32(8 * index) }
    return key
  }

  /// A whole line.
  @inlinable
  public static func line(_ base: UnsafePointer<UInt8>?, _ count: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: wide(base, count) >> 32)
  }

  @inlinable
  public static func wide(_ base: UnsafePointer<UInt8>?, _ count: Int) -> UInt64 {
    guard let base else { return 0 }
    var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    var index = 0
    while index + 8 <= count {
      hash =
        (hash ^ UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
        &* 0x9FB2_1C65_1E98_DF25
      hash ^= hash >> 29
      index += 8
    }
    var rest: UInt64 = 0
    while index < count {
      rest = rest << 8 | UInt64(base[index])
      index += 1
    }
    return (hash ^ rest) &* 0x9FB2_1C65_1E98_DF25
  }
}
