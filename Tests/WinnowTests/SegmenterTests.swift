import Testing

@testable import Winnow

func segment(_ text: [UInt8], _ layout: ParagraphLayout) -> (text: [UInt8], paragraphs: [Paragraph])
{
  let (edits, paragraphs) = text.withUnsafeBufferPointer {
    Segmenter(layout: layout).edits(for: $0)
  }
  return (edits.applied(to: text), paragraphs)
}

func segment(_ text: String, _ layout: ParagraphLayout = .auto) -> String {
  String(decoding: segment(Array(text.utf8), layout).text, as: UTF8.self)
}

@Suite struct SegmenterTests {
  @Test(arguments: ParagraphLayout.allCases, 0..<4)
  func twiceIsOnce(layout: ParagraphLayout, block: Int) {
    for seed in block * 4000..<(block + 1) * 4000 {
      let text = randomText(seed)
      let once = segment(text, layout)
      let twice = segment(once.text, layout)
      #expect(
        once.text == twice.text,
        "seed \(seed): \(String(decoding: text, as: UTF8.self).debugDescription)")
      if layout == .keep { #expect(once.text == text) }
      var end = 0
      for paragraph in once.paragraphs {
        #expect(paragraph.bytes.lowerBound >= end, "seed \(seed)")
        #expect(
          !paragraph.bytes.isEmpty && paragraph.bytes.upperBound <= once.text.count, "seed \(seed)")
        end = paragraph.bytes.upperBound
      }
    }
  }

  @Test(arguments: Normalisation.Profile.allCases, ParagraphLayout.allCases)
  func normalisedAndSetTwiceIsOnce(profile: Normalisation.Profile, layout: ParagraphLayout) {
    let normaliser = Normaliser(Normalisation(profile))
    for seed in 0..<3000 {
      let text = randomText(seed)
      let once = segment(normalise(text, normaliser), layout).text
      let twice = segment(normalise(once, normaliser), layout).text
      #expect(
        once == twice, "seed \(seed): \(String(decoding: text, as: UTF8.self).debugDescription)")
    }
  }

  @Test func oneParagraphALine() {
    let lines = [
      "Harbour reopens after storm", "The harbour was opened on Monday.",
      "“It was time,” she said.",
      "Nobody was hurt, officials said.",
    ]
    #expect(segment(lines.joined(separator: "\n") + "\n") == lines.joined(separator: "\n\n") + "\n")
    #expect(segment(lines.joined(separator: "\n")) == lines.joined(separator: "\n\n"))
  }

  @Test func aSentenceBrokenAtLinks() {
    #expect(
      segment(
        "The minister said the\nRoyal Harbour Report\n, published on Monday, was wrong.\nNext.")
        == "The minister said the Royal Harbour Report, published on Monday, was wrong.\n\nNext.")
  }

  @Test func listsStayTogether() {
    #expect(
      segment("Three things:\n- one\n- two\n- three\nThen this happened.")
        == "Three things:\n\n- one\n- two\n- three\n\nThen this happened.")
  }

  @Test func blankLinesAtBothEndsGo() {
    #expect(segment("\n\n a b.\n\n\n\nC.\n\n") == "a b.\n\nC.\n")
    #expect(segment("\n\n a b.\n\n\n\nC.\n\n", .keep) == "\n\n a b.\n\n\n\nC.\n\n")
  }
}

/// Prose as scrapers leave it: wrapped or not, broken at links, with lists, verse and tables.
func randomArticle(_ seed: Int) -> [UInt8] {
  var random = SplitMix(seed: UInt64(seed))
  let words = [
    "the", "harbour", "Minister", "of", "well-known", "government", "said,", "Monday.", "and",
    "report",
    "“No,”", "we", "in", "a", "storm;", "ships", "(the", "last)", "Tuesday", "gov-", "ernment",
    "well-",
    "known", "iPhone", "3.5", "was", "closed.", "und", "Straße", "日本語。", "漢字", "für", "by", "&amp",
  ]
  var text = ""
  let column = Int.random(in: 20...110, using: &random)
  let isWrapped = Bool.random(using: &random)
  for _ in 0..<Int.random(in: 1...9, using: &random) {
    let count = Int.random(in: 1...60, using: &random)
    let mark =
      ["", "", "", "", "- ", "> ", "  ", "| a | ", "# "].randomElement(using: &random) ?? ""
    text += mark
    var width = 0
    for _ in 0..<count {
      let word = words.randomElement(using: &random) ?? ""
      let isBreak =
        isWrapped ? width + word.count > column : Int.random(in: 0...14, using: &random) == 0
      text += (isBreak ? "\n" : width > 0 ? " " : "") + word
      width = isBreak ? word.count : width + word.count + 1
    }
    text +=
      ["\n", "\n\n", "\n", " \n", "\r\n", ".\n\n\n", ", and\n"].randomElement(using: &random) ?? ""
  }
  return Array(text.utf8)
}

