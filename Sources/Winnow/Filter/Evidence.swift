// Weighs lines that no rule decides: facts, words and signals of a line in, its score out.
//
// A score is a sum of weights that are data (Patterns/evidence.tsv), fitted by
// Scripts/fit-evidence.py on labelled articles and readable as a table. A line is weighed twice:
// first by itself, then with what its neighbours weigh. Long prose is settled by its shape alone.
internal import WinnowRules

/// The weights.
final class EvidenceWeights: @unchecked Sendable {
  private var facts = Buffer<Float>()
  private var keys = Buffer<UInt64>()
  private var values = Buffer<Float>()
  private let mask: Int
  /// One bit a hash, to turn away most tokens at once.
  private var filter = Buffer<UInt64>()
  private static let filterBits: UInt64 = 19
  /// A line goes when it scores at least this, by confidence; nil when there are no weights.
  private(set) var thresholds: [Confidence: Float] = [:]
  /// How much of the first score counts in the second.
  private(set) var ownShare: Float = 1
  /// How much more a line of prose must score.
  private(set) var proseMargin: Float = 0

  /// The weights that were embedded when the library was built.
  static let builtIn = EvidenceWeights(table)

  static var table: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(
      start: EmbeddedPatterns.evidence.utf8Start, count: EmbeddedPatterns.evidence.utf8CodeUnitCount
    )
  }

  /// No weights: nothing goes by evidence.
  static let none = EvidenceWeights(UnsafeBufferPointer(start: nil, count: 0))

  /// Reads `kind<tab>name<tab>weight` lines.
  init(_ table: UnsafeBufferPointer<UInt8>) {
    facts.fill(0, count: FactKey.count)
    let lines = table.count { $0 == 0x0A }
    var slots = 64
    while slots < lines * 2 { slots *= 2 }
    mask = slots - 1
    keys.fill(0, count: slots)
    values.fill(0, count: slots)
    filter.fill(0, count: 1 << Int(Self.filterBits - 6))
    var start = 0
    while start < table.count {
      var end = start
      var tabs = (-1, -1)
      while end < table.count, table[end] != 0x0A {
        if table[end] == 0x09 { tabs = tabs.0 < 0 ? (end, -1) : (tabs.0, end) }
        end += 1
      }
      if tabs.1 >= 0, table[start] != UInt8(ascii: "#") {
        read(
          UnsafeBufferPointer(rebasing: table[start..<tabs.0]),
          UnsafeBufferPointer(rebasing: table[tabs.0 + 1..<tabs.1]),
          UnsafeBufferPointer(rebasing: table[tabs.1 + 1..<end]))
      }
      start = end + 1
    }
  }

  private func read(
    _ kind: UnsafeBufferPointer<UInt8>, _ name: UnsafeBufferPointer<UInt8>,
    _ number: UnsafeBufferPointer<UInt8>
  ) {
    guard let weight = Self.decimal(number) else { return }
    // Words are nearly all there is, and read at every start: no text is made of them.
    if kind.first == UInt8(ascii: "w") || kind.elementsEqual("signal".utf8) {
      var hash = TokenHash()
      for byte in name { hash.add(byte) }
      return set(hash.value, weight)
    }
    let name = String(decoding: name, as: UTF8.self)
    switch String(decoding: kind, as: UTF8.self) {
    case "threshold": if let level = Confidence(rawValue: name) { thresholds[level] = weight }
    case "share": ownShare = weight
    case "margin": proseMargin = weight
    case "fact": if let key = FactKey(name: name) { facts[key.index] = weight }
    default: break
    }
  }

  /// `-0.281`
  private static func decimal(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
    var (value, scale): (Double, Double) = (0, 1)
    var hasPoint = false
    let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
    guard !digits.isEmpty else { return nil }
    for byte in digits {
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else if byte &- 0x30 < 10 {
        value = value * 10 + Double(byte - 0x30)
        if hasPoint { scale *= 10 }
      } else {
        return nil
      }
    }
    return Float((digits.count < text.count ? -value : value) / scale)
  }

  private func set(_ key: UInt64, _ value: Float) {
    let bit = Int(key >> (64 - Self.filterBits))
    filter[bit >> 6] |= 1 << UInt64(bit & 63)
    var slot = Int(truncatingIfNeeded: key) & mask
    while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
    keys[slot] = key
    values[slot] = value
  }

  @inline(__always)
  func word(_ key: UInt64) -> Float {
    let bit = Int(truncatingIfNeeded: key &>> (64 &- Self.filterBits))
    guard filter[bit &>> 6] & (1 &<< UInt64(truncatingIfNeeded: bit & 63)) != 0 else { return 0 }
    var slot = Int(truncatingIfNeeded: key) & mask
    while keys[slot] != 0 {
      if keys[slot] == key { return values[slot] }
      slot = (slot + 1) & mask
    }
    return 0
  }

  @inline(__always)
  func fact(_ key: FactKey) -> Float { facts[key.index] }
}

