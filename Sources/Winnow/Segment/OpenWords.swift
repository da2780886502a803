// Words that cannot end a sentence or a heading: articles, prepositions, conjunctions. A line
// that ends in one goes on in the next.

enum OpenWords {
  /// In lower case, by language. Left out is what may end a heading after all: prepositions
  /// of English (`Where they come from`), prefixes of German verbs (`macht nicht mit`).
  private static let table: StaticString = """
    the a an of and or into onto than its their our your whose between
    der die das den dem des ein eine einen einem einer eines und oder von vom zum zur im am für gegen
    le la les un une des du de et ou dans par pour sur avec sans sous vers chez que qui dont au aux
    el los las del y o en con por para sobre entre desde hasta su sus al
    il lo gli della delle dei degli nel nella nei dal dalla sul sulla tra fra di e
    os as do da dos das no na nos nas em um uma com pelo pela ao
    het een van och og att ett
    i w z na do od ze dla przez przy po za oraz
    """

  private static let words: Set<[UInt8]> = Set(
    table.description.split(whereSeparator: \.isWhitespace).map { Array($0.utf8) })

  static func contains(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard word.count <= 8, !word.isEmpty else { return false }
    return words.contains(Array(word))
  }
}
