// The language of these tests: a text with ⟦…⟧ round what goes, and rules in one line.
import Testing
import WinnowRules

@testable import Winnow

/// Checks that of `text` the rules take exactly what stands in ⟦…⟧, and nothing else changes.
func expectGoes(
  _ text: String, by rules: [Rule], _ selection: Selection = .all,
  at location: SourceLocation = #_sourceLocation
) {
  let plain = text.filter { $0 != "⟦" && $0 != "⟧" }
  let set = RuleSet([RuleSource(rules: rules)], selection: selection)
  #expect(marked(plain, by: set) == bracketedByLine(text), sourceLocation: location)
}

/// `text` with ⟦…⟧ round what `rules` take out of each line.
func marked(_ text: String, by rules: RuleSet) -> String {
  let source = Array(text.utf8)
  let result = Cleaner(rules: rules, configuration: .untouched)
    .clean(source, using: Worker(rules: rules))
  var output: [UInt8] = []
  var copied = 0
  for removal in result.removals {
    output += source[copied..<removal.bytes.lowerBound]
    var cut = String(decoding: source[removal.bytes], as: UTF8.self)[...]
    let hasEnd = !removal.isSpan && cut.last?.isNewline == true
    if hasEnd { cut = cut.dropLast() }
    output += Array("\(bracketedByLine("⟦\(cut)⟧"))\(hasEnd ? "\n" : "")".utf8)
    copied = removal.bytes.upperBound
  }
  return String(decoding: output + source[copied...], as: UTF8.self)
}

/// Brackets that enclose several lines, set round each of them.
private func bracketedByLine(_ text: String) -> String {
  var isOpen = false
  return text.reduce(into: "") { output, character in
    if character == "⟦" { isOpen = true }
    if character == "⟧" { isOpen = false }
    output += isOpen && character.isNewline ? "⟧\n⟦" : String(character)
  }
}

extension Configuration {
  /// Removals alone: no typography, no paragraphs.
  static var untouched: Configuration {
    var configuration = Configuration()
    configuration.normalisation = Normalisation(.none)
    configuration.paragraphs = .keep
    return configuration
  }
}

extension Selection {
  /// Every rule, however unsure.
  static var all: Selection {
    var selection = Selection()
    selection.confidence = .low
    return selection
  }

  static func with(_ change: (inout Selection) -> Void) -> Selection {
    var selection = Selection()
    change(&selection)
    return selection
  }
}

extension Rule {
  /// A rule with what a test leaves out filled in, and its gate.
  static func test(
    _ kind: Kind, name: String = "en/test/rule", category: WinnowRules.Category = .promo,
    confidence: Confidence = .high, language: String = "en",
    _ change: (inout Rule) -> Void = { _ in }
  ) -> Rule {
    var rule = Rule(
      name: name, summary: "A test.", category: category, confidence: confidence,
      language: language, kind: kind, place: Place(file: "test.yaml", line: 1, column: 1))
    change(&rule)
    rule.deriveGate(definitions: [:])
    return rule
  }
}

extension LineMatcher {
  static func equals(_ phrases: String...) -> LineMatcher { make { $0.equals = phrases } }
  static func startsWith(_ phrases: String...) -> LineMatcher { make { $0.startsWith = phrases } }
  static func endsWith(_ phrases: String...) -> LineMatcher { make { $0.endsWith = phrases } }
  static func contains(_ phrases: String...) -> LineMatcher { make { $0.contains = phrases } }
  static func regex(_ source: String) -> LineMatcher { make { $0.regex = source } }

  func unless(_ veto: LineMatcher) -> LineMatcher {
    var matcher = self
    matcher.unless = [veto]
    return matcher
  }

  private static func make(_ change: (inout LineMatcher) -> Void) -> LineMatcher {
    var matcher = LineMatcher()
    change(&matcher)
    return matcher
  }
}
