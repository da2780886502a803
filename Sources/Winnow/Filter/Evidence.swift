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
    let lines = table.split(separator: 0x0A)
    var slots = 64
    while slots < lines.count * 2 { slots *= 2 }
    mask = slots - 1
    keys.fill(0, count: slots)
    values.fill(0, count: slots)
    for line in lines where line.first != UInt8(ascii: "#") {
      let parts = line.split(separator: 0x09)
      guard parts.count == 3, let weight = Float(String(decoding: parts[2], as: UTF8.self)) else {
        continue
      }
      let name = parts[1]
      switch String(decoding: parts[0], as: UTF8.self) {
      case "threshold":
        if let level = Confidence(rawValue: String(decoding: name, as: UTF8.self)) {
          thresholds[level] = weight
        }
      case "share": ownShare = weight
      case "margin": proseMargin = weight
      case "fact":
        if let key = FactKey(name: String(decoding: name, as: UTF8.self)) {
          facts[key.index] = weight
        }
      case "word", "signal":
        var hash = TokenHash()
        for byte in name { hash.add(byte) }
        set(hash.value, weight)
      default: break
      }
    }
  }

  private func set(_ key: UInt64, _ value: Float) {
    var slot = Int(truncatingIfNeeded: key) & mask
    while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
    keys[slot] = key
    values[slot] = value
  }

  @inline(__always)
  func word(_ key: UInt64) -> Float {
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
}

/// The words of a line as tokens: `w:word`, `b:two words`, `f:first`, `l:last`. Digits count as 0.
struct LineTokens {
  /// Words past this are not looked at.
  static let most = 60

  /// Calls `body` with the hash of each token of `text`, in lower case.
  @inline(__always)
  static func forEach(_ text: UnsafeBufferPointer<UInt8>, _ body: (UInt64) -> Void) {
    guard let base = text.baseAddress else { return }
    var index = 0
    var words = 0
    var previous: TokenHash?
    var last = TokenHash()
    while index < text.count, words < most {
      guard Letters.isWordCharacter(base + index) else {
        index += 1
        continue
      }
      var word = prefixed("w")
      var first = prefixed("f")
      last = prefixed("l")
      var pair = previous
      while index < text.count, Letters.isWordCharacter(base + index) || base[index] & 0xC0 == 0x80
      {
        let byte = base[index] &- 0x30 < 10 ? 0x30 : base[index]
        word.add(byte)
        last.add(byte)
        if words == 0 { first.add(byte) }
        pair?.add(byte)
        index += 1
      }
      body(word.value)
      if words == 0 { body(first.value) }
      if let pair { body(pair.value) }
      words += 1
      // The next pair starts with this word.
      var next = prefixed("b")
      var back = index
      while back > 0, Letters.isWordCharacter(base + back - 1) || base[back - 1] & 0xC0 == 0x80 {
        back -= 1
      }
      for place in back..<index { next.add(base[place] &- 0x30 < 10 ? 0x30 : base[place]) }
      next.add(0x20)
      previous = next
    }
    if words > 0 { body(last.value) }
  }

