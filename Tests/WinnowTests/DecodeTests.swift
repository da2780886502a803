// Bytes to lines: every line end, every broken byte, the folded view and the way back from it.
import PCRE2
import Testing
import WinnowRules

@testable import Winnow

@Suite struct DecodeTests {
  /// What decoding makes of a text: for each line its source, terminator in brackets, and view.
  private func lines(_ text: [UInt8]) -> [String] {
    text.withUnsafeBufferPointer { bytes in
      let source = SourceText()
      source.decode(bytes)
      return source.lines.view.map { line in
        let end = text[line.contentEnd..<line.end].map { $0 == 0x0A ? "LF" : "CR" }.joined()
        let view = String(
          decoding: source.folded.view[line.foldedStart..<line.foldedEnd], as: UTF8.self)
        return line.isValid ? "\(view)[\(end)]" : "broken[\(end)]"
      }
    }
  }

  @Test(
    "A line ends at LF, CRLF or CR, and the last one may have no end",
    arguments: [
      ("", []), ("a", ["a[]"]), ("\n", ["[LF]"]), ("a\nb\n", ["a[LF]", "b[LF]"]),
      ("a\r\nb\r\n", ["a[CRLF]", "b[CRLF]"]), ("a\rb\r", ["a[CR]", "b[CR]"]),
      ("a\nb\r\nc\rd", ["a[LF]", "b[CRLF]", "c[CR]", "d[]"]),
      ("a\r\r\nb\n\r", ["a[CR]", "[CRLF]", "b[LF]", "[CR]"]), ("\n\n", ["[LF]", "[LF]"]),
      // Others are text: a blank in the view, no end.
      ("a\u{B}b\u{C}c", ["a b c[]"]), ("a\u{85}b\u{2028}c\u{2029}d", ["a b c d[]"]),
      ("a\0b", ["a\0b[]"]),
    ])
  func lineEnds(text: String, expected: [String]) {
    #expect(lines(Array(text.utf8)) == expected)
  }

  @Test("A byte order mark is invisible to rules, and kept")
  func byteOrderMark() {
    #expect(lines(Array("\u{FEFF}Sign up\n".utf8)) == ["Sign up[LF]"])
    expectGoes("⟦\u{FEFF}Sign up⟧\nIt rained.", by: [.test(.line(.equals("sign up")))])
    expectGoes("\u{FEFF}It rained.\n⟦Sign up⟧", by: [.test(.line(.regex("^sign")))])
  }

  @Test(
    "What the view folds",
    arguments: [
      ("Don\u{2019}t miss", "Don't miss"),
      ("\u{201C}Sign\u{201D} \u{2018}up\u{2019}", "\"Sign\" 'up'"),
      ("`Sign\u{B4} \u{2032}up\u{2033}", "'Sign' 'up\""), ("a\u{A0}\u{2003}\u{3000}\tb", "a b"),
      ("  both ends\u{A0} ", "both ends"), ("news\u{AD}letter", "newsletter"),
      ("a\u{200B}b\u{200D}c\u{2060}d\u{FEFF}e", "abcde"),
      ("\u{202A}ltr\u{202C}\u{2066}\u{2069}", "ltr"),
      ("10\u{2013}12 \u{2014} \u{2212}3 \u{2010}", "10-12 - -3 -"), ("more\u{2026}", "more..."),
      ("\u{212A}ey \u{17F}ign", "key sign"), ("日本\u{3000}語", "日本 語"), ("e\u{301}", "e\u{301}"),
      ("🎈 up", "🎈 up"), ("\u{200B} \u{AD}", ""),
    ])
  func folding(text: String, view: String) {
    #expect(lines(Array(text.utf8)) == ["\(view)[]"])
    #expect(FoldedText.folding(text) == view)
  }

  @Test("Text and phrases of packs are folded alike, whatever the character")
  func everyScalar() {
    for value in UInt32(0x20)...0x2FFFF {
      guard let scalar = Unicode.Scalar(value), value != 0x7F else { continue }
      // Four at a time on the path of eight bytes, and alone.
      for text in ["a\(scalar)b", "abcdefg\(scalar)h ijk"] where value < 0x3100 || value % 61 == 0 {
        let expected = FoldedText.folding(text)
        let bytes = Array(text.utf8)
        bytes.withUnsafeBufferPointer { bytes in
          let source = SourceText()
          source.decode(bytes)
          let line = source.lines[0]
          let range = line.foldedStart..<line.foldedEnd
          let isSame =
            source.folded.view[range].elementsEqual(expected.utf8)
            && source.lower.view[range].elementsEqual(CaseFolding.lowercased(expected))
          if !isSame { Issue.record("U+\(String(value, radix: 16)) is folded in two ways") }
        }
      }
    }
  }

