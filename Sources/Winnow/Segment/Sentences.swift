// In: a text that is set in paragraphs. Out: where its sentences are. The text is not changed:
// the spans, each with the space behind it, join back to the text byte for byte.

/// Finds sentences. Made once for a language, used for many texts.
public struct Sentences: Sendable {
  private let titles: Set<String>
  private let numbered: Set<String>
  private let others: Set<String>
  private let closing: Set<String>
  private let starters: Set<String>
  private let hasOrdinals: Bool

  /// Takes a BCP 47 code; without one the abbreviations of all languages count.
  public init(language: String? = nil) {
    titles = Abbreviations.words(Abbreviations.titles, language: language)
    numbered = Abbreviations.words(Abbreviations.numbered, language: language)
    others = Abbreviations.words(Abbreviations.others, language: language)
    closing = Abbreviations.words(Abbreviations.closing, language: language)
    starters = Abbreviations.words(Abbreviations.starters, language: language)
    let code = language.map { String($0.prefix { $0 != "-" }) }
    hasOrdinals = code.map(Self.ordinalLanguages.contains) ?? true
  }

  /// The sentences in UTF-8 bytes. A sentence holds the spaces and line ends behind it, so that
  /// the spans cover the text; a blank line always ends one, a single line end never does alone.
  public func spans(in text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var spans: [Range<Int>] = []
    var start = 0
    var at = 0
    while at < text.count {
      if let end = sentenceEnd(in: text, at: at, from: start) {
        spans.append(start..<end)
        start = end
        at = end
      } else {
        at += text[at] < 0x80 ? 1 : UTF8Text.length(in: text, at: at)
      }
    }
    if start < text.count { spans.append(start..<text.count) }
    return spans
  }

  public func spans(in text: [UInt8]) -> [Range<Int>] {
    text.withUnsafeBufferPointer { spans(in: $0) }
  }

  /// The sentences of a cleaned text, in UTF-8 bytes of it: none reaches over a paragraph's end
  /// or out of an item of a list, and each line of a table or of code is one. The spans cover the
  /// text.
  public func spans(in text: CleanedText) -> [Range<Int>] {
    var spans: [Range<Int>] = []
    text.bytes.withUnsafeBufferPointer { bytes in
      for (index, paragraph) in text.paragraphs.enumerated() {
        var start = index == 0 ? 0 : paragraph.bytes.lowerBound
        let isLast = index + 1 == text.paragraphs.count
        let end = isLast ? bytes.count : text.paragraphs[index + 1].bytes.lowerBound
        var pieces: [Range<Int>] = []
        if [.list, .table, .code].contains(paragraph.kind) {
          for at in paragraph.bytes.dropLast() where bytes[at] == 0x0A {
            pieces.append(start..<at + 1)
            start = at + 1
          }
        }
        pieces.append(start..<end)
        if paragraph.kind == .table || paragraph.kind == .code {
          spans += pieces
          continue
        }
        for piece in pieces {
          let part = UnsafeBufferPointer(rebasing: bytes[piece])
          spans += self.spans(in: part).map { span in
            piece.lowerBound + span.lowerBound..<piece.lowerBound + span.upperBound
          }
        }
      }
    }
    return spans
  }
}

extension Sentences {
  /// When a sentence ends with the character here: where the next one starts.
  private func sentenceEnd(
    in text: UnsafeBufferPointer<UInt8>, at: Int, from start: Int
  ) -> Int? {
    let byte = text[at]
    if byte == 0x0A { return blankLineEnd(in: text, at: at) }
    guard byte == 0x2E || byte == 0x21 || byte == 0x3F || byte == 0x3B || byte >= 0x80,
      let scalar = UTF8Text.scalar(in: text, at: at),
      let mark = byte == 0x3B ? greekMark(in: text, at: at, from: start) : Mark(scalar)
    else { return nil }
    // All stops and closing quotes in a row belong to the sentence.
    var end = at + UTF8Text.length(in: text, at: at)
    var hasEllipsis = mark == .ellipsis
    var isStrong = mark == .strong || mark == .full
    var stops = 1
    while let (next, more) = nextMark(in: text, at: end) {
      end = next
      stops += 1
      isStrong = isStrong || more != .dot && more != .ellipsis
      hasEllipsis = hasEllipsis || more == .ellipsis
    }
    if stops > 1, !isStrong { hasEllipsis = true }
    let stopEnd = end
    var isTitle = false
    while let next = closer(in: text, at: end) {
      isTitle = isTitle || UTF8Text.scalar(in: text, at: end) == 0x300B
      end = next
    }
    if mark == .dot, end == stopEnd { end = noteEnd(in: text, at: end, from: at) }
    let after = spaceEnd(in: text, at: end)
    guard after < text.count else { return after }
    if mark == .full, end > stopEnd, isTitle || isSpeech(in: text, behind: end) { return nil }
    guard after > end else { return mark == .full ? end : nil }
    let next = firstOfSentence(in: text, at: after)
    if mark == .full { return after }
    if next.isSmall {
      return isAllSmall(in: text, at: at, from: start, next: next) ? after : nil
    }
    if end > stopEnd, isStrong, next.isDash { return nil }
    if isStrong, end == stopEnd, isCompany(in: text, at: at, behind: after) { return nil }
    if hasEllipsis || isStrong { return after }
    return isAbbreviation(in: text, at: at, from: start, next: next) && end == stopEnd ? nil : after
  }