  @inline(__always)
  private static func prefixed(_ kind: Unicode.Scalar) -> TokenHash {
    var hash = TokenHash()
    hash.add(UInt8(truncatingIfNeeded: kind.value))
    hash.add(0x3A)
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
  /// The shapes of all text lines of the document.
  private var measured = Buffer<LineShape>()
  /// The text lines that are weighed, as indexes of source lines, with their shapes and kinds.
  private(set) var lines = Buffer<Int32>()
  private(set) var shapes = Buffer<LineShape>()
  private(set) var kinds = Buffer<Surrounding>()
  private var repeats: [UInt64: Int] = [:]
  /// By text line: the first score, or nil for lines that are settled.
  private(set) var scores: [Float?] = []
  private var signals: [Int: [UInt64]] = [:]
  private var vocabulary = Vocabulary()

  init(_ weights: EvidenceWeights) { self.weights = weights }

  /// Measures the text lines of a document.
  func measure(_ source: SourceText, _ finder: Finder) {
    measured.count = 0
    for lineIndex in finder.textLines.view {
      let line = source.lines[Int(lineIndex)]
      measured.append(LineShape(source.foldedText(of: line), lower: source.lowerText(of: line)))
    }
  }

  /// Sets out the measured lines. Those that go are neighbours marked as removed; or, with
  /// `leavingOut`, they are no lines at all, as they will be when the result is cleaned again.
  func arrange(
    _ source: SourceText, _ finder: Finder, isRemoved: UnsafeBufferPointer<Bool>, leavingOut: Bool
  ) {
    vocabulary.clear()
    lines.count = 0
    shapes.count = 0
    kinds.count = 0
    repeats.removeAll(keepingCapacity: true)
    signals.removeAll(keepingCapacity: true)
    for index in 0..<finder.textLines.count {
      let isGone = isRemoved[Int(finder.textLines[index])]
      if isGone, leavingOut { continue }
      let shape = measured[index]
      lines.append(finder.textLines[index])
      shapes.append(shape)
      kinds.append(isGone ? .removed : shape.kind)
      if shape.kind != .prose {
        repeats[shape.hash, default: 0] += 1
      } else if !isGone {
        vocabulary.add(source.lowerText(of: source.lines[Int(finder.textLines[index])]))
      }
    }
    for signal in finder.signals.view {
      let index = lines.firstIndex(after: signal.firstLine) - 1
      guard index >= 0, lines[index] == signal.firstLine else { continue }
      signals[index, default: []].append(finder.signalHash(of: signal.rule))
    }
  }

  /// Whether a text line is weighed at all: prose amid prose without a signal is not.
  func isOpen(_ index: Int) -> Bool {
    guard kinds[index] != .removed, shapes[index].words < 99 else { return false }
    guard kinds[index] == .prose, signals[index] == nil else { return true }
    let above = index > 0 ? kinds[index - 1] : .none
    let below = index + 1 < kinds.count ? kinds[index + 1] : .none
    let isSettled = { (kind: Surrounding) in kind == .prose || kind == .sentence || kind == .none }
    return !(isSettled(above) && isSettled(below))
  }

  /// The facts of a text line.
  func forEachFact(_ index: Int, _ source: SourceText, _ body: (FactKey) -> Void) {
    forEachFact(index, Facts(shapes: shapes.view, kinds: kinds.view), source, body)
  }

  private func forEachFact(
    _ index: Int, _ facts: Facts, _ source: SourceText, _ body: (FactKey) -> Void
  ) {
    let isProse = shapes[index].kind == .prose
    let line = source.lines[Int(lines[index])]
    body(FactKey(.bias))
    facts.forEach(
      index, repeats: isProse ? 1 : repeats[shapes[index].hash] ?? 1,
      overlap: isProse ? 0 : vocabulary.overlap(source.lowerText(of: line)), body)
  }

  /// The lines that score enough to go, as indexes of source lines.
  func linesToRemove(_ source: SourceText, threshold: Float) -> [Int32] {
    let facts = Facts(shapes: shapes.view, kinds: kinds.view)
    scores.removeAll(keepingCapacity: true)
    for index in 0..<shapes.count {
      guard isOpen(index) else {
        scores.append(nil)
        continue
      }
      var score: Float = 0
      forEachFact(index, facts, source) { score += weights.fact($0) }
      for signal in signals[index] ?? [] { score += weights.word(signal) }
      let line = source.lines[Int(lines[index])]
      LineTokens.forEach(source.lowerText(of: line)) { score += weights.word($0) }
      scores.append(score)
    }
    var found: [Int32] = []
    for index in 0..<shapes.count {
      guard let own = scores[index] else { continue }
      let needed = shapes[index].kind == .prose ? threshold + weights.proseMargin : threshold
      if score(index, own) >= needed { found.append(lines[index]) }
    }
    return found
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
    guard index >= 0, lines[index] == lineIndex, let own = scores[index] else { return [] }
    var parts: [EvidenceWeight] = []
    forEachFact(index, source) { parts.append(EvidenceWeight($0.name, weights.fact($0))) }
    for signal in finder.signals.view where signal.firstLine == lineIndex {
      let name = finder.rules.describe(Int(signal.rule)).name
      parts.append(EvidenceWeight(name, weights.word(finder.signalHash(of: signal.rule))))
    }
    for token in LineTokens.texts(source.lowerText(of: source.lines[Int(lineIndex)])) {
      var hash = TokenHash()
      for byte in token.utf8 { hash.add(byte) }
      parts.append(EvidenceWeight(token, weights.word(hash.value)))
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
    guard let score = scores[index] else { return 1 }
    return 3 + [-6, -4, -2, 0, 2, 4].count { score >= $0 }
  }
}
