// Tries the rules on a document's lines: source text and rules in, findings out.
//
// One walk over the lines. Literals name the rules worth a try; each is tried once a line. Rules
// that ask about the line's place or neighbours are set aside for `Removal`, which knows them.
internal import PCRE2
internal import WinnowRules

final class Finder {
  let rules: RuleSet
  private let matcher: Matcher?
  private(set) var findings = Buffer<Finding>()
  /// What would be findings but for a condition on their place, and the first lines of blocks.
  private(set) var pending = Buffer<Finding>()
  /// Hits of `signal` rules, in line order.
  private(set) var signals = Buffer<Finding>()
  private(set) var failures: [RuleFailure] = []

  /// Lines that are neither blank nor broken, in order.
  private(set) var textLines = Buffer<Int32>()

  /// The last line each rule was tried on.
  private var triedOn = Buffer<Int32>()
  private var patterns = Buffer<Unmanaged<Pattern>?>()
  /// Time spent by each timed pattern on this document.
  private var spent: [Int: UInt64] = [:]
  private var source = SourceText()
  private var countedLine = -1
  private var countedWords = 0

  /// By rule, how often it was tried and hit and how long that took; kept only when asked for.
  struct Tally {
    var tries = 0
    var hits = 0
    var nanoseconds: UInt64 = 0
  }
  var tallies: [Tally]?

  /// Longer lines are not given to patterns whole: see `findSpans(inLongLine:)`.
  static let longestLine = 8192
  private static let windowBytes = 4096
  private static let mostMatchesPerLine = 1000

  init(rules: RuleSet) {
    self.rules = rules
    matcher = try? Matcher()
    patterns.fill(nil, count: rules.patternCount)
  }

  deinit {
    for index in 0..<patterns.count { patterns[index]?.release() }
  }

  /// Finds everything in `source`. The findings are those of this document alone.
  func find(in source: SourceText) {
    self.source = source
    countedLine = -1
    findings.count = 0
    pending.count = 0
    signals.count = 0
    textLines.count = 0
    failures.removeAll(keepingCapacity: true)
    spent.removeAll(keepingCapacity: true)
    triedOn.fill(-1, count: rules.count)
    for index in 0..<source.lines.count {
      let line = source.lines[index]
      guard line.isValid, !line.isBlank else { continue }
      textLines.append(Int32(index))
      let isLong = line.foldedCount > Self.longestLine
      rules.literals.forEachCandidate(source.lower.base + line.foldedStart, line.foldedCount) {
        rule, place in
        if isLong {
          trySpan(rule, Int32(index), line, around: place)
        } else if triedOn[Int(rule)] != Int32(index) {
          triedOn[Int(rule)] = Int32(index)
          if tallies == nil {
            tryRule(rule, Int32(index), line)
          } else {
            tryCounted(rule, Int32(index), line)
          }
        }
      }
    }
    if !failures.isEmpty { dropTimedOut() }
  }

  /// The weights' key of a signal: its name.
  func signalHash(of rule: Int32) -> UInt64 { rules.nameHash(of: Int(rule)) }

  /// Takes back what rules saw that ran out of time: how far they came depends on the machine.
  private func dropTimedOut() {
    let timedOut = Set(failures.filter(\.isDeadline).map { Int32($0.rule) })
    guard !timedOut.isEmpty else { return }
    findings.removeAll { timedOut.contains($0.rule) }
    pending.removeAll { timedOut.contains($0.rule) }
    signals.removeAll { timedOut.contains($0.rule) }
  }

  // MARK: One rule on one line

  private func tryCounted(_ index: Int32, _ lineIndex: Int32, _ line: SourceLine) {
    let before = findings.count + pending.count + signals.count
    let start = Matcher.now()
    tryRule(index, lineIndex, line)
    tallies?[Int(index)].nanoseconds += Matcher.now() - start
    tallies?[Int(index)].tries += 1
    if findings.count + pending.count + signals.count > before { tallies?[Int(index)].hits += 1 }
  }

