// In: a text that is set in paragraphs. Out: where its sentences are. The text is not changed:
// the spans, each with the space behind it, join back to the text byte for byte.

/// Finds sentences. Made once for a language, used for many texts.
public struct Sentences: Sendable {
  private let titles: Set<String>
  private let others: Set<String>

  /// Takes a BCP 47 code; without one the abbreviations of all languages count.
  public init(language: String? = nil) {
    titles = Abbreviations.words(Abbreviations.titles, language: language)
    others = Abbreviations.words(Abbreviations.others, language: language)
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
}

extension Sentences {
  /// When a sentence ends with the character here: where the next one starts.
  private func sentenceEnd(
    in text: UnsafeBufferPointer<UInt8>, at: Int, from start: Int
  ) -> Int? {
    let byte = text[at]
    if byte == 0x0A { return blankLineEnd(in: text, at: at) }
    guard byte == 0x2E || byte == 0x21 || byte == 0x3F || byte >= 0x80,
      let scalar = UTF8Text.scalar(in: text, at: at), let mark = Mark(scalar)
    else { return nil }
    // All stops and closing quotes in a row belong to the sentence.
    var end = at + UTF8Text.length(in: text, at: at)
    var hasEllipsis = mark == .ellipsis
    var isStrong = mark == .strong || mark == .full
    var stops = 1
    while let next = UTF8Text.scalar(in: text, at: end), let more = Mark(next) {
      end += UTF8Text.length(in: text, at: end)
      stops += 1
      isStrong = isStrong || more != .dot && more != .ellipsis
      hasEllipsis = hasEllipsis || more == .ellipsis
    }
    if stops > 1, !isStrong { hasEllipsis = true }
    let stopEnd = end
    while let next = UTF8Text.scalar(in: text, at: end), Self.closes(next, in: text, at: end) {
      end += UTF8Text.length(in: text, at: end)
    }
    let after = spaceEnd(in: text, at: end)
    guard after < text.count else { return after }
    guard after > end else { return mark == .full ? end : nil }
    let next = firstOfSentence(in: text, at: after)
    if mark == .full { return after }
    if next.isSmall { return nil }
    if end > stopEnd, isStrong, next.isDash { return nil }
    if isStrong, end == stopEnd, isCompany(in: text, at: after) { return nil }
    if hasEllipsis || isStrong { return after }
    return isAbbreviation(in: text, at: at, from: start, next: next) && end == stopEnd ? nil : after
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
    return scalar == 0x201D || scalar == 0x2019 || CJK.contains(scalar)
      || !(next.map(UTF8Text.isLetter) ?? false)
  }

  /// `Yahoo! Inc.`
  private func isCompany(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Bool {
    var end = at
    while end < text.count, end - at < 6, WordSet.isWordByte(text[end]) { end += 1 }
    guard end < text.count, text[end] == 0x2E else { return false }
    return ["Inc", "Ltd", "Corp", "Co", "Bros"].contains(
      String(decoding: text[at..<end], as: UTF8.self))
  }

  private struct Opening {
    var isSmall = false
    var isDigit = false
    var isDash = false
    /// One capital and a stop: an initial.
    var isInitial = false
  }

  /// Looks at the first letter or digit behind opening quotes and brackets.
  private func firstOfSentence(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Opening {
    var opening = Opening()
    var at = at
    while at < text.count, let scalar = UTF8Text.scalar(in: text, at: at) {
      if scalar == 0x2D || scalar == 0x2013 || scalar == 0x2014 {
        opening.isDash = true
      } else if UTF8Text.isLetter(scalar) {
        opening.isSmall = Unicode.Scalar(scalar)?.properties.isLowercase ?? false
        let next = at + UTF8Text.length(in: text, at: at)
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
    if isNumber { return at - first <= 2 && (first == start || isOrdinal(in: text, before: first)) }
    let word = String(decoding: text[first..<at], as: UTF8.self)
    let lower = word.lowercased()
    let letters = word.unicodeScalars.count
    if letters == 1, word != lower && word != "I" || next.isInitial { return true }
    // `Goethestr. 5`
    if next.isDigit, lower.hasSuffix("str") || lower.hasSuffix("pl") { return true }
    if titles.contains(lower) {
      // `Nr`, `p`, `No` want a number; as words they end sentences.
      if lower == "no" || lower == "art" || lower == "al" || lower == "s" && word == "s" {
        return next.isDigit || lower == "s"
      }
      return true
    }
    if others.contains(lower) { return next.isDigit || next.isInitial || goesOn(after: lower) }
    // `U.S.`, `N.Y.`, before another initial.
    return lower.utf8.contains(0x2E) && next.isInitial
  }

  /// `Inc.` and months are mostly inside a sentence, `etc.` and `a.m.` at its end.
  private func goesOn(after word: String) -> Bool {
    switch word {
    case "etc", "a.m", "p.m", "usw", "ecc", "enz", "itd", "itp", "osv", "vb", "atd", "apod", "u.s",
      "u.k", "u.n", "e.u", "d.c", "co", "r", "др", "т.д", "т.п", "пр", "uvm", "inc", "ltd", "corp":
      false
    default: true
    }
  }

  /// Whether a number's stop makes it an ordinal: where the language writes them so, after a
  /// word in small letters such as `am` or `der`.
  private func isOrdinal(in text: UnsafeBufferPointer<UInt8>, before first: Int) -> Bool {
    guard
      titles.contains("bzw") || titles.contains("f.eks") || titles.contains("např")
        || titles.contains("tzn") || titles.contains("doç")
    else { return false }
    var end = first
    while end > 0, text[end - 1] == 0x20 { end -= 1 }
    var start = end
    while start > 0, WordSet.isWordByte(text[start - 1]) { start -= 1 }
    let word = String(decoding: text[start..<end], as: UTF8.self)
    return Self.beforeOrdinals.contains(word)
  }

  private static let beforeOrdinals: Set<String> = [
    "am", "der", "dem", "den", "des", "vom", "zum", "im", "bis", "die", "das", "ab", "seit", "und",
    "Am",
    "Der", "Die", "Das", "Im", "Vom", "Zum", "Seit", "Ab", "den", "det", "Den", "Det", "dne", "od",
    "do", "dnia",
  ]

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
