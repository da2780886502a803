// The literals by which rules are found: gates in, candidate rules of a line out.
//
// How often a rule is tried decides the speed of everything, so most lines must pass without a
// single try. A literal anywhere in a line is found by a scan that hashes four bytes at every
// second place; a whole line, its start and its end are looked up once a line.
internal import WinnowRules

struct LiteralTables: ~Copyable {
  /// A literal and the rule it leads to.
  struct Entry {
    var key: UInt32
    var rule: Int32
    var phrase: Phrase
    /// Where in the phrase the key's bytes stand.
    var offset: Int32
    /// Counts only where it does not start or end inside a word.
    var isWord = false
  }

  /// Entries by the hash of their key.
  struct Index: ~Copyable {
    var entries = Buffer<Entry>()
    /// Entry ranges by slot: `starts[slot]..<starts[slot + 1]`.
    var starts = Buffer<Int32>()
    /// One bit a hash, to turn away most places at once.
    var bits = Buffer<UInt64>()
    var shift: UInt32 = 32

    /// Bits of the filter, as a power of two: 32 KB stay in the first-level cache.
    static var filterBits: UInt32 { 18 }

    @inline(__always)
    static func hash(_ key: UInt32) -> UInt32 { key &* 0x9E37_79B1 }

    @inline(__always)
    func mayHold(_ hash: UInt32) -> Bool {
      let bit = Int(hash >> (32 - Self.filterBits))
      return bits[bit >> 6] & (1 << UInt64(bit & 63)) != 0
    }

    mutating func seal() {
      bits.fill(0, count: 1 << Int(Self.filterBits - 6))
      var slots = 16
      while slots < entries.count * 2 { slots *= 2 }
      shift = UInt32(32 - slots.trailingZeroBitCount)
      starts.fill(0, count: slots + 1)
      for index in 0..<entries.count {
        let hash = Self.hash(entries[index].key)
        let bit = Int(hash >> (32 - Self.filterBits))
        bits[bit >> 6] |= 1 << UInt64(bit & 63)
        starts[Int(hash >> shift) + 1] += 1
      }
      for slot in 0..<slots { starts[slot + 1] += starts[slot] }
      var sorted = Buffer<Entry>(capacity: max(1, entries.count))
      sorted.count = entries.count
      var next = Buffer<Int32>(capacity: slots)
      for slot in 0..<slots { next.append(starts[slot]) }
      for index in 0..<entries.count {
        let slot = Int(Self.hash(entries[index].key) >> shift)
        (sorted.base + Int(next[slot])).initialize(to: entries[index])
        next[slot] += 1
      }
      entries = sorted
    }
  }

  private var lines = Index()
  private var starts = Index()
  private var ends = Index()
  private var anywhere = Index()
  private var short = Index()
  /// Rules for lines up to a length, and rules without any gate.
  private(set) var byLength = Buffer<(rule: Int32, maxLength: Int32)>()
  private(set) var ungated = Buffer<Int32>()
  private var longestLine = 0
  /// Whether some short literal is a single sign such as @.
  private var hasSigns = false
  private var longestWordless: Int32 = 0

  /// Literals are hashed by four bytes; the scan looks at every `step`-th place.
  private static let step = 2
  private static let window = 4

  init() {}

  mutating func add(
    rule: Int32, gate: Int, literals: [Phrase], maxLength: Int32, asWords: Bool
  ) {
    switch gate {
    case 1:
      for literal in literals {
        longestLine = max(longestLine, literal.count)
        lines.entries.append(
          Entry(
            key: Self.lineKey(literal.base, literal.count), rule: rule, phrase: literal,
            offset: 0))
      }
    case 2:
      for literal in literals {
        starts.entries.append(
          Entry(
            key: Self.startKey(literal.base, literal.count), rule: rule, phrase: literal,
            offset: 0))
      }
    case 3:
      for literal in literals {
        ends.entries.append(
          Entry(
            key: Self.endKey(literal.base + literal.count, literal.count), rule: rule,
            phrase: literal, offset: 0))
      }
    case 4:
      for literal in literals { addAnywhere(rule, literal, isWord: asWords && literal.isShortWord) }
    case 5: byLength.append((rule, maxLength))
    default: ungated.append(rule)
    }
  }

