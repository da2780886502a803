// Words that cannot end a sentence or a heading: articles, prepositions, conjunctions. A line
// that ends in one goes on in the next.

enum OpenWords {
  /// In lower case, by language; a word that ends sentences in another language is left out.
  private static let table: StaticString = """
    the a an of at by for from with to and or but into onto that than its their his our your
    which whose between through during against about under upon via as is are was were has had
    der die das den dem des ein eine einen einem einer eines und oder aber von vom zum zur mit
    bei beim für über unter durch gegen nach aus dass im am
    le la les un une des du de et ou dans par pour sur avec sans sous vers chez que qui dont au aux
    el los las del y o en con por para sobre entre desde hasta su sus al
    il lo gli della delle dei degli nel nella nei dal dalla sul sulla con per tra fra di e
    os as do da dos das no na nos nas em um uma com pelo pela ao
    het een van op met voor naar door bij uit tot en
    och av för till på med från som att ett och af og til fra med på
    i w z na do od ze dla przez przy po za oraz
    """

  private static let words: Set<[UInt8]> = Set(
    table.description.split(whereSeparator: \.isWhitespace).map { Array($0.utf8) })

  static func contains(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard word.count <= 8, !word.isEmpty else { return false }
    return words.contains(Array(word))
  }
}
