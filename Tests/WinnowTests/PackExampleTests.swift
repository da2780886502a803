// Every example of every built-in rule, each shown at its line of YAML.
import Testing
import Winnow
import WinnowRules

@Suite struct PackExampleTests {
  /// The rules of one pack.
  struct Pack: Sendable, CustomTestStringConvertible {
    let name: String
    let rules: [Rule]
    var testDescription: String { name }
  }

  static let packs: [Pack] = Dictionary(grouping: RuleSource.builtInRules(), by: \.pack)
    .map { Pack(name: $0.key, rules: $0.value) }
    .sorted { $0.name < $1.name }

  @Test(
    "The examples of a pack come out as written, also with other line ends, quotes and blanks",
    arguments: packs)
  func examples(pack: Pack) {
    for rule in pack.rules {
      for failure in ExampleTest(rule, isTrusted: true).failures() {
        Issue.record(
          "\(failure.rule): \(failure.message)", sourceLocation: failure.place.sourceLocation)
      }
    }
  }

  @Test("Each rule has an example of what goes and one of what stays", arguments: packs)
  func hasExamples(pack: Pack) {
    for rule in pack.rules {
      #expect(!rule.removes.isEmpty, "\(rule.name)", sourceLocation: rule.place.sourceLocation)
      #expect(!rule.keeps.isEmpty, "\(rule.name)", sourceLocation: rule.place.sourceLocation)
    }
  }

  @Test("Names are unique, and each begins with its pack's language")
  func names() {
    var seen: Set<String> = []
    for rule in Self.packs.flatMap(\.rules) {
      #expect(seen.insert(rule.name).inserted, "\(rule.name) stands twice")
      let folder = rule.name.split(separator: "/").first.map(String.init)
      #expect(folder == rule.language || folder == "sites", "\(rule.name) says \(rule.language)")
    }
    #expect(seen.count >= 200)
  }

  @Test(
    "A wrong example is seen",
    arguments: [
      ("⟦Tags: ferries⟧\nIt rained.", "It rained.", 0), ("⟦It rained.⟧", "It rained.", 1),
      ("⟦Tags: ferries\nIt rained.⟧", "Tags", 1), ("Tags: ferries\n⟦Tags: harbours⟧", "Tags", 1),
      ("⟦Tags: ferries⟧", "Tags: are what editors add.", 1),
    ])
  func wrongExample(removes: String, keeps: String, failures: Int) {
    let place = Place(file: "Patterns/en/test.yaml", line: 12, column: 9)
    let rule = Rule.test(.line(.startsWith("Tags:"))) {
      $0.removes = [.init(text: removes, place: place)]
      $0.keeps = [.init(text: keeps, place: place)]
    }
    let found = ExampleTest(rule).failures()
    #expect(found.count == failures)
    #expect(found.allSatisfy { $0.place == place })
  }

  @Test("A gap that is closed is seen")
  func closedGap() {
    let rule = Rule.test(.line(.startsWith("Tags:"))) {
      $0.gaps = [
        .init(
          text: "⟦Tags: ferries⟧", place: Place(file: "Patterns/en/test.yaml", line: 3, column: 1)),
        .init(
          text: "⟦Topics: ferries⟧", place: Place(file: "Patterns/en/test.yaml", line: 4, column: 1)
        ),
      ]
    }
    let failures = ExampleTest(rule).failures()
    #expect(failures.map(\.place.line) == [3])
    #expect(failures.map(\.message) == ["a gap is closed: move this example to `removes`"])
  }
}
