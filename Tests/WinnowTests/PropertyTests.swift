// What holds for every text. P1 … P11 are the numbers of the invariants in the reliability notes.
import Testing
import WinnowRules

@testable import Winnow

/// Texts for properties: lines of articles and of noise, every line end, and broken bytes.
struct TextMaker {
  /// Lines of the corpus: kept ones and noise.
  static let articleLines: [[UInt8]] =
    Corpus.articles.flatMap { $0.text.split(separator: 0x0A).map(Array.init) }

  static let noise = [
    "Advertisement", "Sign up for our newsletter", "Sign up now", "Read more:", "Most read",
    "Share",
    "1. A ferry", "2. A pier", "Close", "Tags: ferries, piers", "Follow us on Facebook",
    "The pier (photo) was shut. Read more", "(photo) (photo)", "By Jane Roe", "© 2024 Harbour News",
    "Harbour newsletter: The Tide", "and our other newsletters", "Related articles",
    "Email address",
  ].map { Array($0.utf8) }

  static let pieces =
    [
      [0x20], [0x09], [0xC2, 0xA0], [0xE2, 0x80, 0x8B], [0xEF, 0xBB, 0xBF], [0x00], [0xFF], [0xC3],
      [0xED, 0xA0, 0x80], [0xE2, 0x80], [0xE2, 0x80, 0xAE], [0xF0, 0x9F, 0x8E, 0x88], [0x1B, 0x5B],
      Array("&amp;".utf8), Array("Ã©".utf8), Array("“x”".utf8), Array("…".utf8), Array("- ".utf8),
      Array("> ".utf8), Array("```".utf8), Array("a|b|c".utf8), Array("ﬁ".utf8),
      Array("e\u{301}".utf8),
    ] as [[UInt8]]

  static let ends =
    [[0x0A], [0x0A], [0x0A], [0x0A, 0x0A], [0x0D, 0x0A], [0x0D], [0x0A, 0x20, 0x0A]] as [[UInt8]]

  /// A text of 0 to 24 lines.
  static func text(_ random: inout SplitMix) -> [UInt8] {
    var text: [UInt8] = random.chance(20) ? [0xEF, 0xBB, 0xBF] : []
    let hasOneEnd = random.chance(2)
    let isClean = random.chance(2)
    for _ in 0..<Int.random(in: 0...24, using: &random) {
      var line =
        random.chance(3)
        ? random.pick(noise) : articleLines.isEmpty ? [] : random.pick(articleLines)
      if !isClean, random.chance(3) {
        line.insert(
          contentsOf: random.pick(pieces), at: Int.random(in: 0...line.count, using: &random))
      }
      if !isClean, random.chance(6), line.count > 2 {
        line.removeSubrange(Int.random(in: 0..<line.count, using: &random)...)
      }
      if random.chance(150) {
        line += Array(repeating: line, count: 9000 / (line.count + 1)).joined()
      }
      text += line + (hasOneEnd ? [0x0A] : random.pick(ends))
    }
    if random.chance(3), text.last == 0x0A { text.removeLast() }
    return text
  }

  /// Bytes of any kind.
  static func bytes(_ random: inout SplitMix) -> [UInt8] {
    (0..<Int.random(in: 0...200, using: &random)).map { _ in
      random.chance(6) ? 0x0A : UInt8.random(in: 0...255, using: &random)
    }
  }
}