  /// A literal is entered once for each remainder of its place by `step`, each time at its rarest
  /// window: common letter groups such as "news" would let every second line through.
  private mutating func addAnywhere(_ rule: Int32, _ literal: Phrase, isWord: Bool) {
    guard literal.count >= Self.window + Self.step - 1 else {
      let key = literal.count > 1 ? Self.pair(literal.base) : UInt32(literal.base[0]) << 16
      short.entries.append(
        Entry(key: key, rule: rule, phrase: literal, offset: 0, isWord: isWord))
      hasSigns = hasSigns || literal.count == 1
      return
    }
    for remainder in 0..<Self.step {
      var best = remainder
      var bestScore = Int.max
      var offset = remainder
      while offset + Self.window <= literal.count {
        let score = Self.commonness(literal.base + offset)
        if score < bestScore { (best, bestScore) = (offset, score) }
        offset += Self.step
      }
      anywhere.entries.append(
        Entry(
          key: Self.four(literal.base + best), rule: rule, phrase: literal,
          offset: Int32(best)))
    }
  }

  mutating func seal() {
    lines.seal()
    starts.seal()
    ends.seal()
    anywhere.seal()
    short.seal()
    longestWordless = 0
    for index in 0..<byLength.count {
      longestWordless = max(longestWordless, byLength[index].maxLength)
    }
  }

  /// Calls `body` with each rule that may match the line at `line`, in lower case; one rule may
  /// come more than once. Up to 16 bytes past the line may be read.
  @inline(__always)
  func forEachCandidate(
    _ line: UnsafePointer<UInt8>, _ count: Int, _ body: (_ rule: Int32, _ place: Int) -> Void
  ) {
    guard count > 0 else { return }
    if count <= longestLine {
      lookUp(lines, Self.lineKey(line, count)) { entry in
        if entry.phrase.count == count, Self.areEqual(entry.phrase, line) { body(entry.rule, 0) }
      }
    }
    for length in 1...4 where length <= count {
      lookUp(starts, Self.startKey(line, length)) { entry in
        guard length == 4 ? entry.phrase.count >= 4 : entry.phrase.count == length else { return }
        if entry.phrase.count <= count, Self.areEqual(entry.phrase, line) { body(entry.rule, 0) }
      }
      lookUp(ends, Self.endKey(line + count, length)) { entry in
        guard length == 4 ? entry.phrase.count >= 4 : entry.phrase.count == length else { return }
        let place = count - entry.phrase.count
        if place >= 0, Self.areEqual(entry.phrase, line + place) { body(entry.rule, place) }
      }
    }
    scan(line, count, body)
    scanShort(line, count, body)
    if count <= Int(longestWordless) {
      for index in 0..<byLength.count where count <= Int(byLength[index].maxLength) {
        body(byLength[index].rule, 0)
      }
    }
    for index in 0..<ungated.count { body(ungated[index], 0) }
  }

  @inline(__always)
  private func scan(
    _ line: UnsafePointer<UInt8>, _ count: Int, _ body: (Int32, Int) -> Void
  ) {
    let last = count - Self.window
    var place = 0
    while place <= last {
      let key = Self.four(line + place)
      let hash = Index.hash(key)
      if anywhere.mayHold(hash) {
        let slot = Int(hash >> anywhere.shift)
        for index in Int(anywhere.starts[slot])..<Int(anywhere.starts[slot + 1]) {
          let entry = anywhere.entries[index]
          guard entry.key == key else { continue }
          let start = place - Int(entry.offset)
          if start >= 0, start + entry.phrase.count <= count,
            Self.areEqual(entry.phrase, line + start)
          {
            body(entry.rule, start)
          }
        }
      }
      place += Self.step
    }
  }

