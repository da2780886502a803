// What each field of a rule means: the text, brackets round what goes.
import Testing
import WinnowRules

@testable import Winnow

@Suite struct LineRuleTests {
  @Test("`equals`: the whole line, whatever its case, quotes and blanks")
  func equals() {
    let rule = Rule.test(.line(.equals("Don't miss out", "Read more")))
    expectGoes(
      """
      ⟦DON\u{2019}T  miss out⟧
      ⟦\u{A0}read\u{A0}more ⟧
      Read more.
      Please read more
      """, by: [rule])
  }

  @Test("`starts_with` and `ends_with` end at the border of a word")
  func edges() {
    expectGoes(
      """
      ⟦Tags: ferries⟧
      ⟦tags:ferries⟧
      Hashtags: ferries
      """, by: [.test(.line(.startsWith("Tags:")))])
    expectGoes(
      """
      ⟦Ad choices⟧
      Adverts fill the page
      ⟦Ad⟧
      """, by: [.test(.line(.startsWith("Ad")))])
    expectGoes(
      """
      ⟦Please sign up⟧
      Please design up
      Sign up.
      """, by: [.test(.line(.endsWith("sign up")))])
  }

  @Test("`contains` looks for words, in scripts with and without blanks between them")
  func contains() {
    expectGoes(
      """
      ⟦Subscribe to our newsletter today⟧
      ⟦(our newsletter)⟧
      Our newsletters
      """, by: [.test(.line(.contains("our newsletter")))])
    expectGoes(
      """
      ⟦Підпишись на нас⟧
      Передпідпишись
      """, by: [.test(.line(.contains("підпишись")))])
    expectGoes(
      """
      ⟦今すぐ登録してください⟧
      登山
      """, by: [.test(.line(.contains("登録")))])
  }

  @Test("All keys must hold; the phrases of one key are alternatives")
  func allKeys() {
    var matcher = LineMatcher.startsWith("Follow", "Like")
    matcher.endsWith = ["Facebook", "Instagram"]
    matcher.regex = #"\b us \b"#
    expectGoes(
      """
      ⟦Follow us on Facebook⟧
      ⟦Like us on Instagram⟧
      Follow me on Facebook
      Follow us there
      """, by: [.test(.line(matcher))])
  }

  @Test("`unless` vetoes by any of its keys")
  func unless() {
    var veto = LineMatcher.contains("said")
    veto.regex = #"\? $"#
    veto.startsWith = ["They"]
    expectGoes(
      """
      ⟦You can sign up now⟧
      "Sign up now," she said
      Did you sign up now?
      They sign up now
      """, by: [.test(.line(.contains("sign up now").unless(veto)))])
  }