  @Test("Every byte of the view leads back to the character it was made from")
  func wayBack() {
    let pieces = [
      "a", " ", "  ", "\u{2019}", "\u{A0}", "\u{200B}", "\u{2026}", "é", "日", "🎈", "\t", "\u{AD}",
      "Sign", "\u{FEFF}", "\u{212A}", "-",
    ]
    var random = SplitMix(seed: 3)
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<Int.random(in: 1...30, using: &random) { text += random.pick(pieces) }
      let bytes = Array(text.utf8)
      bytes.withUnsafeBufferPointer { buffer in
        let source = SourceText()
        source.decode(buffer)
        let line = source.lines[0]
        var last = 0
        var place = line.foldedStart
        while place < line.foldedEnd {
          var end = place + 1
          while end < line.foldedEnd, source.folded[end] & 0xC0 == 0x80 { end += 1 }
          let range = source.sourceBytes(of: place..<end, in: line)
          let view = String(decoding: source.folded.view[place..<end], as: UTF8.self)
          let own = FoldedText.folding("x\(String(decoding: bytes[range], as: UTF8.self))x")
          if range.lowerBound < last || !own.dropFirst().dropLast().contains(view) {
            Issue.record("\(shown(bytes)): \(view) at \(place) comes from \(range)")
            return
          }
          last = range.lowerBound
          place = end
        }
      }
    }
  }

  @Test("A span is cut at the borders of characters")
  func spanBytes() {
    let rule = Rule.test(.span(.regex(#"don't \h miss \.{3} "#)))
    expectGoes("Rain.\u{A0}⟦Don\u{2019}t\u{A0}\u{2003}mi\u{AD}ss\u{2026}⟧ Sun.", by: [rule])
  }
}

@Suite struct BrokenTextTests {
  private static let rules = [Rule.test(.line(.contains("sign up")))]

  private func clean(_ text: [UInt8]) -> CleanedText {
    let set = RuleSet([RuleSource(rules: Self.rules)])
    return Cleaner(rules: set, configuration: .untouched).clean(text, using: Worker(rules: set))
  }

  @Test("Any byte from 80 to FF at any place: its line is kept, the others are cleaned")
  func everyByteEverywhere() {
    let set = RuleSet([RuleSource(rules: Self.rules)])
    let cleaner = Cleaner(rules: set, configuration: .untouched)
    let worker = Worker(rules: set)
    let lines = ["Sign up now\n", "Please sign up\n", "Then sign up"].map { Array($0.utf8) }
    for broken in lines.indices {
      for place in 0...(lines[broken].count - (lines[broken].last == 0x0A ? 1 : 0)) {
        for byte in UInt8(0x80)...0xFF {
          var text = lines
          text[broken].insert(byte, at: place)
          let result = cleaner.clean(Array(text.joined()), using: worker)
          if result.bytes != text[broken] || result.invalidLines != 1 {
            Issue.record("\(shown(Array(text.joined()))) gives \(shown(result.bytes))")
            return
          }
        }
      }
    }
  }

  @Test(
    "What is not UTF-8, though it looks like it",
    arguments: [
      [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF],  // too long
      [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],  // surrogates
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],  // past the end of Unicode
      [0xC3], [0xE2, 0x80], [0xF0, 0x9F, 0x8E], [0xE2, 0x28, 0xA1],  // cut short
    ] as [[UInt8]])
  func notUTF8(bytes: [UInt8]) {
    for text in [
      bytes + Array("sign up".utf8), Array("sign up".utf8) + bytes,
      Array("sign ".utf8) + bytes + Array("sign up".utf8),
    ] {
      let result = clean(text + [0x0A])
      #expect(result.bytes == text + [0x0A])
      #expect(result.invalidLines == 1)
    }
  }

  @Test(
    "The ends of each length are UTF-8",
    arguments: [
      "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFD}", "\u{FFFF}", "\u{10000}",
      "\u{10FFFF}",
    ])
  func borders(character: String) {
    #expect(clean(Array("\(character) sign up".utf8)).invalidLines == 0)
  }

  @Test("A broken line also stays as it is when typography is repaired")
  func repaired() {
    let text =
      Array("A \u{201C}quote\u{201D}\n".utf8) + [0xFF, 0x20, 0x20]
      + Array("\u{201C}x\u{201D} \n".utf8)
    let result = Cleaner().clean(text, using: Worker(rules: RuleSet()))
    #expect(result.bytes.contains(0xFF))
    #expect(shown(result.bytes) == #""A "quote"\n\n\xff  \xe2\x80\x9cx\xe2\x80\x9d \n""#)
  }
}