/// FNV-1a over the bytes of a token; never 0.
struct TokenHash {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  @inline(__always)
  mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

  // The hashes of what tokens start with.
  static let word = TokenHash(of: "w:")
  static let pair = TokenHash(of: "b:")
  static let first = TokenHash(of: "f:")
  static let last = TokenHash(of: "l:")

  init() {}

  private init(of text: StaticString) {
    for place in 0..<text.utf8CodeUnitCount { add(text.utf8Start[place]) }
  }
}

/// The words of a line as tokens: `w:word`, `b:two words`, `f:first`, `l:last`. Digits count as 0.
struct LineTokens {
  /// Words past this are not looked at.
  static let most = 60

  /// Calls `body` with the hash of each token of `text`, in lower case.
  @inline(__always)
  static func forEach(_ text: UnsafeBufferPointer<UInt8>, _ body: (UInt64) -> Void) {
    guard let base = text.baseAddress else { return }
    let bytes = Letters.table
    let (wordSeed, pairSeed) = (TokenHash.word, TokenHash.pair)
    let count = text.count
    var index = 0
    var words = 0
    // The hash of `b:` and the word before, with its space.
    var previous = TokenHash()
    var lastWord = 0..<0
    while index < count, words < most {
      guard Letters.isWordByte(base + index, bytes) else {
        index &+= 1
        continue
      }
      let start = index
      var word = wordSeed
      var pair = previous
      var next = pairSeed
      repeat {
        let byte = base[index] &- 0x30 < 10 ? 0x30 : base[index]
        word.add(byte)
        pair.add(byte)
        next.add(byte)
        index &+= 1
      } while index < count && Letters.isWordByte(base + index, bytes)
      body(word.value)
      if words == 0 {
        body(hash(.first, base, start..<index).value)
      } else {
        body(pair.value)
      }
      words &+= 1
      next.add(0x20)
      previous = next
      lastWord = start..<index
    }
    if words > 0 { body(hash(.last, base, lastWord).value) }
  }

  private static func hash(
    _ seed: TokenHash, _ base: UnsafePointer<UInt8>, _ word: Range<Int>
  ) -> TokenHash {
    var hash = seed
    for place in word { hash.add(base[place] &- 0x30 < 10 ? 0x30 : base[place]) }
    return hash
  }

  /// The tokens as texts, for fitting and for `explain`.
  static func texts(_ text: UnsafeBufferPointer<UInt8>) -> [String] {
    guard let base = text.baseAddress else { return [] }
    var words: [String] = []
    var index = 0
    while index < text.count, words.count < most {
      guard Letters.isWordCharacter(base + index) else {
        index += 1
        continue
      }
      var word: [UInt8] = []
      while index < text.count, Letters.isWordCharacter(base + index) || base[index] & 0xC0 == 0x80
      {
        word.append(base[index] &- 0x30 < 10 ? 0x30 : base[index])
        index += 1
      }
      words.append(String(decoding: word, as: UTF8.self))
    }
    guard let first = words.first, let last = words.last else { return [] }
    return words.map { "w:\($0)" } + zip(words, words.dropFirst()).map { "b:\($0) \($1)" }
      + ["f:\(first)", "l:\(last)"]
  }
}

/// One part of the sum by which a line went.
public struct EvidenceWeight: Sendable, Equatable {
  /// A fact, a word (`w:word`, `b:two words`, `f:first`, `l:last`), a signal rule, `neighbours`, `sum`.
  public let name: String
  public let weight: Float

  init(_ name: String, _ weight: Float) {
    self.name = name
    self.weight = weight
  }
}

/// Weighs the lines of one document.
final class Evidence {
  private let weights: EvidenceWeights
  /// The shapes of all text lines of the document, and of each the weights of its words: ranges of
  /// `wordWeights`, made when a line is first weighed.
  private var measured = Buffer<LineShape>()
  private var wordRanges = Buffer<IndexRange?>()
  private var wordWeights = Buffer<Float>()
  /// The text lines that are weighed: as indexes of source lines, and of the measured ones; with
  /// their shapes, kinds and signals.
  private(set) var lines = Buffer<Int32>()
  private var places = Buffer<Int32>()
  private(set) var shapes = Buffer<LineShape>()
  private(set) var kinds = Buffer<Surrounding>()
  private var signals = Buffer<IndexRange>()
  private var repeats = Repeats()
  /// By text line: the first score, or NaN for lines that are settled.
  private(set) var scores = Buffer<Float>()
  private var vocabulary = Vocabulary()
  /// How many lines of prose the vocabulary was made of; -1 when it has yet to be made.
  private var vocabularyLines = -1
  private var proseLines = 0