  private func tryRule(_ index: Int32, _ lineIndex: Int32, _ line: SourceLine) {
    let rule = rules.rules[Int(index)]
    guard fitsItself(rule, line) else { return }
    switch rule.kind {
    case .line, .signal, .block:
      guard matches(rule.matcher, line, rule: index, lineIndex) else { return }
      let finding = Finding(
        rule: index, firstLine: lineIndex, lastLine: lineIndex, start: line.start, end: line.end)
      if rule.kind == .signal {
        signals.append(finding)
      } else if rule.kind == .block || rule.looksAround {
        pending.append(finding)
      } else {
        findings.append(finding)
      }
    case .span:
      let whole = line.foldedStart..<line.foldedEnd
      guard holds(rule.matcher, line, rule: index, lineIndex) else { return }
      findSpans(index, rule, lineIndex, line, in: whole)
    }
  }

  /// Length, words and required literals.
  private func fitsItself(_ rule: RunRule, _ line: SourceLine) -> Bool {
    guard line.foldedCount <= Int(rule.maxLength) else { return false }
    if rule.minWords > 0 || rule.maxWords != .max {
      let words = Int32(wordCount(line))
      guard words >= rule.minWords, words <= rule.maxWords else { return false }
    }
    if rule.requires.isEmpty { return true }
    return hasRequired(rule.requires, line)
  }

  /// The words of a line, counted once: many rules ask.
  func wordCount(_ line: SourceLine) -> Int {
    if countedLine == line.start { return countedWords }
    let text = source.lower.base
    var words = 1
    for index in line.foldedStart..<line.foldedEnd where text[index] == 0x20 { words += 1 }
    (countedLine, countedWords) = (line.start, words)
    return words
  }

  /// Whether `line` fits a matcher: all its keys, and no veto.
  func matches(_ index: Int32, _ line: SourceLine, rule: Int32, _ lineIndex: Int32) -> Bool {
    guard holds(index, line, rule: rule, lineIndex) else { return false }
    let pattern = rules.matchers[Int(index)].pattern
    guard pattern >= 0 else { return true }
    let range = line.foldedStart..<line.foldedEnd
    return firstMatch(pattern, in: range, from: 0, rule: rule, lineIndex) != nil
  }

  /// All keys of a matcher but its pattern; a veto that fails to run counts as a veto.
  private func holds(_ index: Int32, _ line: SourceLine, rule: Int32, _ lineIndex: Int32) -> Bool {
    let matcher = rules.matchers[Int(index)]
    if !matcher.equals.isEmpty, !equalsPhrase(matcher.equals, line) { return false }
    if !matcher.startsWith.isEmpty, !hasEdgePhrase(matcher.startsWith, line, atEnd: false) {
      return false
    }
    if !matcher.endsWith.isEmpty, !hasEdgePhrase(matcher.endsWith, line, atEnd: true) {
      return false
    }
    if !matcher.contains.isEmpty, !hasPhrase(matcher.contains, line, asWord: true) { return false }
    guard matcher.unless >= 0 else { return true }
    return !isVetoed(matcher.unless, line, rule: rule, lineIndex)
  }

  private func isVetoed(_ index: Int32, _ line: SourceLine, rule: Int32, _ lineIndex: Int32) -> Bool
  {
    let veto = rules.matchers[Int(index)]
    if equalsPhrase(veto.equals, line) { return true }
    if hasEdgePhrase(veto.startsWith, line, atEnd: false) { return true }
    if hasEdgePhrase(veto.endsWith, line, atEnd: true) { return true }
    if hasPhrase(veto.contains, line, asWord: true) { return true }
    guard veto.pattern >= 0 else { return false }
    let failuresBefore = failures.count
    let range = line.foldedStart..<line.foldedEnd
    let found = firstMatch(veto.pattern, in: range, from: 0, rule: rule, lineIndex) != nil
    return found || failures.count > failuresBefore
  }

  // MARK: Phrases

  private func equalsPhrase(_ slice: IndexRange, _ line: SourceLine) -> Bool {
    for index in slice.range {
      let phrase = rules.phrases[index]
      if phrase.count == line.foldedCount, isPhrase(phrase, at: line.foldedStart) { return true }
    }
    return false
  }

