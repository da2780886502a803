// The form of a line: which of its words are fixed and which change from article to article:
// numbers, dates, names, links. A folded line in, its pieces out.

/// A line as pieces that stay and pieces that vary.
struct LineForm {
  enum Piece: Hashable {
    /// A word that stays.
    case word(String)
    case number(String)
    /// The name of a month or of a weekday.
    case day(String)
    case link(String)
    case name(String)

    var text: String {
      switch self {
      case .word(let text), .number(let text), .day(let text), .link(let text), .name(let text):
        text
      }
    }

    var isFixed: Bool { if case .word = self { true } else { false } }
  }

  /// One for each word of the line.
  let pieces: [Piece]

  /// - Parameter line: in its folded spelling.
  init(_ line: String) {
    let words = line.split(separator: " ").map(String.init)
    var pieces = words.map { word -> Piece in
      if Self.isLink(word) { return .link(word) }
      if word.contains(where: \.isNumber) { return .number(word) }
      return .word(word)
    }
    for index in words.indices where Self.isDay(words[index]) {
      let neighbours = [index - 1, index + 1].filter(words.indices.contains)
      let isBesideNumber = neighbours.contains {
        if case .number = pieces[$0] { true } else { false }
      }
      if isBesideNumber { pieces[index] = .day(words[index]) }
    }
    // Where most words are capitals, capitals tell nothing; behind "by" they do.
    let letters = words.filter { $0.first?.isLetter == true }
    let capitals = letters.count { $0.first?.isUppercase == true }
    let isTelling = capitals * 2 <= letters.count || letters.count <= 6
    for index in words.indices
    where Self.isName(at: index, in: words, pieces, capitalsTell: isTelling) {
      pieces[index] = .name(words[index])
    }
    self.pieces = pieces
  }

  /// Capitals after the first word: two in a row, or one behind a word that brings a name.
  private static func isName(
    at index: Int, in words: [String], _ pieces: [Piece], capitalsTell: Bool
  ) -> Bool {
    func isCapital(_ place: Int) -> Bool {
      guard words.indices.contains(place), case .word(let word) = pieces[place] else {
        if words.indices.contains(place), case .name = pieces[place] { return true }
        return false
      }
      let core = word.drop { !$0.isLetter }
      return core.first?.isUppercase == true && core.dropFirst().contains { $0.isLowercase }
    }
    guard index > 0, isCapital(index) else { return false }
    let before = words[index - 1].lowercased()
    if bringers.contains(before.filter { $0.isLetter }) { return true }
    if case .name = pieces[index - 1] { return true }
    guard capitalsTell else { return false }
    if before.hasSuffix(":") || before.hasSuffix("/") || before == "|" { return true }
    guard index > 1 || isCapital(index - 1) else { return false }
    return (index > 1 && isCapital(index - 1)) || isCapital(index + 1)
  }

  private static let bringers: Set<String> = [
    "by", "von", "par", "por", "di", "door", "av", "af", "przez", "photo", "foto", "from", "with",
    "mit", "and", "und", "et", "y", "e", "og", "och",
  ]

  private static func isLink(_ word: String) -> Bool {
    if word.contains("://") || word.lowercased().hasPrefix("www.") { return true }
    if word.hasPrefix("@"), word.count > 2 { return true }
    guard let dot = word.lastIndex(of: "."), dot != word.startIndex else { return false }
    let tail = word[word.index(after: dot)...].prefix { $0.isLetter }
    return ["com", "org", "net", "de", "fr", "es", "it", "uk", "ru", "pl", "br", "info", "html"]
      .contains(tail.lowercased())
  }

  private static func isDay(_ word: String) -> Bool {
    let core = word.lowercased().filter { $0.isLetter }
    return core.count >= 3
      && days.contains { $0 == core || (core.count == 3 && $0.hasPrefix(core)) }
  }

  /// Months and weekdays of some languages.
  private static let days = Set(
    """
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday sept
    januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag
    samstag sonnabend sonntag
    janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi
    mercredi jeudi vendredi samedi dimanche
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes
    martes miércoles jueves viernes sábado domingo
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    januari februari maart juni augustus oktober december
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada
    grudnia ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
    """.split(whereSeparator: \.isWhitespace).map(String.init))

  /// The fixed words before the first piece that varies.
  var head: [String] { pieces.prefix { $0.isFixed }.map(\.text) }
  /// Those behind the last one.
  var tail: [String] { pieces.reversed().prefix { $0.isFixed }.reversed().map(\.text) }
  var isFixed: Bool { pieces.allSatisfy(\.isFixed) }

  /// The line with what varies as a sign: the same for all lines of the form.
  var key: String {
    var key: [String] = []
    for piece in pieces {
      let sign =
        switch piece {
        case .word(let word): word.lowercased()
        case .number(let text):
          String(text.map { $0.isNumber ? "0" : $0 }).squeezingZeros.lowercased()
        case .day: "\u{1}day"
        case .link: "\u{1}link"
        case .name: "\u{1}name"
        }
      if sign != "\u{1}name" || key.last != sign { key.append(sign) }
    }
    return key.joined(separator: " ")
  }

  // MARK: Pattern

  /// A free-spaced pattern for the whole line: fixed words as they are, the others by their kind.
  var pattern: String {
    var parts: [String] = []
    var index = 0
    while index < pieces.count {
      switch pieces[index] {
      case .word(let word): parts.append(Self.escaped(word))
      case .number(let word): parts.append(Self.numbers(word))
      case .day(let word):
        parts.append("\\p{L}{3,12}" + Self.escaped(String(word.drop { $0.isLetter })))
      case .link: parts.append("\\S{3,160}")
      case .name:
        // A run of capitals is one name.
        var end = index
        while end + 1 < pieces.count, case .name = pieces[end + 1] { end += 1 }
        let last = String(pieces[end].text.reversed().prefix { !$0.isLetter }.reversed())
        let first = String(pieces[index].text.prefix { !$0.isLetter })
        parts.append(
          Self.escaped(first)
            + "(?-i:\\p{Lu}) [\\p{L}.'&-]{0,24}+ (?: \\h (?-i:\\p{Lu}) [\\p{L}.'&-]{0,24}+ ){0,4}"
            + Self.escaped(last.hasPrefix(".") ? String(last.dropFirst()) : last))
        index = end
      }
      index += 1
    }
    return parts.filter { !$0.isEmpty }.joined(separator: " \\h ")
  }

  /// Digits as runs, all else as it is.
  private static func numbers(_ word: String) -> String {
    var pattern = ""
    var digits = 0
    func close() {
      if digits > 0 { pattern += "\\d{1,\(max(digits, digits <= 2 ? 2 : digits + 1))}" }
      digits = 0
    }
    for character in word {
      if character.isNumber, character.isASCII {
        digits += 1
      } else {
        close()
        pattern += escaped(String(character))
      }
    }
    close()
    return pattern
  }

  static func escaped(_ text: String) -> String {
    text.map { character in
      if character == " " { return " \\h " }
      return character.isLetter || character.isNumber || !character.isASCII
        ? String(character) : "\\\(character)"
    }.joined()
  }
}

extension String {
  fileprivate var squeezingZeros: String {
    var text = ""
    for character in self where character != "0" || text.last != "0" { text.append(character) }
    return text
  }
}