@Suite struct ArticleTests {
  @Test(arguments: Normalisation.Profile.allCases, ParagraphLayout.allCases)
  func twiceIsOnce(profile: Normalisation.Profile, layout: ParagraphLayout) {
    let normaliser = Normaliser(Normalisation(profile))
    for seed in 0..<1500 {
      let text = randomArticle(seed)
      let once = segment(normalise(text, normaliser), layout).text
      let twice = segment(normalise(once, normaliser), layout).text
      #expect(
        once == twice, "seed \(seed): \(String(decoding: text, as: UTF8.self).debugDescription)")
    }
  }

  @Test(arguments: ParagraphLayout.allCases)
  func paragraphsAndTheGapsBetweenThemAreTheText(layout: ParagraphLayout) {
    for seed in 0..<3000 {
      let set = segment(seed % 2 == 0 ? randomArticle(seed) : randomText(seed), layout)
      var end = 0
      for paragraph in set.paragraphs {
        let gap = set.text[end..<paragraph.bytes.lowerBound]
        #expect(gap.allSatisfy { $0 <= 0x20 }, "seed \(seed)")
        #expect(end == 0 || gap.count { $0 == 0x0A || $0 == 0x0D } > 0, "seed \(seed)")
        end = paragraph.bytes.upperBound
      }
      #expect(set.text[end...].allSatisfy { $0 <= 0x20 }, "seed \(seed)")
    }
  }

  @Test func wrappedLinesBecomeParagraphs() {
    #expect(
      segment(
        """
        The harbour was closed on Monday after the storm had
        broken two of its gates, and the ships were sent to
        the next port on the coast. Nobody was hurt.

        The minister said that the work would take a week at
        least, since the parts have to be made abroad.
        """)
          == """
          The harbour was closed on Monday after the storm had broken two of its gates, and the ships \
          were sent to the next port on the coast. Nobody was hurt.

          The minister said that the work would take a week at least, since the parts have to be made \
          abroad.
          """)
  }

  @Test func aHyphenGoesOnlyWithProof() {
    let broken = """
      The government met on Monday and the well-known min-
      ister said that the harbours are closed. The gov-
      ernment had not met before, said the minister, who
      came from the other side of the country by a well-
      known railway that was built a hundred years ago.
      """
    #expect(
      segment(broken)
        == """
        The government met on Monday and the well-known minister said that the harbours are closed. \
        The government had not met before, said the minister, who came from the other side of the \
        country by a well-known railway that was built a hundred years ago.
        """)
  }

  @Test func verseKeepsItsLines() {
    let verse = """
      The sea is calm to-night,
      The tide is full, the moon lies fair
      Upon the straits; on the French coast,
      Gleams and is gone; the cliffs of England stand,
      Glimmering and vast.
      """
    let set = segment(Array("A poem follows.\n\n\(verse)\n\nThat was it.".utf8), .auto)
    #expect(String(decoding: set.text, as: UTF8.self).contains(verse))
    #expect(set.paragraphs.map(\.kind) == [.paragraph, .verse, .paragraph])
  }

  @Test func headingsAreNotGlued() {
    for text in [
      "Harbour reopens after the storm\n\nthe minister said.", "What it can do\n\nIt can swim.",
      "New chief for the think tank\n\nvon Anna Muster\n\nThe think tank has a new chief.",
      "By 9:45 am\n\nFiled under: news",
    ] {
      let tight = String(text.replacing("\n\n", with: "\n"))
      #expect(segment(text) == text)
      #expect(tight.hasPrefix("Harbour") || segment(tight) == text)
    }
  }

  @Test func chineseLinesAreJoinedWithoutASpace() {
    #expect(
      segment(
        "港口在暴风雨后重新开放，部长星期一在首都表示，这项工作至少需要一个\n星期的时间，因为零件必须在国外制造，而且运输也需要很长的一段时间才\n能够完成，所以居民们还要再等待一些日子才可以重新使用这个古老的港口\n。",
        .wrapped)
        == "港口在暴风雨后重新开放，部长星期一在首都表示，这项工作至少需要一个星期的时间，因为零件必须在国外制造，而且运输也需要很长的一段时间才能够完成，所以居民们还要再等待一些日子才可以重新使用这个古老的港口。"
    )
  }
}