  private func hasEdgePhrase(_ slice: IndexRange, _ line: SourceLine, atEnd: Bool) -> Bool {
    for index in slice.range {
      let phrase = rules.phrases[index]
      guard phrase.count <= line.foldedCount else { continue }
      let place = atEnd ? line.foldedEnd - phrase.count : line.foldedStart
      if isPhrase(phrase, at: place), isWord(place..<place + phrase.count, line) { return true }
    }
    return false
  }

  private func hasPhrase(_ slice: IndexRange, _ line: SourceLine, asWord: Bool) -> Bool {
    for index in slice.range {
      if place(of: rules.phrases[index], line, from: line.foldedStart, asWord: asWord) != nil {
        return true
      }
    }
    return false
  }

  /// Whether one of the literals of `requires` stands in the line; those of up to three letters
  /// must stand as words.
  private func hasRequired(_ slice: IndexRange, _ line: SourceLine) -> Bool {
    for index in slice.range {
      let phrase = rules.phrases[index]
      if place(of: phrase, line, from: line.foldedStart, asWord: phrase.isShortWord) != nil {
        return true
      }
    }
    return false
  }

  private func place(of phrase: Phrase, _ line: SourceLine, from: Int, asWord: Bool) -> Int? {
    guard phrase.count > 0 else { return nil }
    var place = from
    let last = line.foldedEnd - phrase.count
    let first = phrase.base[0]
    let text = source.lower.base
    while place <= last {
      if text[place] == first, isPhrase(phrase, at: place),
        !asWord || isWord(place..<place + phrase.count, line)
      {
        return place
      }
      place += 1
    }
    return nil
  }

  @inline(__always)
  private func isPhrase(_ phrase: Phrase, at place: Int) -> Bool {
    let text = source.lower.base + place
    for index in 0..<phrase.count where text[index] != phrase.base[index] { return false }
    return true
  }

  /// Whether a range does not start or end inside a word.
  private func isWord(_ range: Range<Int>, _ line: SourceLine) -> Bool {
    let text = source.lower.base
    if range.lowerBound > line.foldedStart,
      Letters.joins(text, before: range.lowerBound, from: line.foldedStart, to: line.foldedEnd)
    {
      return false
    }
    return range.upperBound >= line.foldedEnd
      || !Letters.joins(text, before: range.upperBound, from: line.foldedStart, to: line.foldedEnd)
  }

  // MARK: Patterns

  private func pattern(_ index: Int32) -> Pattern? {
    if let known = patterns[Int(index)] { return known.takeUnretainedValue() }
    guard let made = rules.pattern(Int(index)) else { return nil }
    patterns[Int(index)] = Unmanaged.passRetained(made)
    return made
  }

  /// The first match in a range of the folded view, as a range of the folded view.
  private func firstMatch(
    _ index: Int32, in range: Range<Int>, from start: Int, rule: Int32, _ lineIndex: Int32
  ) -> Range<Int>? {
    guard let pattern = pattern(index), let matcher else {
      fail(rule, lineIndex, "the pattern does not compile")
      return nil
    }
    let subject = UnsafeBufferPointer(
      start: source.folded.base + range.lowerBound, count: range.count)
    var time = pattern.isTimed ? spent[Int(index)] ?? 0 : 0
    let outcome = matcher.firstMatch(of: pattern, in: subject, from: start, spent: &time)
    if pattern.isTimed { spent[Int(index)] = time }
    switch outcome {
    case .noMatch: return nil
    case .match(let found):
      return range.lowerBound + found.lowerBound..<range.lowerBound + found.upperBound
    case .failed(let failure):
      fail(rule, lineIndex, failure.description)
      return nil
    }
  }

  private func fail(_ rule: Int32, _ line: Int32, _ reason: String) {
    failures.append(RuleFailure(rule: Int(rule), line: Int(line) + 1, reason: reason))
  }

  // MARK: Spans

