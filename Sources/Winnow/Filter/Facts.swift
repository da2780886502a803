// What can be seen of a line without knowing its words: source text and what rules removed in,
// named facts out. Each fact that holds adds its weight to the line's evidence.
//
// Facts use the folded view and count text lines only, never blank ones: a cleaned text has a
// blank line before every paragraph, and cleaning it again must find the same facts.
internal import WinnowRules

/// The kinds of line that a neighbour can be.
enum Surrounding: Int, CaseIterable {
  /// There is no line.
  case none
  /// Goes by a rule.
  case removed
  /// Up to five words and no stop at the end.
  case label
  /// More words and no stop at the end.
  case open
  /// Ends like a sentence, but short.
  case sentence
  /// A paragraph of prose.
  case prose
}

/// The shape of one line, measured once.
struct LineShape {
  var words = 0
  var capitalised = 0
  var upperWords = 0
  var letters = 0
  var digits = 0
  var first = CharacterClass.other
  var last = CharacterClass.other
  var hasComma = false
  var hasStopInside = false
  var hasColon = false
  var hasPipe = false
  var hasAddress = false
  var hasHash = false
  var hasBrackets = false
  var hasQuote = false
  var hash: UInt64 = 0
  var kind = Surrounding.open
  /// Whether the letters, words and signs have been looked at.
  private var isMeasured = false

  enum CharacterClass: Int, CaseIterable {
    case upper, lower, digit, quote, bullet, bracket, stop, colon, comma, question, other
  }

  var endsSentence: Bool { last == .stop || last == .question || last == .quote }

  /// A line longer than this is not looked through: it is a paragraph, or a text on one line.
  private static let longestLoose = 600

  /// Measures what every line is asked. Of prose, which is most of a text, no more is known until
  /// `measureWords` looks: it is settled by its neighbours more often than not.
  init(_ text: UnsafeBufferPointer<UInt8>, lower: UnsafeBufferPointer<UInt8>) {
    if text.count > Self.longestLoose {
      words = 99
      kind = .prose
      last = .stop
      return
    }
    words = Self.spaces(in: text) + 1
    first = Self.characterClass(text, lower, at: 0)
    last = Self.characterClass(text, lower, at: Self.lastCharacter(text))
    kind =
      if words >= 18, endsSentence { .prose } else if endsSentence { .sentence } else if words <= 5
      { .label } else { .open }
    if kind != .prose {
      hash = RunKey.wide(lower.baseAddress, lower.count)
      measureWords(text, lower: lower)
    }
  }

  private static func spaces(in text: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = text.baseAddress else { return 0 }
    var spaces = 0
    var index = 0
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    while index &+ 8 <= text.count {
      let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
      let other = word ^ 0x2020_2020_2020_2020
      // The top bit of each byte that is no space.
      let marks = (((other & low) &+ low) | other) & ~low
      spaces &+= 8 &- marks.nonzeroBitCount
      index &+= 8
    }
    while index < text.count {
      if base[index] == 0x20 { spaces &+= 1 }
      index &+= 1
    }
    return spaces
  }

  /// Looks at the letters, words and signs of a line.
  mutating func measureWords(
    _ text: UnsafeBufferPointer<UInt8>, lower: UnsafeBufferPointer<UInt8>
  ) {
    guard !isMeasured else { return }
    isMeasured = true
    var atWordStart = true
    var wordIsUpper = true
    var wordLetters = 0
    let count = text.count
    var index = 0
    while index < count {
      let byte = text[index]
      if byte == 0x20 {
        if wordLetters > 1, wordIsUpper { upperWords += 1 }
        (atWordStart, wordIsUpper, wordLetters) = (true, true, 0)
        index += 1
        continue
      }
      let isWide = byte >= 0xC3
      if byte & 0xC0 == 0x80 {
        index += 1
        continue
      }
      let isUpper =
        byte &- 0x41 < 26
        || (isWide && index + 1 < count
          && (text[index] != lower[index] || text[index + 1] != lower[index + 1]))
      let isLower = byte &- 0x61 < 26 || (isWide && !isUpper)
      if isUpper || isLower {
        letters += 1
        wordLetters += 1
        if isLower { wordIsUpper = false }
        if atWordStart, isUpper { capitalised += 1 }
        atWordStart = false
      } else {
        switch byte {
        case 0x30...0x39:
          digits += 1
          atWordStart = false
        case 0x2C: hasComma = true
        case 0x2E, 0x21, 0x3F:
          if index + 1 < count, text[index + 1] == 0x20, index > 2 { hasStopInside = true }
        case 0x3A: hasColon = true
        case 0x7C: hasPipe = true
        case 0x40: hasAddress = true
        case 0x23: hasHash = true
        case 0x28, 0x5B: hasBrackets = true
        case 0x22: hasQuote = true
        case 0x2F:
          if index + 1 < count, text[index + 1] == 0x2F { hasAddress = true }
        default: break
        }
      }
      index += 1
    }
    if wordLetters > 1, wordIsUpper { upperWords += 1 }
  }