@Suite struct PropertyTests {
  /// A few rules of each kind, which meet often in these texts.
  private static let own: [Rule] = [
    .test(.line(.equals("Advertisement", "Share", "Email address")), name: "en/test/label"),
    .test(.line(.contains("sign up").unless(.contains("she said"))), name: "en/test/signup"),
    .test(.line(.startsWith("Tags:", "By", "©")), name: "en/test/tags"),
    .test(.span(.regex(#"\h? \( photo \)"#)), name: "en/test/photo"),
    .test(.span(.endsWith("Read more")), name: "en/test/more"),
    .test(
      .block(
        BlockMatcher(
          start: .equals("Most read"), middle: .regex(#"^ \d \."#), end: nil, maxLines: 4)),
      name: "en/test/most-read"),
    .test(
      .block(
        BlockMatcher(
          start: .contains("newsletter"), middle: nil, end: .endsWith("newsletters"), maxLines: 3)),
      name: "en/test/newsletter"),
    .test(.line(.regex(#"^ \d \. .{1,40} $"#)), name: "en/test/number") {
      $0.conditions.isAfterRemoved = true
    },
    .test(.line(.startsWith("Related", "Read more:")), name: "en/test/related") {
      $0.conditions.position = .tail
    },
    .test(.line(.startsWith("Follow")), name: "en/test/head") { $0.conditions.position = .head },
  ]
  static let rules = RuleSet([RuleSource(rules: own, isTrusted: true)])
  static let builtIn = RuleSet()

  /// The built-in rules on some texts, the few own ones on many.
  static let sets: [(RuleSet, Int)] = [(rules, 400), (builtIn, 150)]

  private func cleaner(_ rules: RuleSet, _ configuration: Configuration = Configuration()) -> (
    [UInt8]
  ) -> CleanedText {
    let cleaner = Cleaner(rules: rules, configuration: configuration)
    let worker = Worker(rules: rules)
    return { cleaner.clean($0, using: worker) }
  }

  @Test("P1: edits are sorted and disjoint, and replaying them gives the output", arguments: 0...1)
  func replay(set: Int) {
    let (rules, count) = Self.sets[set]
    for configuration in [Configuration(), .untouched] {
      let clean = cleaner(rules, configuration)
      forAllTexts(count / 2, from: TextMaker.text) { text in
        let result = clean(text)
        var end = 0
        for edit in result.edits {
          guard edit.bytes.lowerBound >= end, edit.bytes.upperBound <= text.count else {
            return "edits overlap at \(edit.bytes)"
          }
          end = edit.bytes.upperBound
        }
        return result.edits.applied(to: text) == result.bytes ? nil : "replay is another text"
      }
    }
  }

  @Test(
    "P1, put back: what is kept and what was removed, in order, are the input", arguments: 0...1)
  func putBack(set: Int) {
    let (rules, count) = Self.sets[set]
    let clean = cleaner(rules, .untouched)
    forAllTexts(count, from: TextMaker.text) { text in
      let result = clean(text)
      var rebuilt: [UInt8] = []
      var kept = result.bytes[...]
      for removal in result.removals {
        let gap = removal.bytes.lowerBound - rebuilt.count
        guard gap >= 0, gap <= kept.count else { return "removals out of order" }
        rebuilt += kept.prefix(gap) + text[removal.bytes]
        kept = kept.dropFirst(gap)
      }
      return rebuilt + kept == text ? nil : "put back: \(shown(rebuilt + kept))"
    }
  }

  @Test("P1: removals of valid text are cut at the borders of characters", arguments: 0...1)
  func characterBorders(set: Int) {
    let (rules, count) = Self.sets[set]
    let clean = cleaner(rules, .untouched)
    forAllTexts(count, from: TextMaker.text) { text in
      guard String(validating: text, as: UTF8.self) != nil else { return nil }
      return String(validating: clean(text).bytes, as: UTF8.self) == nil
        ? "a character is cut in two" : nil
    }
  }

  @Test("P2: cleaning twice changes nothing more", arguments: 0...1)
  func idempotence(set: Int) {
    let (rules, count) = Self.sets[set]
    for configuration in [Configuration(), .untouched] {
      let clean = cleaner(rules, configuration)
      forAllTexts(count, from: TextMaker.text) { text in
        let once = clean(text).bytes
        let twice = clean(once).bytes
        return once == twice ? nil : "once \(shown(once)), twice \(shown(twice))"
      }
    }
  }

  @Test("P2, on every article of the corpus", arguments: Corpus.articles)
  func idempotence(article: Corpus.Article) {
    let clean = cleaner(Self.builtIn)
    let once = clean(article.text)
    #expect(clean(once.bytes).text == once.text)
  }

  @Test(
    "P3: without typography, whole-line rules leave lines of the input, byte for byte and in order")
  func subset() {
    let rules = RuleSet([
      RuleSource(rules: Self.own.filter { $0.kind.name != "span" }, isTrusted: true)
    ])
    let clean = cleaner(rules, .untouched)
    // A lone CR before a line that goes would make a CRLF with the LF behind it.
    forAllTexts(300, from: { TextMaker.text(&$0).filter { $0 != 0x0D } }) { text in
      var lines = linesWithEnds(text)[...]
      for line in linesWithEnds(clean(text).bytes) {
        guard let found = lines.firstIndex(of: line) else {
          return "a line was changed: \(shown(Array(line)))"
        }
        lines = lines[(found + 1)...]
      }
      return nil
    }
  }

  @Test(
    "P3: a line that is not UTF-8 comes out byte for byte, whatever stands around it",
    arguments: 0...1)
  func brokenLines(set: Int) {
    let (rules, count) = Self.sets[set]
    for configuration in [Configuration(), .untouched] {
      let clean = cleaner(rules, configuration)
      forAllTexts(count / 2, from: TextMaker.text) { text in
        let result = clean(text).bytes
        var rest = result[...]
        for line in linesWithEnds(text) {
          let content = Array(line.prefix { $0 != 0x0A && $0 != 0x0D })
          guard String(validating: content, as: UTF8.self) == nil else { continue }
          guard let found = rest.firstRange(of: content) else { return "lost: \(shown(content))" }
          rest = rest[found.upperBound...]
        }
        return nil
      }
    }
  }

  @Test("P4: no rules, no typography and no paragraphs: the same bytes")
  func identity() {
    let clean = cleaner(RuleSet([]), .untouched)
    for make in [TextMaker.text, TextMaker.bytes] {
      forAllTexts(200, from: make) { text in
        let result = clean(text)
        return result.bytes == text && result.edits.isEmpty && result.removals.isEmpty
          ? nil : "changed"
      }
    }
  }

  @Test("P4: no rules: nothing is removed, whatever else is repaired")
  func noRules() {
    let clean = cleaner(RuleSet([]))
    forAllTexts(200, from: TextMaker.text) {
      clean($0).removals.isEmpty ? nil : "something was removed"
    }
  }

  @Test("P5: LF and CRLF decide alike", arguments: 0...1)
  func lineEnds(set: Int) {
    let (rules, count) = Self.sets[set]
    let clean = cleaner(rules, .untouched)
    forAllTexts(count, from: TextMaker.text) { text in
      let unix = text.filter { $0 != 0x0D }
      let windows = unix.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
      let (a, b) = (clean(unix).bytes, clean(windows).bytes)
      return a == b.filter { $0 != 0x0D } ? nil : "LF \(shown(a)), CRLF \(shown(b))"
    }
  }

  @Test("P5: a text on the brink of losing too much is decided alike with LF and CRLF")
  func lineEndsOnTheBrink() {
    let rule = Rule.test(.line(.equals("It rained.")), confidence: .medium)
    let clean = cleaner(RuleSet([RuleSource(rules: [rule])]), .untouched)
    for (noise, isSpared) in [(59, false), (61, true)] {
      // 100 lines of ten letters; 60 % may go.
      let lines =
        Array(repeating: "It rained.", count: noise)
        + Array(repeating: "It shined.", count: 100 - noise)
      for end in ["\n", "\r\n"] {
        let result = clean(Array((lines.joined(separator: end) + end).utf8))
        #expect(result.isSuspicious == isSpared)
        #expect(result.removals.isEmpty == isSpared)
      }
    }
  }

  @Test("P5: the order of the rules decides nothing")
  func ruleOrder() {
    var random = SplitMix(seed: 5)
    let clean = cleaner(Self.rules, .untouched)
    for _ in 0..<4 {
      let shuffled = RuleSet([RuleSource(rules: Self.own.shuffled(using: &random), isTrusted: true)]
      )
      let other = cleaner(shuffled, .untouched)
      forAllTexts(100, from: TextMaker.text) {
        clean($0).bytes == other($0).bytes ? nil : "order matters"
      }
    }
  }

  @Test("P6: one more rule never brings a removed line back")
  func monotone() {
    // Rules about place count the lines that stay, so only the others are monotone.
    let plain = Self.own.filter { !$0.conditions.lookAround || $0.conditions.isAfterRemoved }
    let all = RuleSet([RuleSource(rules: plain, isTrusted: true)])
    for left in plain.indices {
      var fewer = plain
      fewer.remove(at: left)
      let (some, more) = (
        cleaner(RuleSet([RuleSource(rules: fewer, isTrusted: true)]), .untouched),
        cleaner(all, .untouched)
      )
      forAllTexts(60, from: TextMaker.text) { text in
        let kept = Set(more(text).removals.flatMap(\.bytes))
        return some(text).removals.allSatisfy { $0.bytes.allSatisfy(kept.contains) }
          ? nil : "\(plain[left].name) brings text back"
      }
    }
  }

  @Test("P8: a worker that cleaned other texts before cleans like a new one", arguments: 0...1)
  func sharedWorker(set: Int) {
    let (rules, count) = Self.sets[set]
    let shared = cleaner(rules)
    forAllTexts(count / 2, from: TextMaker.text) { text in
      shared(text).bytes == cleaner(rules)(text).bytes ? nil : "an earlier text shows"
    }
  }

  @Test("P9: each removal is asked for by a rule that finds something there when it runs alone")
  func provenance() {
    var alone: [Int: ([UInt8]) -> CleanedText] = [:]
    let clean = cleaner(Self.rules, .untouched)
    forAllTexts(200, from: TextMaker.text) { text in
      for removal in clean(text).removals {
        guard !removal.rules.isEmpty else { return "a removal without a rule" }
        // Place and neighbours need the others, and a block passes over lines that they take.
        for rule in removal.rules
        where !Self.own[rule].conditions.lookAround && Self.own[rule].kind.name != "block" {
          let run =
            alone[rule]
            ?? cleaner(RuleSet([RuleSource(rules: [Self.own[rule]], isTrusted: true)]), .untouched)
          alone[rule] = run
          if !run(text).removals.contains(where: { $0.bytes.overlaps(removal.bytes) }) {
            return "\(Self.own[rule].name) finds nothing at \(removal.bytes)"
          }
        }
      }
      return nil
    }
  }

  @Test("P11: a rule that fails only keeps text that it would have taken")
  func failingRule() {
    let failing =
      Self.own + [.test(.line(.regex("(?:share|sign)|^(a|aa)+$")), name: "en/test/failing")]
    let source = RuleSource(rules: failing)
    let more = cleaner(RuleSet([source]), .untouched)
    forAllTexts(
      100,
      from: {
        TextMaker.text(&$0) + Array(("\n" + String(repeating: "a", count: 4000) + "!\n").utf8)
      }
    ) { text in
      let result = more(text)
      return result.bytes.contains(0x21) && !result.failures.isEmpty ? nil : "the failing line went"
    }
  }

  @Test("Any bytes in: no crash, and the edits replay", arguments: 0...1)
  func anyBytes(set: Int) {
    let (rules, count) = Self.sets[set]
    let clean = cleaner(rules)
    forAllTexts(count * 2, from: TextMaker.bytes) { text in
      let result = clean(text)
      return result.edits.applied(to: text) == result.bytes ? nil : "replay is another text"
    }
  }
}

/// Lines with their ends, broken at LF, CRLF and CR.
private func linesWithEnds(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
  var lines: [ArraySlice<UInt8>] = []
  var start = 0
  for index in text.indices {
    let isEnd =
      text[index] == 0x0A
      || (text[index] == 0x0D && !(index + 1 < text.count && text[index + 1] == 0x0A))
    guard isEnd else { continue }
    lines.append(text[start...index])
    start = index + 1
  }
  return start < text.count ? lines + [text[start...]] : lines
}