  private func findSpans(
    _ index: Int32, _ rule: RunRule, _ lineIndex: Int32, _ line: SourceLine, in range: Range<Int>
  ) {
    let matcher = rules.matchers[Int(rule.matcher)]
    if matcher.pattern >= 0 {
      var start = 0
      var matches = 0
      while start <= range.count,
        let found = firstMatch(matcher.pattern, in: range, from: start, rule: index, lineIndex)
      {
        matches += 1
        guard matches <= Self.mostMatchesPerLine else {
          fail(index, lineIndex, "over \(Self.mostMatchesPerLine) matches")
          return
        }
        addSpan(found, index, rule, lineIndex, line)
        start = found.upperBound - range.lowerBound
        if found.isEmpty {
          start += 1
          while start < range.count, source.folded[range.lowerBound + start] & 0xC0 == 0x80 {
            start += 1
          }
        }
      }
      return
    }
    for index2 in matcher.startsWith.range {
      let phrase = rules.phrases[index2]
      if phrase.count <= line.foldedCount, isPhrase(phrase, at: line.foldedStart) {
        let end = line.foldedStart + phrase.count
        if isWord(line.foldedStart..<end, line) {
          return addSpan(line.foldedStart..<end, index, rule, lineIndex, line)
        }
      }
    }
    for index2 in matcher.endsWith.range {
      let phrase = rules.phrases[index2]
      let start = line.foldedEnd - phrase.count
      if start >= line.foldedStart, isPhrase(phrase, at: start),
        isWord(start..<line.foldedEnd, line)
      {
        return addSpan(start..<line.foldedEnd, index, rule, lineIndex, line)
      }
    }
    for index2 in matcher.contains.range {
      let phrase = rules.phrases[index2]
      var from = line.foldedStart
      while let found = place(of: phrase, line, from: from, asWord: true) {
        addSpan(found..<found + phrase.count, index, rule, lineIndex, line)
        from = found + phrase.count
      }
    }
  }

  private func addSpan(
    _ range: Range<Int>, _ index: Int32, _ rule: RunRule, _ lineIndex: Int32, _ line: SourceLine
  ) {
    guard !range.isEmpty else { return }
    let bytes = source.sourceBytes(of: range, in: line)
    guard !bytes.isEmpty else { return }
    let finding = Finding(
      rule: index, firstLine: lineIndex, lastLine: lineIndex, start: bytes.lowerBound,
      end: bytes.upperBound)
    if rule.looksAround { pending.append(finding) } else { findings.append(finding) }
  }

  /// A line over the limit is one that a scraper made of a whole article. Only span rules are
  /// tried, each in a window round its literal, so that the cost stays in proportion.
  private func trySpan(_ index: Int32, _ lineIndex: Int32, _ line: SourceLine, around place: Int) {
    let rule = rules.rules[Int(index)]
    guard rule.kind == .span, !rule.looksAround, line.foldedCount <= Int(rule.maxLength),
      rule.maxWords == .max, rule.minWords == 0
    else { return }
    let matcher = rules.matchers[Int(rule.matcher)]
    guard matcher.pattern >= 0, matcher.unless < 0, matcher.startsWith.isEmpty,
      matcher.endsWith.isEmpty
    else { return }
    let hit = line.foldedStart + place
    var lower = max(line.foldedStart, hit - Self.windowBytes / 4)
    var upper = min(line.foldedEnd, hit + Self.windowBytes * 3 / 4)
    while lower > line.foldedStart, source.folded[lower] & 0xC0 == 0x80 { lower -= 1 }
    while upper < line.foldedEnd, source.folded[upper] & 0xC0 == 0x80 { upper -= 1 }
    // Borders of the window are no borders of the line: a match that touches one is not trusted.
    var start = 0
    while let found = firstMatch(
      matcher.pattern, in: lower..<upper, from: start, rule: index, lineIndex)
    {
      let touchesBorder =
        (found.lowerBound == lower && lower > line.foldedStart)
        || (found.upperBound == upper && upper < line.foldedEnd)
      if !touchesBorder, !found.isEmpty, found.lowerBound <= hit, hit < found.upperBound {
        addSpan(found, index, rule, lineIndex, line)
      }
      start = max(found.upperBound - lower, start + 1)
      while start < upper - lower, source.folded[lower + start] & 0xC0 == 0x80 { start += 1 }
      if start > hit - lower || start >= upper - lower { break }
    }
  }
}
