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

  private let literals: LiteralTables
  private let table: RunTable
  /// By pattern: what is needed to run it, once it was compiled. `rules` keeps it alive.
  private var patterns = Buffer<Pattern.Handle?>()
  /// Time spent by each timed pattern on this document.
  private var spent: [Int: UInt64] = [:]
  private var source = SourceText()
  private var countedLine = -1
  private var countedWords = 0

  /// Candidates of the current line that meet their rules' demands, in order.
  private var passed = Buffer<Int32>()

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
    table = rules.table
    literals = LiteralTables(rules.table)
    matcher = try? Matcher()
    patterns.fill(nil, count: rules.table.patternCount)
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
    let (lines, lower) = (source.lines.view, source.lower.base)
    for index in 0..<lines.count {
      let line = lines[index]
      guard line.isValid, !line.isBlank else { continue }
      textLines.append(Int32(index))
      if line.foldedCount > Self.longestLine {
        literals.findPlaces(in: lower + line.foldedStart, line.foldedCount)
        for number in 0..<literals.places.count {
          let (rule, place) = literals.places[number]
          if rules.isWanted[Int(rule)] { trySpan(rule, Int32(index), line, around: place) }
        }
      } else if rules.isGated {
        tryCandidates(Int32(index), line, lower + line.foldedStart)
      } else {
        for rule in 0..<rules.count where rules.isWanted[rule] {
          tryRule(Int32(rule), Int32(index), line)
        }
      }
    }
    if !failures.isEmpty { dropTimedOut() }
  }

  /// Tries the rules whose gate and demands a line meets, each once, in rule order.
  private func tryCandidates(
    _ index: Int32, _ line: SourceLine, _ lower: UnsafePointer<UInt8>
  ) {
    let count = line.foldedCount
    let kinds = ByteKinds.ofLine(lower, count, ByteKinds.table)
    literals.find(in: lower, count, kinds: kinds)
    let candidates = literals.candidates.view
    guard candidates.count > 0 else { return }
    var end = count - 1
    while end > 0, lower[end] & 0xC0 == 0x80 { end -= 1 }
    let first = ByteKinds.table[Int(lower[0])]
    let last = ByteKinds.table[Int(lower[end])]
    passed.count = 0
    for candidate in candidates {
      let rule = rules.rules + Int(candidate)
      guard rules.isWanted[Int(candidate)], count >= Int(rule.pointee.minLength),
        count <= Int(rule.pointee.maxLength), rule.pointee.first & first != 0,
        rule.pointee.last & last != 0, rule.pointee.holds1 & kinds != 0,
        rule.pointee.holds2 & kinds != 0, rule.pointee.holds3 & kinds != 0,
        literals.holds(rule.pointee.clauses)
      else { continue }
      passed.insertSorted(candidate)
    }
    for number in 0..<passed.count {
      if tallies == nil {
        tryRule(passed[number], index, line)
      } else {
        tryCounted(passed[number], index, line)
      }
    }
  }

  /// The weights' key of a signal: its name.
  func signalHash(of rule: Int32) -> UInt64 { rules.rules[Int(rule)].nameHash }

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
    if rule.requires.isEmpty || rules.isGated && rule.flags.contains(.hasRequired) { return true }
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
    let pattern = table.matchers[Int(index)].pattern
    guard pattern >= 0 else { return true }
    let range = line.foldedStart..<line.foldedEnd
    return firstMatch(pattern, in: range, from: 0, rule: rule, lineIndex) != nil
  }

  /// All keys of a matcher but its pattern; a veto that fails to run counts as a veto.
  private func holds(_ index: Int32, _ line: SourceLine, rule: Int32, _ lineIndex: Int32) -> Bool {
    let matcher = table.matchers[Int(index)]
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
    let veto = table.matchers[Int(index)]
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

  /// A phrase in lower case, in the memory of its table.
  private struct Phrase {
    let base: UnsafePointer<UInt8>
    let count: Int

    /// Two or three ASCII letters: too common inside words to tell anything there.
    var isShortWord: Bool {
      (2...3).contains(count) && (0..<count).allSatisfy { base[$0] &- 0x61 < 26 }
    }
  }

  @inline(__always)
  private func phrase(_ index: Int) -> Phrase {
    let range = table.phrases[index]
    return Phrase(base: table.text + Int(range.start), count: Int(range.count))
  }

  private func equalsPhrase(_ slice: IndexRange, _ line: SourceLine) -> Bool {
    for index in slice.range {
      let phrase = phrase(index)
      if phrase.count == line.foldedCount, isPhrase(phrase, at: line.foldedStart) { return true }
    }
    return false
  }

  private func hasEdgePhrase(_ slice: IndexRange, _ line: SourceLine, atEnd: Bool) -> Bool {
    for index in slice.range {
      let phrase = phrase(index)
      guard phrase.count <= line.foldedCount else { continue }
      let place = atEnd ? line.foldedEnd - phrase.count : line.foldedStart
      if isPhrase(phrase, at: place), isWord(place..<place + phrase.count, line) { return true }
    }
    return false
  }

  private func hasPhrase(_ slice: IndexRange, _ line: SourceLine, asWord: Bool) -> Bool {
    for index in slice.range {
      if place(of: phrase(index), line, from: line.foldedStart, asWord: asWord) != nil {
        return true
      }
    }
    return false
  }

  /// Whether one of the literals of `requires` stands in the line; those of up to three letters
  /// must stand as words.
  private func hasRequired(_ slice: IndexRange, _ line: SourceLine) -> Bool {
    for index in slice.range {
      let phrase = phrase(index)
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

  private func pattern(_ index: Int32) -> Pattern.Handle? {
    if let known = patterns[Int(index)] { return known }
    let made = rules.pattern(Int(index))?.handle
    patterns[Int(index)] = made
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
    let matcher = table.matchers[Int(rule.matcher)]
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
      let phrase = phrase(index2)
      if phrase.count <= line.foldedCount, isPhrase(phrase, at: line.foldedStart) {
        let end = line.foldedStart + phrase.count
        if isWord(line.foldedStart..<end, line) {
          return addSpan(line.foldedStart..<end, index, rule, lineIndex, line)
        }
      }
    }
    for index2 in matcher.endsWith.range {
      let phrase = phrase(index2)
      let start = line.foldedEnd - phrase.count
      if start >= line.foldedStart, isPhrase(phrase, at: start),
        isWord(start..<line.foldedEnd, line)
      {
        return addSpan(start..<line.foldedEnd, index, rule, lineIndex, line)
      }
    }
    for index2 in matcher.contains.range {
      let phrase = phrase(index2)
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
    let matcher = table.matchers[Int(rule.matcher)]
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

extension Buffer where Element == Int32 {
  /// Puts a value in its place among sorted ones, once.
  mutating func insertSorted(_ value: Int32) {
    var place = count
    while place > 0, self[place - 1] > value { place -= 1 }
    if place > 0, self[place - 1] == value { return }
    append(value)
    var index = count - 1
    while index > place {
      self[index] = self[index - 1]
      index -= 1
    }
    self[place] = value
  }
}