  private static func lastCharacter(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    var index = text.count - 1
    while index > 0, text[index] & 0xC0 == 0x80 { index -= 1 }
    return index
  }

  private static func characterClass(
    _ text: UnsafeBufferPointer<UInt8>, _ lower: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> CharacterClass {
    guard index < text.count else { return .other }
    switch text[index] {
    case 0x41...0x5A: return .upper
    case 0x61...0x7A: return .lower
    case 0x30...0x39: return .digit
    case 0x22, 0x27: return .quote
    case 0x2E, 0x21: return .stop
    case 0x3F: return .question
    case 0x3A: return .colon
    case 0x2C, 0x3B: return .comma
    case 0x2A, 0x2D, 0x3E: return .bullet
    case 0x28, 0x29, 0x5B, 0x5D: return .bracket
    case 0xC2:
      return index + 1 < text.count && [0xAB, 0xBB].contains(text[index + 1]) ? .quote : .other
    case 0xC3...0xDF, 0xE1:
      guard index + 1 < text.count else { return .other }
      return text[index] != lower[index] || text[index + 1] != lower[index + 1] ? .upper : .lower
    case 0xE2:
      return index + 1 < text.count && [0x80, 0x97].contains(text[index + 1]) ? .bullet : .other
    case 0xE3:
      // The ideographic full stop.
      return index + 2 < text.count && text[index + 1] == 0x80 && text[index + 2] == 0x82
        ? .stop : .other
    case 0xEF:
      return index + 2 < text.count && text[index + 1] == 0xBC
        && [0x81, 0x9F].contains(text[index + 2])
        ? .stop : .other
    default: return .other
    }
  }
}

/// The named facts of a line among the lines of its document.
struct Facts {
  /// Shapes of the text lines, in order.
  let shapes: UnsafeBufferPointer<LineShape>
  /// Kinds of the text lines, with what rules removed.
  let kinds: UnsafeBufferPointer<Surrounding>
  private var firstProse: Int
  private var lastProse: Int

  init(shapes: UnsafeBufferPointer<LineShape>, kinds: UnsafeBufferPointer<Surrounding>) {
    self.shapes = shapes
    self.kinds = kinds
    firstProse = kinds.firstIndex(of: .prose) ?? kinds.count
    lastProse = kinds.lastIndex(of: .prose) ?? -1
  }

  /// Calls `body` with the name of each fact of text line `index`.
  ///
  /// The names are keys of the weights table; what is counted comes in steps.
  @inline(__always)
  func forEach(_ index: Int, repeats: Int, overlap: Int, _ body: (FactKey) -> Void) {
    let shape = shapes[index]
    let count = kinds.count
    let words = Steps.words[shape.words]
    let caps = caps(of: shape)
    body(FactKey(.words, words))
    body(FactKey(.first, shape.first.rawValue))
    body(FactKey(.last, shape.last.rawValue))
    body(FactKey(.caps, caps))
    body(FactKey(.shape, words, shape.last.rawValue, caps))
    body(FactKey(.digits, digits(of: shape)))
    body(FactKey(.fromStart, Steps.fromStart[index]))
    body(FactKey(.fromEnd, Steps.fromEnd[count - 1 - index]))
    body(FactKey(.lines, Steps.lines[count]))
    if repeats > 1 { body(FactKey(.repeats, min(repeats, 4))) }
    if shape.hasComma { body(FactKey(.comma)) }
    if shape.hasStopInside { body(FactKey(.stopInside)) }
    if shape.hasColon { body(FactKey(.colon)) }
    if shape.hasPipe { body(FactKey(.pipe)) }
    if shape.hasAddress { body(FactKey(.address)) }
    if shape.hasHash { body(FactKey(.hash)) }
    if shape.hasBrackets { body(FactKey(.brackets)) }
    if shape.hasQuote { body(FactKey(.quote)) }
    let (above, below) = (kind(index - 1), kind(index + 1))
    body(FactKey(.above, above.rawValue))
    body(FactKey(.below, below.rawValue))
    body(FactKey(.around, above.rawValue, below.rawValue, shape.kind.rawValue))
    body(FactKey(.above2, kind(index - 2).rawValue, above.rawValue))
    body(FactKey(.below2, below.rawValue, kind(index + 2).rawValue))
    // How the line joins on to its neighbours: a link that a scraper broke out of its sentence stands
    // between a line that does not end and one that does not begin.
    let aboveLast = index > 0 ? shapes[index - 1].last.rawValue : 11
    let belowFirst = index + 1 < count ? shapes[index + 1].first.rawValue : 11
    body(FactKey(.seamAbove, aboveLast, shape.first.rawValue))
    body(FactKey(.seamBelow, shape.last.rawValue, belowFirst))
    body(FactKey(.seamAcross, aboveLast, belowFirst))
    body(FactKey(.opening, shape.first.rawValue, shape.last.rawValue, words))
    let place = index > lastProse ? 2 : index < firstProse ? 0 : 1
    body(FactKey(.place, place, shape.kind.rawValue))
    body(FactKey(.run, runLength(at: index), place))
    body(FactKey(.overlap, overlap, words, place))
  }

