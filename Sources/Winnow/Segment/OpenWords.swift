// Words that cannot end a sentence or a heading: articles, prepositions, conjunctions. A line
// that ends in one goes on in the next.

enum OpenWords {
  /// In lower case, by language. Left out is what may end a heading after all: prepositions
  /// of English (`Where they come from`), prefixes of German verbs (`macht nicht mit`), words
  /// that mean something else elsewhere (`9:45 am`, `what it can do`).
  private static let table: StaticString = """
    the a of and or into onto than its their our your whose between
    der das den dem des ein eine einen einem einer eines und oder von vom zum zur im für gegen
    le la les un une du de et ou dans par pour sur avec sans sous vers chez que qui dont au aux
    el los las del y en con por para sobre entre desde hasta su sus
    il lo gli della delle dei degli nel nella nei dal dalla sul sulla tra fra di
    dos das na nos nas em um uma com pelo pela ao
    het een van och og att ett
    na od ze dla przez przy po za oraz
    """

  private static let words: Set<[UInt8]> = Set(
    table.description.split(whereSeparator: \.isWhitespace).map { Array($0.utf8) })

  static func contains(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard word.count <= 8, !word.isEmpty else { return false }
    return words.contains(Array(word))
  }

  /// `The`, `Der` before a name, at the start of a sentence.
  static func contains(capital word: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let first = word.first, first &- 0x41 < 26, (2...8).contains(word.count) else {
      return false
    }
    return words.contains([first | 0x20] + word.dropFirst())
  }

  /// Words that open the line under a headline that names its author.
  private static let bylines: [StaticString] = [
    "by ", "von ", "di ", "por ", "par ", "da ", "de ", "door ", "av ", "af ", "autor ", "via ",
  ]

  static func beginsByline(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    bylines.contains { word in
      word.withUTF8Buffer { line.starts(with: $0) || line.elementsEqual($0.dropLast()) }
    }
  }
}