  @Test("`requires`: one of its literals must stand in the line, and may be part of a word")
  func requires() {
    let rule = Rule.test(.line(.regex(#"^ \d+ \h \w+ $"#))) { $0.requires = ["comment", "share"] }
    expectGoes(
      """
      ⟦12 comments⟧
      ⟦3 SHARES⟧
      12 ferries
      """, by: [rule])
  }

  @Test("`max_len` counts the bytes of the folded line")
  func maxLength() {
    let rule = Rule.test(.line(.startsWith("Tags:"))) { $0.maxLength = 10 }
    expectGoes(
      """
      ⟦Tags: abcd⟧
      ⟦  Tags:\u{A0}\u{A0}abcd\u{200B}⟧
      Tags: abcde
      Tags: abcé
      """, by: [rule])
  }

  @Test("A line over 8 KiB is not given to rules for lines")
  func longLine() {
    let rule = Rule.test(.line(.startsWith("Tags:")))
    let most = "Tags: " + String(repeating: "x", count: 8186)
    expectGoes("⟦\(most)⟧\n\(most)x\n", by: [rule])
  }
}

@Suite struct SpanRuleTests {
  @Test("A span goes out of its line, as often as it is there")
  func span() {
    let rule = Rule.test(.span(.regex(#"\h? \( (?:photo|video) \)"#)))
    expectGoes("The ferry⟦ (photo)⟧ was late⟦ (VIDEO)⟧.", by: [rule])
  }

  @Test("Phrases as spans: at the start, at the end, anywhere, as words")
  func phrases() {
    expectGoes(
      "⟦ADVERTISEMENT⟧ The ferry\nThe ADVERTISEMENT",
      by: [.test(.span(.startsWith("advertisement")))])
    expectGoes("The ferry ⟦Read more⟧\nRead more here", by: [.test(.span(.endsWith("read more")))])
    expectGoes(
      "A ⟦click here⟧ and ⟦click here⟧ clickhere", by: [.test(.span(.contains("click here")))])
  }

  @Test("What two spans leave blank goes as a line")
  func emptied() {
    expectGoes(
      "The ferry\n⟦Share - Print⟧\nwas late",
      by: [
        .test(.span(.contains("share")), name: "en/test/share"),
        .test(.span(.contains("print")), name: "en/test/print"),
        .test(.span(.regex(#"\h - \h"#)), name: "en/test/dash"),
      ])
  }

  @Test("Spans that overlap are one removal, by both rules")
  func overlap() throws {
    let rules = RuleSet([
      RuleSource(rules: [
        .test(.span(.contains("sign up")), name: "en/test/a"),
        .test(.span(.contains("up now")), name: "en/test/b"),
      ])
    ])
    let result = Cleaner(rules: rules, configuration: .untouched)
      .clean(Array("Please sign up now.".utf8), using: Worker(rules: rules))
    let removal = try #require(result.removals.first)
    #expect(result.removals.count == 1)
    #expect(removal.bytes == 7..<18)
    #expect(removal.rules == [0, 1])
    #expect(removal.isSpan)
  }

  @Test("A span is found in a line of any length")
  func longLine() {
    let rule = Rule.test(.span(.regex(#"\[ advertisement \]"#)))
    let text = String(repeating: "The ferry was late. ", count: 2000)
    expectGoes("\(text)⟦[advertisement]⟧\(text)⟦[Advertisement]⟧", by: [rule])
  }

  @Test("What a cut brings to light goes, too")
  func secondRound() {
    expectGoes(
      "Rain.\n⟦Sign up (photo)⟧\nSun.",
      by: [
        .test(.line(.equals("Sign up")), name: "en/test/line"),
        .test(.span(.regex(#"\h? \( photo \)"#)), name: "en/test/span"),
      ])
  }
}

@Suite struct BlockRuleTests {
  private func block(
    _ start: LineMatcher, _ middle: LineMatcher? = nil, end: LineMatcher? = nil, _ most: Int = 6
  ) -> Rule {
    .test(.block(BlockMatcher(start: start, middle: middle, end: end, maxLines: most)))
  }

  @Test("From start to end, with the blank lines between")
  func startToEnd() {
    expectGoes(
      """
      The talks resumed.
      ⟦Harbour newsletter: The Tide
      Sign up for reports

      on shipping and other newsletters⟧

      Officials declined.
      """, by: [block(.startsWith("Harbour newsletter:"), end: .endsWith("newsletters"))])
  }

  @Test("An end that does not come within max_lines: nothing goes")
  func noEnd() {
    let rule = block(.equals("Most read"), end: .equals("Close"), 3)
    expectGoes("⟦Most read\nA\nClose⟧\nB", by: [rule])
    expectGoes("Most read\nA\nB\nClose\nC", by: [rule])
    expectGoes("Most read\nA", by: [rule])
    expectGoes("Most read", by: [rule])
  }

  @Test("Each line between must fit `continue`")
  func middle() {
    let rule = block(.equals("Most read"), .regex(#"^ \d \. "#), end: .equals("Close"), 9)
    expectGoes("⟦Most read\n1. A ferry\n2. A pier\nClose⟧", by: [rule])
    expectGoes("Most read\n1. A ferry\nIt rained.\nClose", by: [rule])
  }

  @Test("Without `end`, as far as `continue` fits; the start alone is no block")
  func openEnd() {
    let rule = block(.equals("Most read"), .regex(#"^ \d \. "#), 4)
    expectGoes("⟦Most read\n1. A ferry\n2. A pier⟧\nIt rained.", by: [rule])
    expectGoes("⟦Most read\n1. A\n2. B\n3. C⟧\n4. D", by: [rule])
    expectGoes("Most read\nIt rained.", by: [rule])
  }

  @Test("A block with a broken line in it stays: such lines are kept byte for byte")
  func brokenLine() {
    let rules = RuleSet([RuleSource(rules: [block(.equals("Most read"), end: .equals("Close"))])])
    let text = Array("Most read\n".utf8) + [0xFF, 0x0A] + Array("Close\n".utf8)
    let result = Cleaner(rules: rules, configuration: .untouched)
      .clean(text, using: Worker(rules: rules))
    #expect(result.bytes == text)
  }

  @Test("A signal removes nothing alone")
  func signal() {
    expectGoes("Sign up now\nIt rained.", by: [.test(.signal(.contains("sign up")))])
  }
}

@Suite struct WhereTests {
  private func rule(_ change: (inout Conditions) -> Void) -> Rule {
    .test(.line(.startsWith("Tags:"))) { change(&$0.conditions) }
  }

  private func lines(_ tags: Int, of count: Int, goes: Bool) -> String {
    (1...count).map { $0 == tags ? goes ? "⟦Tags: x⟧" : "Tags: x" : "Line \($0)." }
      .joined(separator: "\n")
  }

  @Test(
    "`position: head` is one of the first five lines",
    arguments: [(1, true), (5, true), (6, false)])
  func head(place: Int, goes: Bool) {
    expectGoes(lines(place, of: 20, goes: goes), by: [rule { $0.position = .head }])
  }

  @Test(
    "`position: tail` is one of the last eight lines",
    arguments: [(12, false), (13, true), (20, true)])
  func tail(place: Int, goes: Bool) {
    expectGoes(lines(place, of: 20, goes: goes), by: [rule { $0.position = .tail }])
  }

  @Test(
    "`position: body` is neither the first nor the last line",
    arguments: [(1, false), (2, true), (19, true), (20, false)])
  func body(place: Int, goes: Bool) {
    expectGoes(lines(place, of: 20, goes: goes), by: [rule { $0.position = .body }])
  }

  @Test("Blank lines and lines that go do not count for a position")
  func countedLines() {
    expectGoes(
      "⟦Ad⟧\n1\n\n2\n\n3\n4\n⟦Tags: x⟧\n5\n6\n7\n8\n9\n10\n11\n12\n13",
      by: [rule { $0.position = .head }, .test(.line(.equals("Ad")), name: "en/test/ad")])
  }

  @Test("`min_words` and `max_words` count what blanks separate")
  func words() {
    expectGoes(
      "⟦Tags: a b⟧\n⟦Tags: a\u{A0} b c⟧\nTags: a\nTags: a b c d",
      by: [
        rule {
          $0.minWords = 3; $0.maxWords = 4
        }
      ])
  }

  @Test("`after: removed`, over blank lines, one after the other")
  func after() {
    expectGoes(
      "Tags: kept\n⟦Ad⟧\n\n⟦Tags: x⟧\n⟦Tags: y⟧\nIt rained.\nTags: z",
      by: [rule { $0.isAfterRemoved = true }, .test(.line(.equals("Ad")), name: "en/test/ad")])
  }

  @Test("`before: removed`")
  func before() {
    expectGoes(
      "⟦Tags: x⟧\n⟦Tags: y⟧\n\n⟦Ad⟧\nTags: z",
      by: [rule { $0.isBeforeRemoved = true }, .test(.line(.equals("Ad")), name: "en/test/ad")])
  }

  @Test("`after_blank_line`, where not every line has one above")
  func afterBlankLine() {
    let rule = rule { $0.isAfterBlankLine = true }
    expectGoes("One.\nTwo.\n\n⟦Tags: x⟧\nTags: y", by: [rule])
    expectGoes("One.\n\nTwo.\n\nTags: x", by: [rule])
  }
}

@Suite struct SelectionTests {
  private static let rules: [Rule] = [
    .test(.line(.equals("high")), name: "en/test/high", category: .promo, confidence: .high),
    .test(.line(.equals("medium")), name: "en/test/medium", category: .signup, confidence: .medium),
    .test(.line(.equals("low")), name: "en/other/low", category: .chrome, confidence: .low),
    .test(.line(.equals("german")), name: "de/test/high", category: .promo, language: "de"),
    .test(.line(.equals("any")), name: "any/test/high", category: .related, language: "any"),
    .test(.line(.equals("bbc")), name: "sites/bbc/high") { $0.sites = ["bbc.co.uk", "bbc.com"] },
    .test(.line(.equals("not bbc")), name: "en/test/not-bbc") {
      $0.notSites = ["bbc.com"]; $0.category = .attribution
    },
  ]

  /// The lines that a selection takes out of one with a line for each rule.
  private func taken(_ change: (inout Selection) -> Void) -> [String] {
    let set = RuleSet([RuleSource(rules: Self.rules)], selection: .with(change))
    let lines = ["high", "medium", "low", "german", "any", "bbc", "not bbc"]
    // Of a text that would lose most of itself only sure rules take anything.
    let text =
      lines.joined(separator: "\n") + String(repeating: "\nThe ferry was late again.", count: 9)
    let result = Cleaner(rules: set, configuration: .untouched)
      .clean(Array(text.utf8), using: Worker(rules: set))
    let kept = result.text.split(separator: "\n").map(String.init)
    return lines.filter { !kept.contains($0) }
  }

  @Test("By confidence: medium and high unless more or less is asked for")
  func confidence() {
    #expect(taken { _ in } == ["high", "medium", "german", "any", "not bbc"])
    #expect(taken { $0.confidence = .high } == ["high", "german", "any", "not bbc"])
    #expect(
      taken { $0.confidence = .low } == ["high", "medium", "low", "german", "any", "not bbc"])
  }

  @Test(
    "By rule, pack, language or category",
    arguments: [
      ("en/test/high", ["high"]), ("en/test", ["high", "medium", "not bbc"]),
      ("en", ["high", "medium", "not bbc"]),
      ("promo", ["high", "german"]), ("de", ["german"]), ("en/tes", []), ("nothing", []),
    ])
  func select(name: String, expected: [String]) {
    #expect(taken { $0.select = [name] } == expected)
  }

  @Test("Ignoring comes after selecting")
  func ignore() {
    #expect(taken { $0.ignore = ["promo"] } == ["medium", "any", "not bbc"])
    #expect(
      taken {
        $0.select = ["en"]; $0.ignore = ["signup"]
      } == ["high", "not bbc"])
    #expect(taken { $0.ignore = ["en/test/high", "any", "de"] } == ["medium", "not bbc"])
  }

  @Test("By language: its own rules and those of `any`")
  func language() {
    #expect(taken { $0.language = "de" } == ["german", "any"])
    #expect(taken { $0.language = "fr" } == ["any"])
  }

  @Test(
    "By site, with its sub-domains; a rule for a site needs to know it, one against it does not",
    arguments: [
      ("bbc.com", ["high", "medium", "german", "any", "bbc"]),
      ("news.bbc.co.uk", ["high", "medium", "german", "any", "bbc", "not bbc"]),
      ("notbbc.com", ["high", "medium", "german", "any", "not bbc"]),
    ])
  func site(site: String, expected: [String]) {
    #expect(taken { $0.site = site } == expected)
  }
}