  private func kind(_ index: Int) -> Surrounding {
    index >= 0 && index < kinds.count ? kinds[index] : .none
  }

  /// How many lines that are no sentences stand together here, in steps.
  private func runLength(at index: Int) -> Int {
    func isLoose(_ kind: Surrounding) -> Bool {
      kind == .label || kind == .open || kind == .removed
    }
    var start = index
    while start > 0, index - start < 8, isLoose(kinds[start - 1]) { start -= 1 }
    var end = index
    while end + 1 < kinds.count, end - index < 8, isLoose(kinds[end + 1]) { end += 1 }
    return Steps.run[end - start]
  }

  private func caps(of shape: LineShape) -> Int {
    if shape.letters == 0 { return 0 }
    if shape.upperWords * 3 >= shape.words * 2 { return 1 }
    if shape.capitalised == shape.words { return 2 }
    if shape.capitalised * 5 >= shape.words * 3 { return 3 }
    if shape.capitalised > 1 { return 4 }
    return shape.capitalised == 1 ? 5 : 6
  }

  private func digits(of shape: LineShape) -> Int {
    let all = shape.letters + shape.digits
    if shape.digits == 0 { return 0 }
    if shape.digits * 5 < all { return 1 }
    return shape.digits * 2 < all ? 2 : 3
  }
}

/// What is counted, in steps: looked up, because every line asks five times.
struct Steps: Sendable {
  static let words = Steps([1, 2, 3, 4, 6, 9, 14, 24, 39])
  static let fromStart = Steps([0, 1, 2, 4, 9, 19])
  static let fromEnd = Steps([0, 1, 2, 4, 7, 14, 29])
  static let lines = Steps([1, 3, 6, 12, 24, 48, 96])
  static let run = Steps([0, 1, 2, 4, 7])

  private nonisolated(unsafe) let table: UnsafePointer<UInt8>

  private init(_ steps: [Int]) {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 128)
    for value in 0..<128 {
      (table + value).initialize(to: UInt8(steps.firstIndex { value <= $0 } ?? steps.count))
    }
    self.table = UnsafePointer(table)
  }

  /// The number of steps that `value` is over.
  subscript(value: Int) -> Int {
    @inline(__always) get { Int(table[min(max(value, 0), 127)]) }
  }
}

/// Which words the prose of a document uses: its own headlines share them, other stories' do not.
///
/// One bit a word, by the hash of its first five bytes, so that inflected forms meet.
struct Vocabulary: ~Copyable {
  private var bits = Buffer<UInt64>()

  init() { clear() }

  mutating func clear() { bits.fill(0, count: 1024) }

  func add(_ text: UnsafeBufferPointer<UInt8>) {
    Self.forEachWord(text) { bits[$0 >> 6] |= 1 << UInt64($0 & 63) }
  }

  /// How much of the words of `text` are known: 0 it has none, then none, few, half, most.
  func overlap(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    var (words, known) = (0, 0)
    Self.forEachWord(text) {
      words += 1
      if bits[$0 >> 6] & (1 << UInt64($0 & 63)) != 0 { known += 1 }
    }
    if words == 0 { return 0 }
    if known == 0 { return 1 }
    return known * 3 < words ? 2 : known * 3 < words * 2 ? 3 : 4
  }

  /// Words of five bytes and more.
  @inline(__always)
  private static func forEachWord(_ text: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Void) {
    guard let base = text.baseAddress else { return }
    let bytes = Letters.table
    let count = text.count
    var index = 0
    while index < count {
      guard Letters.isWordByte(base + index, bytes) else {
        index &+= 1
        continue
      }
      let start = index
      repeat { index &+= 1 } while index < count && Letters.isWordByte(base + index, bytes)
      guard index &- start >= 5 else { continue }
      // The lower view can be read some bytes past its end.
      let key =
        UnsafeRawPointer(base + start).loadUnaligned(as: UInt64.self).byteSwapped &>> 24
      body(Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> 48))
    }
  }
}

