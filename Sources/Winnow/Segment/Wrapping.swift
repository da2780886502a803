// In: the lines of a text. Out: the column at which it was wrapped, if it was; and whether a
// word broken by a hyphen at a line's end is one word.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The column a text was wrapped at.
struct Wrapping {
  /// Characters of the longest line.
  let column: Int
  /// Whether paragraphs begin behind an indent.
  let hasIndents: Bool
  /// Lines that begin a paragraph, though the one above, the end of a sentence, is full.
  private(set) var starts: Set<Int> = []

  /// Narrower or wider than this nobody wraps.
  private static let columns = 28...120

  /// Finds the column; nil when the lines look like anything else.
  ///
  /// The proof is the arithmetic of wrapping: the first word of the next line would not have
  /// fitted. Lines that end a sentence may be the last of a paragraph.
  /// `isGiven`: the user said so, and any column will do.
  init?(_ lines: [Line], blankBefore: [Bool], isGiven: Bool) {
    var column = 0
    var pairs = 0
    for index in lines.indices.dropFirst() where Self.isPair(index, lines, blankBefore) {
      column = max(column, lines[index - 1].width, lines[index].width)
      pairs += 1
    }
    guard pairs > 0, isGiven || Self.columns.contains(column) && pairs >= 3 else { return nil }
    self.column = column
    var tally = Tally()
    for index in lines.indices.dropFirst() where Self.isPair(index, lines, blankBefore) {
      tally.add(lines[index - 1], lines[index], column: column)
    }
    guard isGiven || tally.isWrapped(pairs: pairs) else { return nil }
    hasIndents = tally.indentedStarts >= 2 && tally.indentedStarts * 5 >= tally.shortEnds * 4
    guard !hasIndents, tally.fullEnds > 0 else { return }
    // As many paragraphs end at a full line as chance lets the next word not fit.
    let expected = Double(tally.shortEnds) * 7 / Double(column - 7)
    let share = min(0.9, max(0.1, expected / Double(tally.fullEnds)))
    findStarts(lines, blankBefore: blankBefore, odds: log(share / (1 - share)))
  }

  /// Weighs each full line at a sentence's end by the lengths of paragraphs: two that are much
  /// like the others are likelier than one of double length.
  private mutating func findStarts(_ lines: [Line], blankBefore: [Bool], odds: Double) {
    var sure: [Int] = [0]
    var open: [Int] = []
    for index in lines.indices.dropFirst() {
      let above = lines[index - 1]
      let below = lines[index]
      let endsSentence = above.ending.contains(.stop) && !above.ending.contains(.colon)
      let goesOn = below.opening.contains(.lowercase) && !endsSentence
      if !Self.isPair(index, lines, blankBefore) || !isFull(above, before: below) && !goesOn {
        sure.append(index)
      } else if endsSentence, !goesOn {
        open.append(index)
      }
    }
    sure.append(lines.count)
    var ends: [Int] = [0]
    for line in lines { ends.append(ends[ends.count - 1] + line.width + 1) }
    let lengths = zip(sure, sure.dropFirst())
      .filter { lines[$1 - 1].ending.contains(.stop) && lines[$0].kind == .prose }
      .map { log(Double(ends[$1] - ends[$0])) }
    guard !lengths.isEmpty else { return }
    let mean = lengths.reduce(0, +) / Double(lengths.count)
    let spread = 0.4
    func rarity(_ length: Int) -> Double {
      let distance = (log(Double(max(1, length))) - mean) / spread
      return distance * distance / 2 + log(Double(max(1, length)))
    }
    var next = 0
    var start = 0
    for index in open {
      while sure[next] <= index {
        start = max(start, sure[next])
        next += 1
      }
      let before = ends[index] - ends[start]
      let after = ends[sure[next]] - ends[index]
      // The density of a length needs a unit: that of the mean.
      let gain = rarity(before + after) - rarity(before) - rarity(after) + mean - log(spread * 2.5)
      if odds + gain > 0 {
        starts.insert(index)
        start = index
      }
    }
  }

  /// What the pairs of lines show.
  private struct Tally {
    var full = 0
    /// Full lines that do not end a sentence, and those of them before a small letter.
    var open = 0
    var goingOn = 0
    /// Long lines that do not end a sentence, full or not.
    var long = 0
    /// Short lines that do not end a sentence: headings, items, anything but wrapped text.
    var odd = 0
    /// Ends of sentences before a new start: at short lines and at full ones.
    var shortEnds = 0
    var fullEnds = 0
    var indentedStarts = 0

    mutating func add(_ above: Line, _ below: Line, column: Int) {
      let isFull = Wrapping.isFull(above, before: below, column: column)
      if isFull { full += 1 }
      if above.ending.contains(.stop) {
        if isFull, !above.ending.contains(.colon) {
          if !below.opening.contains(.lowercase) { fullEnds += 1 }
        } else if !isFull {
          shortEnds += 1
          if !Wrapping.isUnindented(below, under: above, by: 2) { indentedStarts += 1 }
        }
        return
      }
      if above.width * 4 > column * 3 { long += 1 }
      if isFull {
        open += 1
        if !below.opening.isDisjoint(with: [.lowercase, .cjk, .uncased]) { goingOn += 1 }
      } else {
        odd += 1
      }
    }

    func isWrapped(pairs: Int) -> Bool {
      // Nearly all lines wrapped; or, among lists and headings, nearly all long ones.
      full * 2 >= pairs && open * 2 >= full && odd * 8 <= pairs
        || open >= 4 && open * 20 >= long * 17 && goingOn * 5 >= open * 2
    }
  }

