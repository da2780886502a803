import Testing

@testable import Winnow

func normalise(_ text: String, _ options: Normalisation, language: String? = nil) -> String {
  String(decoding: normalise(Array(text.utf8), options, language: language), as: UTF8.self)
}

func normalise(
  _ text: [UInt8], _ options: Normalisation, language: String? = nil
) -> [UInt8] {
  normalise(text, Normaliser(options), language: language)
}

func normalise(
  _ text: [UInt8], _ normaliser: Normaliser, language: String? = nil
) -> [UInt8] {
  text.withUnsafeBufferPointer { normaliser.edits(for: $0, language: language) }
    .applied(to: text)
}

/// Pieces that meet in hostile ways.
let fragments: [String] = [
  "a", "b c", "  ", " ", "\t", "\n", "\n\n\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{2029}",
  "\u{A0}", "\u{202F}", "\u{3000}", "日本", "１２", "Ａ", "“", "”", "’", "‘", "´", "…", "—", "–",
  "―", "−", "‑", "\u{200B}", "\u{AD}", "\u{FEFF}", "\u{200D}", "\u{0}", "\u{1B}[31m", "\u{1B}",
  "\u{C}", "&amp;", "&", "amp;", "&lt;", "b&gt;", "&#8217;", "&nbsp;", "&#", "x", ";", "#38;",
  "½", "1", "2", "«", "»", "‹", "›", " ,", " .", "!", "?", "`", "```", "```\n", "https://",
  "www.", "a@b.c", "/", "•", "- ", "|", "| ", "Ã", "©", "â", "€", "™", "é", "e\u{301}", "\u{301}",
  "\u{302}", "\u{323}", "\u{93}", "\u{9D}", "\u{81}", "\u{202B}", "\u{202C}", "\u{2067}", "ﬁ",
  "的", "Ð", "Ñ", "\u{FFFC}", "\u{10FFFF}", "한", "\u{1100}", "\u{1161}", "\u{11A8}", "The ", "of",
  ", ", "-\n", "- x\n", "> ", "    ", "; ", "\nand ", "wor-\nd ", "Ã©", "â€™", "Ã", "\u{A0}",
]

func randomText(_ seed: Int) -> [UInt8] {
  var random = SplitMix(seed: UInt64(seed))
  var text: [UInt8] = []
  for _ in 0..<Int.random(in: 0...14, using: &random) {
    text += (fragments.randomElement(using: &random) ?? "").utf8
    if seed % 7 == 0, Int.random(in: 0...9, using: &random) == 0 {
      text.append(UInt8.random(in: 0...255, using: &random))
    }
  }
  return text
}

@Suite struct NormaliserTests {
  @Test(arguments: Normalisation.Profile.allCases, 0..<8)
  func twiceIsOnce(profile: Normalisation.Profile, block: Int) {
    let options = Normaliser(Normalisation(profile))
    for seed in block * 4000..<(block + 1) * 4000 {
      let text = randomText(seed)
      let once = normalise(text, options)
      let twice = normalise(once, options)
      #expect(
        once == twice, "seed \(seed): \(String(decoding: text, as: UTF8.self).debugDescription)")
      if profile == .none { #expect(once == text) }
    }
  }

  @Test func quotesAndSpaces() {
    let standard = Normalisation(.standard)
    #expect(
      normalise("“Hello,” she said. It’s  fine…  \nx", standard)
        == "\"Hello,\" she said. It's fine...\nx")
    #expect(normalise("a\tb   c ", standard) == "a b c")
    #expect(normalise("p1\n\n\n\np2", standard) == "p1\n\np2")
    #expect(normalise("a\r\nb\u{85}c\u{2028}d\re", standard) == "a\nb\nc\nd\ne")
    #expect(normalise("12\u{202F}000\u{202F}€", standard) == "12 000 €")
    #expect(normalise("日本\u{3000}語", standard) == "日本\u{3000}語")
    #expect(
      normalise("Tom &amp; Jerry &#8217;s &quot;x&quot; &nbsp;end", standard)
        == "Tom & Jerry 's \"x\" end")
    #expect(normalise("AT&amp;amp;T &lt;b&gt;", standard) == "AT&T &lt;b&gt;")
    #expect(
      normalise("the plan—if any—fails, 1998–2004", Normalisation(.ascii))
        == "the plan - if any - fails, 1998-2004")
    #expect(
      normalise("«\u{A0}Bonjour\u{A0}», dit-il", Normalisation(.ascii)) == "\"Bonjour\", dit-il")
    #expect(normalise("»Ja« und «Nein» so", Normalisation(.ascii)) == "\"Ja\" und \"Nein\" so")
    #expect(normalise("１２３ ＡＢＣ！", standard) == "123 ABC！")
    #expect(normalise("1½ cups", Normalisation(.ascii)) == "1 1/2 cups")
  }

  @Test func aLineThatIsNotUTF8StaysByteForByte() {
    let bad: [UInt8] = Array("a\u{A0}b  ".utf8) + [0xFF] + Array("”\n".utf8)
    let text = Array("“x”\n".utf8) + bad + Array("“y”".utf8)
    #expect(
      normalise(text, Normalisation(.standard)) == Array("\"x\"\n".utf8) + bad + Array("\"y\"".utf8)
    )
  }
}
