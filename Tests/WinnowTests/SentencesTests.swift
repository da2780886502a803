import Testing

@testable import Winnow

struct SentenceCase: CustomTestStringConvertible {
  let language: String
  let pieces: [String]

  var testDescription: String { pieces.joined(separator: "|") }

  static let all: [SentenceCase] = {
    guard let file = try? testFile("sentences.txt") else { return [] }
    return file.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      SentenceCase(
        language: String(line.prefix(2)),
        pieces: line.dropFirst(3).split(separator: "|").map(String.init))
    }
  }()
}

@Suite struct SentencesTests {
  @Test(arguments: SentenceCase.all)
  func spans(entry: SentenceCase) {
    let text = Array(entry.pieces.joined().utf8)
    let spans = Sentences(language: entry.language).spans(in: text)
    #expect(spans.map { String(decoding: text[$0], as: UTF8.self) } == entry.pieces)
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
