// In: the lines of a text. Out: whether a scraper broke its sentences at links, and signs by which
// a line that a sentence was cut off in is told from a heading.

/// What the gaps of a text say of the scraper that made it.
struct Breaks {
  /// Several lines are in the middle of a sentence behind one without an end.
  let areInSentences: Bool
  /// The space behind a link stands at the start of the next line.
  let keepSpaces: Bool
  /// Blank lines part the paragraphs: a line end alone is none of the author's.
  let areBetweenBlocks: Bool
  /// The same beyond doubt.
  let areInParagraphs: Bool

  static let none = Breaks()

  private init() {
    areInSentences = false
    keepSpaces = false
    areBetweenBlocks = false
    areInParagraphs = false
  }

  /// Lists of small-letter lines look alike, but no line of theirs starts with a comma, and few
  /// end in a stop.
  init(_ lines: [Line], blankBefore: [Bool]) {
    var pairs = 0
    var small = 0
    var continuations = 0
    var spaced = 0
    var stops = 0
    var spacedLines = 0
    /// Paragraphs that begin behind a space: no sign of a link then.
    var spacedStarts = 0
    /// Sentence ends before a blank line, and before a line that starts anew.
    var blockEnds = 0
    var loneEnds = 0
    for index in lines.indices {
      let line = lines[index]
      if line.ending.contains(.stop) { stops += 1 }
      if line.opening.contains(.spaced) { spacedLines += 1 }
      guard index > 0, line.kind == .prose, lines[index - 1].kind == .prose else { continue }
      let above = lines[index - 1]
      if blankBefore[index] {
        if above.ending.contains(.stop) { blockEnds += 1 }
        continue
      }
      pairs += 1
      if above.ending.contains(.stop) {
        if line.opening.isDisjoint(with: [.lowercase, .continuation, .spaced]) { loneEnds += 1 }
        if line.opening == .spaced, above.width >= 60 { spacedStarts += 1 }
      } else if line.opening.contains(.continuation) {
        // A bracket alone closes a block of code as well.
        if line.width > 2 || line.ending.contains(.stop) { continuations += 1 }
      } else if line.opening.contains(.spaced) {
        spaced += 1
      } else if above.width >= 25, line.opening.contains(.lowercase) {
        small += 1
      }
    }
    keepSpaces = spaced >= 2 && spacedLines * 2 <= lines.count && spacedStarts * 6 <= spaced
    areInSentences =
      keepSpaces || continuations >= 2 && continuations + small >= 3
      || stops * 6 >= pairs && (continuations + small >= 3 || continuations > 0 && small > 0)
    areInParagraphs = blockEnds >= 4 && loneEnds * 12 <= blockEnds && areInSentences
    areBetweenBlocks = blockEnds >= 3 && loneEnds * 6 <= blockEnds
  }
}

/// Words at a line's end that lean on the next one. Headings end in some of them (`Where they
/// come from`): they count only where the text goes on behind the next line, too.
enum LeaningWords {
  private static let table: StaticString = """
    in at by from with for on about as that who said told says is are was were has have had will
    would can could may might must should near after before under through against during per via
    like called named including since until around across behind within without toward towards
    upon among if when while because which where but not also both be been being
    aus bei mit nach seit zu auf an über unter vor hinter neben zwischen durch ohne um bis als wie
    dass ob wenn weil sich ist sind war waren hat haben wird werden kann sagte nicht auch nur in am
    beim ins ans
    est sont était ont été dit selon entre contre comme si mais ne pas plus lors après avant depuis
    es son fue ha han dijo según contra como pero no más ante tras durante
    è sono era hanno detto secondo ma non più dopo prima tra
    é são foi tem disse segundo mas não mais após
    is zijn was heeft hebben zei volgens tegen maar niet ook met voor bij naar uit door op aan te
    som på av till från med om vid enligt är har inte fra til ved ikke
    w z o do nie się jest są był była było oraz pod nad przed jak
    в на с к по из от за о об при для и что как не это был была
    ve ile için bir
    v ve s k z za je byl byla jsou
    """

  private static let words: Set<[UInt8]> = Set(
    table.description.split(whereSeparator: \.isWhitespace).map { Array($0.utf8) })

  static func contains(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard word.count <= 16, let first = word.first else { return false }
    // `The` and `In` before a name, at the start of a sentence.
    return words.contains(first &- 0x41 < 26 ? [first | 0x20] + word.dropFirst() : Array(word))
  }
}
