// The whole flow: an article in, a clean article and the record of every change out.
import Testing
import WinnowRules

@testable import Winnow

@Suite struct CleanerTests {
  /// Scraped: a newsletter in three lines between two paragraphs, curly quotes, no blank lines.
  private static let article = """
    Harbour ferries return after winter storms
    The first ferry left the north pier at 6am on Monday, \u{201C}full to the rails\u{201D}, the
    harbour master said\u{2026}
    New Harbour newsletter: The Morning Tide
    Sign up to get the latest reports and analysis on
    shipping and trade, alongside other Harbour newsletters
    The council had closed the pier in January after waves broke two of its piles.
    It hopes for a quiet spring.

    """

  private static let newsletter = Rule.test(
    .block(
      BlockMatcher(
        start: .regex(#"^ New \h+ [\p{L}&.'\h]{2,30} \h newsletter :"#), middle: nil,
        end: .regex(#"\b newsletters? [.!]? $"#), maxLines: 4)),
    name: "en/newsletter/titled-newsletter-pitch", category: .signup)

  private static let rules = RuleSet([RuleSource(rules: [newsletter])])

  private func clean(_ text: String, _ change: (inout Configuration) -> Void = { _ in })
    -> CleanedText
  {
    var configuration = Configuration()
    change(&configuration)
    return Cleaner(rules: Self.rules, configuration: configuration)
      .clean(Array(text.utf8), using: Worker(rules: Self.rules))
  }

  @Test(
    "The newsletter goes; what stays has plain quotes, three dots and a blank line between paragraphs"
  )
  func article() {
    #expect(
      clean(Self.article).text == """
        Harbour ferries return after winter storms

        The first ferry left the north pier at 6am on Monday, "full to the rails", the harbour master said...

        The council had closed the pier in January after waves broke two of its piles.

        It hopes for a quiet spring.

        """)
  }

  @Test("With no typography and no paragraphs the output is the input less those lines")
  func untouched() {
    let result = Cleaner(rules: Self.rules, configuration: .untouched)
      .clean(Array(Self.article.utf8), using: Worker(rules: Self.rules))
    let lines = Self.article.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(result.text == (lines[..<3] + lines[6...]).joined(separator: "\n"))
  }

  @Test("The removal names its rule, its bytes and its lines")
  func removal() throws {
    let result = clean(Self.article)
    let removal = try #require(result.removals.first)
    #expect(result.removals.count == 1)
    #expect(removal.lines == 4...6)
    #expect(
      removal.rules.map { Self.rules.describe($0).name } == [
        "en/newsletter/titled-newsletter-pitch"
      ])
    #expect(!removal.isSpan)
    let bytes = Array(Self.article.utf8)
    #expect(
      String(decoding: bytes[removal.bytes], as: UTF8.self)
        == Self.article.split(separator: "\n")[3...5].joined(separator: "\n") + "\n")
    #expect(bytes[removal.bytes.lowerBound - 1] == 0x0A)
  }

  @Test("Each paragraph is a range of the output, with its kind")
  func paragraphs() {
    let result = clean(Self.article)
    let texts = result.paragraphs.map { String(decoding: result.bytes[$0.bytes], as: UTF8.self) }
    #expect(
      texts
        == result.text.split(separator: "\n\n").map {
          $0.hasSuffix("\n") ? String($0.dropLast()) : String($0)
        })
  }

  @Test("A short line without a stop, with prose behind it, is a heading")
  func heading() {
    let text =
      "Ferries return\n\nThe first ferry left the north pier at 6am.\n\n- One\n- Two\n\n> A quote.\n"
    #expect(clean(text).paragraphs.map(\.kind) == [.heading, .paragraph, .list, .quote])
  }

  @Test("An empty text is empty; a text of blanks alone, too")
  func empty() {
    #expect(clean("").bytes == [])
    #expect(clean("").paragraphs == [])
    #expect(clean(" \n\t\n\n").text == "")
    #expect(clean(" \n\t\n", { $0 = .untouched }).text == " \n\t\n")
  }

  @Test("A text that is all noise is empty, and put back from its removals")
  func allNoise() {
    let text = "New Harbour newsletter: The Tide\nOur other newsletters\n"
    let result = clean(text)
    #expect(result.text == "")
    #expect(result.removals.map(\.bytes) == [0..<text.utf8.count])
  }

  @Test("The last line may have no end, and then the output has none")
  func noLastEnd() {
    #expect(clean("It rained.", { $0 = .untouched }).text == "It rained.")
    #expect(
      clean("It rained.\nNew Harbour newsletter: x\nnewsletters", { $0 = .untouched }).text
        == "It rained.\n")
  }

  @Test("NUL bytes and other controls are no trouble to the rules")
  func controls() {
    let text = "\0\u{1B}[31mIt rained.\0\nNew Harbour newsletter: x\nnewsletters\n"
    #expect(clean(text, { $0 = .untouched }).text == "\0\u{1B}[31mIt rained.\0\n")
  }

  @Test("The built-in packs take a newsletter out of an article, and keep its paragraphs")
  func builtIn() {
    let text = """
      The first ferry left the north pier at 6am on Monday, full to the rails.
      Sign up for our newsletter
      Follow us on Facebook
      Advertisement
      The council had closed the pier in January after waves broke two of its piles.
      Copyright © 2024 Harbour News. All rights reserved.

      """
    let rules = RuleSet()
    let result = Cleaner(rules: rules, configuration: .untouched)
      .clean(Array(text.utf8), using: Worker(rules: rules))
    #expect(
      result.text == """
        The first ferry left the north pier at 6am on Monday, full to the rails.
        The council had closed the pier in January after waves broke two of its piles.

        """)
    #expect(result.failures == [])
  }

  @Test("The interpreter and JIT decide alike", arguments: Corpus.articles)
  func interpreter(article: Corpus.Article) {
    let jit = Cleaner(rules: Self.all).clean(article.text, using: Worker(rules: Self.all))
    let slow = Cleaner(rules: Self.interpreted).clean(
      article.text, using: Worker(rules: Self.interpreted))
    #expect(jit.removals == slow.removals)
    #expect(jit.text == slow.text)
  }

  private static let all = RuleSet(selection: .all)
  private static let interpreted = RuleSet(selection: .all, usesJIT: false)
}
