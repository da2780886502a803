// Paragraphs that a scraper broke at links, and texts that only look like it.
import Testing

@testable import Winnow

@Suite struct BreaksTests {
  @Test func aCapitalBehindAWordThatLeansOnIt() {
    #expect(
      segment(
        """
        Storm closes the harbour
        The storm was first seen by
        Marta Quill
        , who keeps the light, and by her brother.
        He told the
        Port Ellery Courier
        that nothing like it had been seen since 1961.
        """)
          == """
          Storm closes the harbour

          The storm was first seen by Marta Quill, who keeps the light, and by her brother.

          He told the Port Ellery Courier that nothing like it had been seen since 1961.
          """)
  }

  @Test func theSpaceBehindALink() {
    #expect(
      segment(
        """
        Price:
         12 euros.
        The pier was built by
        Orrin & Sons
         in 1884, and
        Delmar Works
         mended it.
        """)
          == """
          Price: 12 euros.

          The pier was built by Orrin & Sons in 1884, and Delmar Works mended it.
          """)
  }

  @Test func aHeadingOverAParagraphThatBeginsWithALink() {
    let text = """
      Who saw the storm first
      Marta Quill
      , who keeps the light, was awake at four.
      She called the
      coast guard
      , and then the priest.
      """
    #expect(segment(text).hasPrefix("Who saw the storm first\n\nMarta Quill, who"))
  }

  @Test(arguments: [
    "cd harbour\ngit clone https://example.org/a.git\ncd a\nmake",
    "let a = 1\nlet b = 2\nreturn a",
    "flour\nbutter, cut small\nsugar\none egg, beaten\nsalt",
    "could be late\ncould be early\ncould be lost",
  ])
  func linesThatStayApart(text: String) {
    #expect(segment(text).split(separator: "\n").count == text.split(separator: "\n").count)
  }

  @Test func doubleSpacing() {
    let lines = [
      "The harbour was closed on Monday after the storm had broken", "",
      "two of its gates, and the ships were sent to the next port on", "",
      "the coast. Nobody was hurt.", "", "",
      "The minister said that the work would take a week at the very", "",
      "least, since all of the parts have to be made abroad.",
    ]
    #expect(
      segment(lines.joined(separator: "\n"))
        == """
        The harbour was closed on Monday after the storm had broken two of its gates, and the ships \
        were sent to the next port on the coast. Nobody was hurt.

        The minister said that the work would take a week at the very least, since all of the parts \
        have to be made abroad.
        """)
  }
}