  init(_ weights: EvidenceWeights) { self.weights = weights }

  /// Measures the text lines of a document.
  func measure(_ source: SourceText, _ finder: Finder) {
    measured.count = 0
    wordWeights.count = 0
    vocabularyLines = -1
    let (folded, lower) = (source.folded.base, source.lower.base)
    let lines = source.lines.view
    for lineIndex in finder.textLines.view {
      let line = lines[Int(lineIndex)]
      measured.append(
        LineShape(
          UnsafeBufferPointer(start: folded + line.foldedStart, count: line.foldedCount),
          lower: UnsafeBufferPointer(start: lower + line.foldedStart, count: line.foldedCount)))
    }
    wordRanges.fill(nil, count: measured.count)
  }

  /// Sets out the measured lines. Those that go are neighbours marked as removed; or, with
  /// `leavingOut`, they are no lines at all, as they will be when the result is cleaned again.
  func arrange(
    _ source: SourceText, _ finder: Finder, isRemoved: UnsafeBufferPointer<Bool>, leavingOut: Bool
  ) {
    lines.count = 0
    places.count = 0
    shapes.count = 0
    kinds.count = 0
    signals.count = 0
    proseLines = 0
    let textLines = finder.textLines.view
    let found = finder.signals.view
    repeats.clear(for: textLines.count)
    var signal = 0
    for index in 0..<textLines.count {
      let line = textLines[index]
      // Both are in the order of lines.
      while signal < found.count, found[signal].firstLine < line { signal += 1 }
      let firstSignal = signal
      while signal < found.count, found[signal].firstLine == line { signal += 1 }
      let isGone = isRemoved[Int(line)]
      if isGone, leavingOut { continue }
      lines.append(line)
      places.append(Int32(index))
      shapes.append(measured[index])
      signals.append(IndexRange(start: Int32(firstSignal), count: Int32(signal - firstSignal)))
      let kind = measured[index].kind
      kinds.append(isGone ? .removed : kind)
      if kind != .prose {
        repeats.add(measured[index].hash)
      } else if !isGone {
        proseLines += 1
      }
    }
  }

  /// The words of the prose that stays. What goes never comes back, so that as many lines of prose
  /// are the same ones.
  private func readVocabulary(_ source: SourceText) {
    guard vocabularyLines != proseLines else { return }
    vocabularyLines = proseLines
    vocabulary.clear()
    for index in 0..<lines.count where kinds[index] == .prose {
      vocabulary.add(source.lowerText(of: source.lines[Int(lines[index])]))
    }
  }

  /// Whether a text line is weighed at all: prose amid prose without a signal is not.
  func isOpen(_ index: Int) -> Bool {
    guard kinds[index] != .removed, shapes[index].words < 99 else { return false }
    guard kinds[index] == .prose, signals[index].isEmpty else { return true }
    let above = index > 0 ? kinds[index - 1] : .none
    let below = index + 1 < kinds.count ? kinds[index + 1] : .none
    return !(above.isSettled && below.isSettled)
  }

  /// The facts of a text line.
  func forEachFact(_ index: Int, _ source: SourceText, _ body: (FactKey) -> Void) {
    forEachFact(index, Facts(shapes: shapes.view, kinds: kinds.view), source, body)
  }

  @inline(__always)
  private func forEachFact(
    _ index: Int, _ facts: Facts, _ source: SourceText, _ body: (FactKey) -> Void
  ) {
    let line = source.lines[Int(lines[index])]
    let shape = shapes.base + index
    shape.pointee.measureWords(source.foldedText(of: line), lower: source.lowerText(of: line))
    var (count, overlap) = (1, 0)
    if shape.pointee.kind != .prose {
      readVocabulary(source)
      count = repeats.count(of: shape.pointee.hash)
      overlap = vocabulary.overlap(source.lowerText(of: line))
    }
    body(FactKey(.bias))
    facts.forEach(index, repeats: count, overlap: overlap, body)
  }

  /// The lines that score enough to go, as indexes of source lines.
  func linesToRemove(_ source: SourceText, _ finder: Finder, threshold: Float) -> [Int32] {
    let facts = Facts(shapes: shapes.view, kinds: kinds.view)
    scores.count = 0
    for index in 0..<shapes.count {
      guard isOpen(index) else {
        scores.append(.nan)
        continue
      }
      var score: Float = 0
      forEachFact(index, facts, source) { score += weights.fact($0) }
      for signal in signals[index].range {
        score += weights.word(finder.signalHash(of: finder.signals[signal].rule))
      }
      for weight in wordWeights(of: index, source).range { score += wordWeights[weight] }
      scores.append(score)
    }
    var found: [Int32] = []
    for index in 0..<shapes.count where !scores[index].isNaN {
      let needed = shapes[index].kind == .prose ? threshold + weights.proseMargin : threshold
      if score(index, scores[index]) >= needed { found.append(lines[index]) }
    }
    return found
  }