  /// The mark that follows in a row; the stops of `. . .` have spaces between them.
  private func nextMark(
    in text: UnsafeBufferPointer<UInt8>, at: Int
  ) -> (end: Int, mark: Mark)? {
    var at = at
    if at + 1 < text.count, text[at] == 0x20, text[at + 1] == 0x2E,
      at + 2 == text.count || text[at + 2] <= 0x20 || text[at + 2] == 0x2E
    {
      at += 1
    }
    guard let next = UTF8Text.scalar(in: text, at: at), let mark = Mark(next) else { return nil }
    return (at + UTF8Text.length(in: text, at: at), mark)
  }

  /// `;` asks in Greek.
  private func greekMark(
    in text: UnsafeBufferPointer<UInt8>, at: Int, from start: Int
  ) -> Mark? {
    guard at >= start + 2, text[at - 2] == 0xCE || text[at - 2] == 0xCF else { return nil }
    return .strong
  }

  /// The end of a closing quote or bracket here; French puts a space before it.
  private func closer(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Int? {
    guard let scalar = UTF8Text.scalar(in: text, at: at) else { return nil }
    if Self.closes(scalar, in: text, at: at) { return at + UTF8Text.length(in: text, at: at) }
    guard UTF8Text.isSpace(scalar) else { return nil }
    let mark = at + UTF8Text.length(in: text, at: at)
    guard let guillemet = UTF8Text.scalar(in: text, at: mark),
      guillemet == 0xBB || guillemet == 0x203A
    else { return nil }
    let end = mark + UTF8Text.length(in: text, at: mark)
    let next = UTF8Text.scalar(in: text, at: end)
    return next.map { UTF8Text.isSpace($0) || $0 == 0x0A || !UTF8Text.isLetter($0) } ?? true
      ? end : nil
  }

  /// The end of the number of a note behind a stop: `came.[4]`, `twice.1`.
  private func noteEnd(in text: UnsafeBufferPointer<UInt8>, at: Int, from stop: Int) -> Int {
    var end = at
    while end < text.count, text[end] == 0x5B {
      var close = end + 1
      while close < text.count, text[close] &- 0x30 < 10 { close += 1 }
      guard close > end + 1, close < text.count, text[close] == 0x5D else { return end }
      end = close + 1
    }
    guard end == at, stop >= 3, WordSet.isWordByte(text[stop - 1]),
      WordSet.isWordByte(text[stop - 2]),
      WordSet.isWordByte(text[stop - 3])
    else { return end }
    while end < text.count, end < at + 2, text[end] &- 0x30 < 10 { end += 1 }
    return end < text.count && text[end] == 0x20 ? end : at
  }

  /// Behind a quotation in Chinese or Japanese: the words that say it was said.
  private func isSpeech(in text: UnsafeBufferPointer<UInt8>, behind end: Int) -> Bool {
    var at = end
    for index in 0..<6 {
      guard let scalar = UTF8Text.scalar(in: text, at: at), CJK.isUnspaced(scalar) else {
        return false
      }
      // と and って in Japanese, right behind the quote.
      if index == 0, scalar == 0x3068 || scalar == 0x3063 { return true }
      switch scalar {
      case 0x3001, 0x3002, 0xFF0C, 0xFF01, 0xFF1F: return false
      // 说 問 问 喊 叫 答 說
      case 0x8BF4, 0x554F, 0x95EE, 0x558A, 0x53EB, 0x7B54, 0x8AAA: return true
      default: at += UTF8Text.length(in: text, at: at)
      }
    }
    return false
  }

  /// In a text without capitals a sentence begins small behind a word of some length.
  private func isAllSmall(
    in text: UnsafeBufferPointer<UInt8>, at: Int, from start: Int, next: Opening
  ) -> Bool {
    guard text[at] == 0x2E, next.isLetter, text[start] &- 0x61 < 26 else { return false }
    var first = at
    while first > start, text[first - 1] &- 0x61 < 26 { first -= 1 }
    guard at - first >= 4, first > start, text[first - 1] == 0x20 else { return false }
    let word = String(decoding: text[first..<at], as: UTF8.self)
    return !titles.contains(word) && !others.contains(word) && !numbered.contains(word)
      && !closing.contains(word)
  }

  /// Kinds of sentence ends.
  private enum Mark {
    /// `.`, which abbreviations have, too.
    case dot
    /// `!` and `?`.
    case strong
    case ellipsis
    /// `。！？` and `।`: no space need follow.
    case full

    init?(_ scalar: UInt32) {
      switch scalar {
      case 0x2E: self = .dot
      case 0x21, 0x3F, 0x61F, 0x6D4, 0x203D, 0x2047...0x2049, 0x589, 0x1362, 0x17D4, 0x104B:
        self = .strong
      case 0x2026: self = .ellipsis
      case 0x3002, 0xFF01, 0xFF1F, 0xFF61, 0xFF0E, 0x964, 0x965: self = .full
      default: return nil
      }
    }
  }

  /// Closing quotes and brackets; a quote that opens the next word is none.
  private static func closes(
    _ scalar: UInt32, in text: UnsafeBufferPointer<UInt8>, at: Int
  ) -> Bool {
    guard Punctuation.closes(scalar) else { return false }
    let next = UTF8Text.scalar(in: text, at: at + UTF8Text.length(in: text, at: at))
    return scalar == 0x201D || scalar == 0x2019 || CJK.contains(scalar) || scalar == 0xFF09
      || !(next.map(UTF8Text.isLetter) ?? false)
  }

  /// `Yahoo! Inc.`, `Yahoo! Japan`.
  private func isCompany(
    in text: UnsafeBufferPointer<UInt8>, at mark: Int, behind: Int
  ) -> Bool {
    var end = behind
    while end < text.count, end - behind < 6, WordSet.isWordByte(text[end]) { end += 1 }
    if end < text.count, text[end] == 0x2E,
      ["Inc", "Ltd", "Corp", "Co", "Bros"].contains(
        String(decoding: text[behind..<end], as: UTF8.self))
    {
      return true
    }
    var first = mark
    while first > 0, WordSet.isWordByte(text[first - 1]) { first -= 1 }
    return ["Yahoo", "Jeopardy"].contains(String(decoding: text[first..<mark], as: UTF8.self))
      && !beginsSentence(in: text, at: behind)
  }

  /// Whether the word here is one that begins sentences.
  private func beginsSentence(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Bool {
    var first = at
    while let scalar = UTF8Text.scalar(in: text, at: first), !UTF8Text.isLetter(scalar),
      scalar != 0x0A
    { first += UTF8Text.length(in: text, at: first) }
    var end = first
    while end < text.count, end - first < 24, WordSet.isWordByte(text[end]) || text[end] == 0x27 {
      end += 1
    }
    // The apostrophe of `It’s` and `C’est`.
    let word = String(decoding: text[first..<end], as: UTF8.self).lowercased()
    let plain = String(word.map { $0 == "\u{2019}" ? "'" : $0 })
    return starters.contains(plain) || starters.contains(String(plain.prefix { $0 != "'" }))
  }

  private struct Opening {
    var isSmall = false
    var isLetter = false
    var isDigit = false
    var isDash = false
    /// One capital and a stop: an initial.
    var isInitial = false
    /// A Roman numeral of two letters or more.
    var isRoman = false
    /// It begins sentences: `The`, `He`, `Dann`.
    var isStarter = false
  }

  /// Looks at the first letter or digit behind opening quotes and brackets.
  private func firstOfSentence(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Opening {
    var opening = Opening()
    var at = at
    while at < text.count, let scalar = UTF8Text.scalar(in: text, at: at) {
      if scalar == 0x2D || scalar == 0x2013 || scalar == 0x2014 {
        opening.isDash = true
      } else if UTF8Text.isLetter(scalar) {
        opening.isLetter = true
        opening.isSmall = UTF8Text.isLowercase(scalar) && !hasInnerCapital(in: text, at: at)
        opening.isStarter = !opening.isSmall && beginsSentence(in: text, at: at)
        let next = at + UTF8Text.length(in: text, at: at)
        opening.isRoman = isRoman(in: text, at: at)
        opening.isInitial = !opening.isSmall && next < text.count && text[next] == 0x2E
        return opening
      } else if scalar &- 0x30 < 10 {
        opening.isDigit = true
        return opening
      } else if scalar == 0x2C || scalar == 0x3B || scalar == 0x29 {
        opening.isSmall = true
        return opening
      } else if scalar == 0x0A {
        return opening
      }
      at += UTF8Text.length(in: text, at: at)
    }
    return opening
  }

  private func isRoman(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Bool {
    var end = at
    while end < text.count, WordSet.isWordByte(text[end]) {
      guard "IVXLCDM".utf8.contains(text[end]) else { return false }
      end += 1
    }
    return end - at >= 2
  }

  /// `iPhone`, `eBay`.
  private func hasInnerCapital(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Bool {
    at + 1 < text.count && text[at] < 0x80 && text[at + 1] &- 0x41 < 26
  }

  /// Whether the stop here belongs to its word.
  private func isAbbreviation(
    in text: UnsafeBufferPointer<UInt8>, at: Int, from start: Int, next: Opening
  ) -> Bool {
    var first = at
    while first > start, at - first < 24, !Self.endsWord(text[first - 1]) { first -= 1 }
    // Quotes and dashes of other scripts at the word's start.
    while first < at, let scalar = UTF8Text.scalar(in: text, at: first), scalar >= 0x80,
      !UTF8Text.isLetter(scalar)
    { first += UTF8Text.length(in: text, at: first) }
    guard first < at else { return false }
    let isNumber = text[first..<at].allSatisfy { $0 &- 0x30 < 10 }
    // `5. Mai` and `1. FC`; `in 2019. Then` ends. A number at a line's start counts it.
    if isNumber {
      return at - first <= 2
        && (first == start || !next.isStarter && isOrdinal(in: text, before: first))
    }
    var word = String(decoding: text[first..<at], as: UTF8.self)
    // `L’art. 4`
    if let elision = word.lastIndex(of: "\u{2019}") {
      word = String(word[word.index(after: elision)...])
    }
    let lower = word.lowercased()
    // `z. B.`
    if next.isInitial, word.unicodeScalars.count == 1 { return true }
    if let last = word.split(whereSeparator: { $0 == "-" || $0 == "." }).last, last.count == 1,
      last != last.lowercased(), lower != "i"
    {
      // An initial, `J.-P.`, `U.S.`: in a name, unless a sentence begins.
      return next.isInitial || !next.isStarter
    }
    // `Goethestr. 5`
    if next.isDigit, lower.hasSuffix("str") || lower.hasSuffix("pl") { return true }
    if closing.contains(lower)
      || closing.contains(joined(lower, in: text, before: first, from: start))
    {
      return next.isDigit
    }
    if numbered.contains(lower), next.isDigit || next.isRoman { return true }
    if titles.contains(lower) {
      // `St.` is a street, too, and `Jr.` stands behind its name.
      return !(next.isStarter && Self.alsoAtEnd.contains(lower))
    }
    if numbered.contains(lower) { return lower == "s" && word == "s" }
    if others.contains(lower) { return !next.isStarter }
    return false
  }

  private static let alsoAtEnd: Set<String> = ["st", "jr", "sr", "mt", "ft", "v"]

  /// `т. д.` as `т.д`.
  private func joined(
    _ word: String, in text: UnsafeBufferPointer<UInt8>, before first: Int, from start: Int
  ) -> String {
    guard first >= start + 3, text[first - 1] == 0x20, text[first - 2] == 0x2E else { return "" }
    var left = first - 2
    while left > start, WordSet.isWordByte(text[left - 1]) { left -= 1 }
    return String(decoding: text[left..<first - 2], as: UTF8.self).lowercased() + "." + word
  }

  private static let ordinalLanguages: Set<String> = [
    "de", "da", "no", "nb", "cs", "tr", "fi", "hu",
  ]

  /// Whether a number's stop makes it an ordinal: where the language writes them so, after a
  /// word in small letters such as `am` or `der`.
  private func isOrdinal(in text: UnsafeBufferPointer<UInt8>, before first: Int) -> Bool {
    guard hasOrdinals else { return false }
    var end = first
    while end > 0, text[end - 1] == 0x20 { end -= 1 }
    var start = end
    while start > 0, WordSet.isWordByte(text[start - 1]) { start -= 1 }
    return Self.beforeOrdinals.contains(String(decoding: text[start..<end], as: UTF8.self))
  }

  private static let beforeOrdinals: Set<String> = Set(
    """
    am der dem den des vom zum im bis die das ab seit und Am Der Die Das Im Vom Zum Seit Ab den det
    Den Det dne Dne od do dnia
    """.split(whereSeparator: \.isWhitespace).map(String.init))

  private static func endsWord(_ byte: UInt8) -> Bool {
    byte <= 0x22 || byte == 0x28 || byte == 0x5B || byte == 0x27 || byte == 0x2F
  }

  private func spaceEnd(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Int {
    var end = at
    while let scalar = UTF8Text.scalar(in: text, at: end),
      UTF8Text.isSpace(scalar) || scalar == 0x0A || scalar == 0x0D
    { end += UTF8Text.length(in: text, at: end) }
    return end
  }

  /// The end of a blank line that starts with the line end here; nil when the next line has text.
  private func blankLineEnd(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Int? {
    let end = spaceEnd(in: text, at: at)
    let lines = text[at..<end].count { $0 == 0x0A }
    return lines >= 2 ? end : nil
  }
}