/// The kinds of fact, by their names in the weights table.
enum FactName: String, CaseIterable {
  case bias, words, first, last, caps, shape, digits, fromStart, fromEnd, lines, repeats, comma
  case stopInside, colon, pipe, address, hash, brackets, quote, above, below, around, above2
  case below2, place, run, seamAbove, seamBelow, seamAcross, opening, overlap, scoreAbove,
    scoreBelow
  case scoresAround, own

  /// What the values of a fact are called in the table, position by position. Made once: the
  /// names of cases come by reflection, which is slow.
  fileprivate var labels: [[String]] { Self.allLabels[FactKey.number(of: self)] }

  private static let allLabels = allCases.map(\.ownLabels)

  private static let wordsLabels = ["1", "2", "3", "4", "6", "9", "14", "24", "39", "more"]
  private static let endsLabels = LineShape.CharacterClass.allCases.map { "\($0)" } + ["none"]
  private static let capsLabels = ["no-letters", "upper", "title", "most", "some", "one", "none"]
  private static let kindsLabels = Surrounding.allCases.map { "\($0)" }
  private static let placesLabels = ["before-prose", "amid-prose", "after-prose"]
  private static let scoresLabels = [
    "none", "kept", "removed", "<-6", "<-4", "<-2", "<0", "<2", "<4", ">4",
  ]
  private static let numbersLabels = (0..<12).map(String.init)

  private var ownLabels: [[String]] {
    switch self {
    case .words: [Self.wordsLabels]
    case .first, .last: [Self.endsLabels]
    case .caps: [Self.capsLabels]
    case .shape: [Self.wordsLabels, Self.endsLabels, Self.capsLabels]
    case .digits: [["none", "few", "many", "most"]]
    case .above, .below: [Self.kindsLabels]
    case .around: [Self.kindsLabels, Self.kindsLabels, Self.kindsLabels]
    case .above2, .below2: [Self.kindsLabels, Self.kindsLabels]
    case .place: [Self.placesLabels, Self.kindsLabels]
    case .run: [Self.numbersLabels, Self.placesLabels]
    case .seamAbove, .seamBelow, .seamAcross: [Self.endsLabels, Self.endsLabels]
    case .opening: [Self.endsLabels, Self.endsLabels, Self.wordsLabels]
    case .overlap:
      [["no-words", "none", "few", "half", "most"], Self.wordsLabels, Self.placesLabels]
    case .scoreAbove, .scoreBelow: [Self.scoresLabels, ["next", "second"]]
    case .scoresAround: [Self.scoresLabels, Self.scoresLabels]
    case .fromStart, .fromEnd, .lines, .repeats: [Self.numbersLabels]
    case .bias, .own, .comma, .stopInside, .colon, .pipe, .address, .hash, .brackets, .quote: []
    }
  }
}

/// A fact with its values, as an index of a flat table of weights.
struct FactKey: Hashable {
  let index: Int

  /// Values are below 12.
  init(_ name: FactName, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    index = ((Self.number(of: name) * 12 + a) * 12 + b) * 12 + c
  }

  static var count: Int { FactName.allCases.count * 12 * 12 * 12 }

  @inline(__always)
  fileprivate static func number(of name: FactName) -> Int {
    // The raw values are texts; the order of the cases is the number.
    Int(unsafeBitCast(name, to: UInt8.self))
  }

  /// `around=label,prose,open`, as the weights table has it.
  var name: String {
    let fact = FactName.allCases[index / 1728]
    let values = [index / 144 % 12, index / 12 % 12, index % 12]
    let labels = zip(fact.labels, values).map { $0.indices.contains($1) ? $0[$1] : "\($1)" }
    return labels.isEmpty ? fact.rawValue : fact.rawValue + "=" + labels.joined(separator: ",")
  }

  init?(name: some StringProtocol) {
    let parts = name.split(separator: "=", maxSplits: 1)
    guard let first = parts.first, let fact = FactName(rawValue: String(first)) else { return nil }
    let labels = fact.labels
    let words = parts.count > 1 ? parts[1].split(separator: ",") : []
    guard words.count == labels.count else { return nil }
    var values = [0, 0, 0]
    for (position, word) in words.enumerated() {
      guard let value = labels[position].firstIndex(of: String(word)) else { return nil }
      values[position] = value
    }
    self.init(fact, values[0], values[1], values[2])
  }
}
