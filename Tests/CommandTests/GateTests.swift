// The gate itself: a rule that is bad on purpose must turn it red.
import Foundation
import Testing

@Suite struct CorpusGateTests {
  @Test("A rule that takes kept lines fails the baseline of the corpus")
  func badRule() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      """
      language: en
      category: promo
      rules:
        - id: too-broad
          summary: Bad on purpose.
          confidence: high
          line:
            contains: "the"
          removes: "⟦It is the end.⟧"
          keeps: "It rained."
      """.utf8, to: "bad.yaml")
    let root = Fixtures.folder.appending(path: "../../..").standardizedFileURL.path()
    let gate = "winnow eval '\(root)/Corpus' --baseline '\(root)/Corpus/baseline.json'"
    let run = try sandbox.shell("\(gate) --patterns bad.yaml")
    #expect(run.status == 1)
    #expect(run.errors.contains("content_lost_percent"))
  }
}
