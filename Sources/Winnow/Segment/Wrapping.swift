// In: the lines of a text. Out: the column at which it was wrapped, if it was; and whether a
// word broken by a hyphen at a line's end is one word.

/// The column a text was wrapped at.
struct Wrapping {
  /// Characters of the longest line.
  let column: Int

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
    guard !isGiven else { return }
    var full = 0
    var open = 0
    var odd = 0
    for index in lines.indices.dropFirst() where Self.isPair(index, lines, blankBefore) {
      let above = lines[index - 1]
      if isFull(above, before: lines[index]) {
        full += 1
        if !above.ending.contains(.stop) { open += 1 }
      } else if !above.ending.contains(.stop) {
        odd += 1
      }
    }
    guard full * 2 >= pairs, open * 2 >= full, odd * 8 <= pairs else { return nil }
  }

  private static func isPair(_ index: Int, _ lines: [Line], _ blankBefore: [Bool]) -> Bool {
    !blankBefore[index] && lines[index].kind == .prose && lines[index - 1].kind == .prose
  }

  /// Whether the next line's first word would not have fitted.
  func isFull(_ above: Line, before below: Line) -> Bool {
    let space = above.ending.contains(.cjk) || above.ending.contains(.hyphen) ? 0 : 1
    return above.width + space + below.firstWordWidth > column
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