  /// Whether a blank line stands between any two lines, and more between paragraphs.
  static func isDoubleSpaced(_ lines: [Line], blanks: [Int]) -> Bool {
    var counts = [0, 0, 0]
    for blank in blanks.dropFirst() { counts[min(blank, 2)] += 1 }
    guard counts[1] >= 2, counts[2] > 0, counts[0] * 20 <= counts[1] else { return false }
    let column = lines.reduce(0) { max($0, $1.width) }
    var full = 0
    var open = 0
    for index in lines.indices.dropFirst() where blanks[index] == 1 {
      guard isFull(lines[index - 1], before: lines[index], column: column) else { continue }
      full += 1
      if !lines[index - 1].ending.contains(.stop) { open += 1 }
    }
    return columns.contains(column) && full * 8 >= counts[1] * 7 && open * 2 >= full
  }

  private static func isPair(_ index: Int, _ lines: [Line], _ blankBefore: [Bool]) -> Bool {
    !blankBefore[index] && lines[index].kind == .prose && lines[index - 1].kind == .prose
  }

  /// Whether the next line's first word would not have fitted.
  func isFull(_ above: Line, before below: Line) -> Bool {
    Self.isFull(above, before: below, column: column)
  }

  private static func isFull(_ above: Line, before below: Line, column: Int) -> Bool {
    let space = above.ending.contains(.cjk) || above.ending.contains(.hyphen) ? 0 : 1
    return above.width + space + below.firstWordWidth > column
  }
}

extension Wrapping {
  /// Whether a line does not begin a paragraph by its indent.
  func isUnindented(_ below: Line, under above: Line) -> Bool {
    Self.isUnindented(below, under: above, by: 2)
  }

  private static func isUnindented(_ below: Line, under above: Line, by width: Int) -> Bool {
    below.content.lowerBound - below.start < above.content.lowerBound - above.start + width
  }
}

/// The words of a text, to prove that a hyphen at a line's end is no part of a word.
struct WordSet {
  /// Hashes of words in lower case, with their inner hyphens; halves at line ends are left out.
  private var words: Set<UInt64> = []

  init(_ text: UnsafeBufferPointer<UInt8>) {
    var at = 0
    var isSecondHalf = false
    while at < text.count {
      guard Self.isWordByte(text[at]) else {
        if text[at] != 0x0A, text[at] != 0x0D, text[at] != 0x20 { isSecondHalf = false }
        at += 1
        continue
      }
      let start = at
      while at < text.count,
        Self.isWordByte(text[at])
          || text[at] == 0x2D && at + 1 < text.count && Self.isWordByte(text[at + 1])
      { at += 1 }
      let isFirstHalf = at < text.count && text[at] == 0x2D
      if !isFirstHalf, !isSecondHalf { words.insert(Self.hash(text[start..<at])) }
      isSecondHalf = isFirstHalf
      if isFirstHalf { at += 1 }
    }
  }

  func contains(_ pieces: Slice<UnsafeBufferPointer<UInt8>>...) -> Bool {
    words.contains(pieces.reduce(Self.seed) { Self.hash($1, from: $0) })
  }

  /// Whether `left-right` stands somewhere.
  func containsHyphenated(
    _ left: Slice<UnsafeBufferPointer<UInt8>>, _ right: Slice<UnsafeBufferPointer<UInt8>>
  ) -> Bool {
    let hyphen = Self.add(0x2D, to: Self.hash(left))
    return words.contains(Self.hash(right, from: hyphen))
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (byte | 0x20) &- 0x61 < 26
  }

  // FNV-1a.
  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

  private static func add(_ byte: UInt8, to hash: UInt64) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  private static func hash(
    _ word: Slice<UnsafeBufferPointer<UInt8>>, from seed: UInt64 = seed
  ) -> UInt64 {
    word.reduce(seed) { add($1 &- 0x41 < 26 ? $1 | 0x20 : $1, to: $0) }
  }
}

/// How a word broken at a hyphen goes on.
enum Hyphen {
  /// Prefixes that keep their hyphen in correct text.
  private static let prefixes: Set<String> = [
    "self", "well", "non", "ex", "anti", "co", "pre", "post", "semi", "half", "all", "cross",
    "high",
    "low", "long", "short", "full", "part", "mid", "multi", "pro", "quasi", "ultra", "vice", "two",
    "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety", "hard", "ill", "so", "by", "off", "on", "over",
    "under", "re", "de", "e", "x", "t", "socio", "franco", "anglo", "euro",
  ]

  /// Words that follow a hyphen meant to stand: `Haupt- und Nebenweg`.
  private static let links: Set<String> = [
    "und", "oder", "bzw", "bis", "and", "or", "to", "y", "o", "et", "ou", "e", "i", "en", "och",
    "og",
  ]

  static func isLink(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    word.count <= 4 && links.contains(String(decoding: word, as: UTF8.self))
  }

  /// What a text says of a word broken at a line's end.
  enum Evidence {
    /// The word stands elsewhere in one.
    case oneWord
    /// It stands elsewhere with its hyphen, or is a compound by its looks.
    case compound
    /// Two halves in small letters, and no more is known.
    case open
  }

  static func evidence(
    _ left: Slice<UnsafeBufferPointer<UInt8>>, _ right: Slice<UnsafeBufferPointer<UInt8>>,
    in words: WordSet
  ) -> Evidence {
    guard !left.isEmpty, !right.isEmpty, !words.containsHyphenated(left, right)
    else { return .compound }
    if words.contains(left, right) { return .oneWord }
    guard left.allSatisfy({ $0 &- 0x61 < 26 }), right.allSatisfy({ $0 &- 0x61 < 26 }),
      !prefixes.contains(String(decoding: left, as: UTF8.self)),
      // Two words that both stand alone in the text may be a compound.
      !(words.contains(left) && words.contains(right))
    else { return .compound }
    return .open
  }
}