  @inline(__always)
  private func scanShort(
    _ line: UnsafePointer<UInt8>, _ count: Int, _ body: (Int32, Int) -> Void
  ) {
    guard short.entries.count > 0 else { return }
    for place in 0..<count {
      let pair = Self.pair(line + place)
      lookUp(short, pair) { entry in
        let end = place + entry.phrase.count
        guard end <= count, Self.areEqual(entry.phrase, line + place) else { return }
        if entry.isWord {
          guard !Letters.joins(line, before: place, from: 0, to: count),
            !Letters.joins(line, before: end, from: 0, to: count)
          else { return }
        }
        body(entry.rule, place)
      }
      if hasSigns, Gate.isSign(line[place]) {
        lookUp(short, UInt32(line[place]) << 16) { body($0.rule, place) }
      }
    }
  }

  @inline(__always)
  private func lookUp(_ index: borrowing Index, _ key: UInt32, _ body: (Entry) -> Void) {
    let hash = Index.hash(key)
    guard index.mayHold(hash) else { return }
    let slot = Int(hash >> index.shift)
    for place in Int(index.starts[slot])..<Int(index.starts[slot + 1]) {
      let entry = index.entries[place]
      if entry.key == key { body(entry) }
    }
  }

  // MARK: Keys

  @inline(__always)
  private static func four(_ base: UnsafePointer<UInt8>) -> UInt32 {
    UnsafeRawPointer(base).loadUnaligned(as: UInt32.self)
  }

  @inline(__always)
  private static func pair(_ base: UnsafePointer<UInt8>) -> UInt32 {
    UInt32(UnsafeRawPointer(base).loadUnaligned(as: UInt16.self))
  }

  /// The first bytes, four at most; shorter ones cannot equal longer ones.
  @inline(__always)
  private static func startKey(_ base: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
    if count >= 4 { return four(base) }
    var key = UInt32(count) << 24
    for index in 0..<count { key |= UInt32(base[index]) << UInt32(8 * index) }
    return key
  }

  @inline(__always)
  private static func endKey(_ end: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
    startKey(end - min(count, 4), min(count, 4))
  }

  @inline(__always)
  private static func lineKey(_ base: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
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
    hash = (hash ^ rest) &* 0x9FB2_1C65_1E98_DF25
    return UInt32(truncatingIfNeeded: hash >> 32)
  }

  @inline(__always)
  private static func areEqual(_ phrase: Phrase, _ text: UnsafePointer<UInt8>) -> Bool {
    var index = 0
    while index < phrase.count {
      guard phrase.base[index] == text[index] else { return false }
      index += 1
    }
    return true
  }

  /// A guess at how common four bytes are in prose: the sum of their letters' frequencies.
  private static func commonness(_ base: UnsafePointer<UInt8>) -> Int {
    (0..<window).reduce(0) { $0 + Int(frequency[Int(base[$1])]) }
  }

  /// Letters by how often they stand in running text, in per mille; a blank is the most common.
  private static let frequency: [UInt8] = {
    var table = [UInt8](repeating: 8, count: 256)
    let letters: [(Character, UInt8)] = [
      (" ", 180), ("e", 102), ("t", 75), ("a", 65), ("o", 62), ("i", 57), ("n", 57), ("s", 53),
      ("r", 50), ("h", 50), ("l", 33), ("d", 33), ("u", 23), ("c", 22), ("m", 20), ("f", 18),
      ("w", 17), ("g", 16), ("p", 15), ("y", 14), ("b", 13), ("v", 8), ("k", 6), ("x", 1),
      ("j", 1), ("q", 1), ("z", 1),
    ]
    for (letter, share) in letters { table[Int(letter.asciiValue ?? 0)] = share }
    return table
  }()
}
