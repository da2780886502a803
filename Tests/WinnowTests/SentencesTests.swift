import Testing

@testable import Winnow

struct SentenceCase: CustomTestStringConvertible {
  let language: String
  let pieces: [String]
  let isKnownMiss: Bool

  var testDescription: String { pieces.joined(separator: "|") }

  init(_ line: Substring) {
    isKnownMiss = line.hasPrefix("~")
    let rest = isKnownMiss ? line.dropFirst() : line
    language = String(rest.prefix(2))
    pieces = rest.dropFirst(3).split(separator: "|").map { unescaped(String($0)) }
  }

  static let all: [SentenceCase] = {
    guard let file = try? testFile("sentences.txt") else { return [] }
    return file.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(SentenceCase.init)
  }()
}

@Suite struct SentencesTests {
  @Test func thereAreEnoughCases() {
    #expect(SentenceCase.all.count >= 400)
    #expect(Set(SentenceCase.all.map(\.language)).count >= 10)
    #expect(SentenceCase.all.count(where: \.isKnownMiss) * 100 <= SentenceCase.all.count * 3)
  }

  @Test(arguments: SentenceCase.all)
  func spans(entry: SentenceCase) {
    let text = Array(entry.pieces.joined().utf8)
    let spans = Sentences(language: entry.language).spans(in: text)
    let got = spans.map { String(decoding: text[$0], as: UTF8.self) }
    if entry.isKnownMiss {
      #expect(got != entry.pieces, "no longer a miss: take the ~ away")
    } else {
      #expect(got == entry.pieces)
    }
  }

  @Test func spansCoverTheText() {
    let sentences = Sentences()
    for seed in 0..<5000 {
      let text = randomText(seed)
      var end = 0
      for span in sentences.spans(in: text) {
        #expect(span.lowerBound == end && !span.isEmpty, "seed \(seed)")
        end = span.upperBound
      }
      #expect(end == text.count, "seed \(seed)")
    }
  }
}