  /// The weights of a line's words that have one, in order: a sum of floats depends on it.
  private func wordWeights(of index: Int, _ source: SourceText) -> IndexRange {
    let place = Int(places[index])
    if let known = wordRanges[place] { return known }
    let start = wordWeights.count
    var count: Float = 0
    LineTokens.forEach(source.lowerText(of: source.lines[Int(lines[index])])) {
      count += 1
      let weight = weights.word($0)
      if weight != 0 { wordWeights.append(weight) }
    }
    // The words share one vote: a long line has more of them, not more to say.
    for place in start..<wordWeights.count { wordWeights[place] /= count.squareRoot() }
    let range = IndexRange(start: Int32(start), count: Int32(wordWeights.count - start))
    wordRanges[place] = range
    return range
  }

  /// The second score of a line: its first one and what its neighbours weigh.
  private func score(_ index: Int, _ own: Float) -> Float {
    let above = step(index - 1)
    let below = step(index + 1)
    return weights.ownShare * own + weights.fact(FactKey(.own))
      + weights.fact(FactKey(.scoreAbove, above)) + weights.fact(FactKey(.scoreBelow, below))
      + weights.fact(FactKey(.scoresAround, above, below))
      + weights.fact(FactKey(.scoreAbove, step(index - 2), 1))
      + weights.fact(FactKey(.scoreBelow, step(index + 2), 1))
  }

  /// What speaks for and against a line that was weighed: the heaviest weights of its own, then
  /// what its neighbours add. For `explain`; weighing itself keeps no names.
  func sum(of lineIndex: Int32, _ source: SourceText, _ finder: Finder) -> [EvidenceWeight] {
    let index = lines.firstIndex(after: lineIndex) - 1
    guard index >= 0, lines[index] == lineIndex, !scores[index].isNaN else { return [] }
    let own = scores[index]
    var parts: [EvidenceWeight] = []
    forEachFact(index, source) { parts.append(EvidenceWeight($0.name, weights.fact($0))) }
    for signal in finder.signals.view where signal.firstLine == lineIndex {
      let name = finder.rules.describe(Int(signal.rule)).name
      parts.append(EvidenceWeight(name, weights.word(finder.signalHash(of: signal.rule))))
    }
    let tokens = LineTokens.texts(source.lowerText(of: source.lines[Int(lineIndex)]))
    for token in tokens {
      var hash = TokenHash()
      for byte in token.utf8 { hash.add(byte) }
      let weight = weights.word(hash.value) / Float(tokens.count).squareRoot()
      parts.append(EvidenceWeight(token, weight))
    }
    let heaviest = parts.filter { $0.weight != 0 }
      .sorted { (abs($1.weight), $0.name) < (abs($0.weight), $1.name) }.prefix(8)
    let around = score(index, own) - weights.ownShare * own
    return heaviest + [
      EvidenceWeight("neighbours", around), EvidenceWeight("sum", score(index, own)),
    ]
  }

  /// A neighbour's first score in steps; 0 none, 1 settled as kept, 2 removed.
  func step(_ index: Int) -> Int {
    guard index >= 0, index < kinds.count else { return 0 }
    if kinds[index] == .removed { return 2 }
    let score = scores[index]
    if score.isNaN { return 1 }
    if score < 0 { return score < -4 ? (score < -6 ? 3 : 4) : (score < -2 ? 5 : 6) }
    return score < 2 ? 7 : score < 4 ? 8 : 9
  }
}

extension Surrounding {
  /// Whether prose beside it is taken for part of the article without a second look.
  fileprivate var isSettled: Bool { self == .prose || self == .sentence || self == .none }
}

/// How often each line stands in a document, by its hash.
private struct Repeats: ~Copyable {
  private var hashes = Buffer<UInt64>()
  private var counts = Buffer<Int32>()
  private var mask = 0

  mutating func clear(for lines: Int) {
    var slots = 32
    while slots < lines * 2 { slots *= 2 }
    mask = slots - 1
    hashes.fill(0, count: slots)
    counts.fill(0, count: slots)
  }

  mutating func add(_ hash: UInt64) {
    let slot = slot(of: hash)
    hashes[slot] = hash
    counts[slot] += 1
  }

  func count(of hash: UInt64) -> Int {
    let count = counts[slot(of: hash)]
    return count == 0 ? 1 : Int(count)
  }

  private func slot(of hash: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: hash) & mask
    while counts[slot] != 0, hashes[slot] != hash { slot = (slot + 1) & mask }
    return slot
  }
}
