// Runs a rule's own examples: rule in, failures out. The texts travel with the rule; here they
// are also tried with other line ends, quotes and blanks, as texts in the wild have them.
internal import PCRE2
public import WinnowRules

/// An example that does not come out as written.
public struct ExampleFailure: Sendable, Hashable {
  public let rule: String
  public let place: Place
  /// What went wrong, with the text that went or stayed.
  public let message: String
}

/// Checks examples against their rules.
public struct ExampleTest {
  /// Ways in which an example is written anew; what goes must not change.
  public enum Mutation: String, CaseIterable, Sendable {
    case asWritten = "as written"
    case crlf = "with CRLF"
    case curlyQuotes = "with curly quotes"
    case hardSpaces = "with no-break spaces"
    case emojiLine = "with an emoji line in front"
  }

  private let rule: Rule
  private let isTrusted: Bool

  /// - Parameters:
  ///   - rule: the rule with its examples.
  ///   - isTrusted: the rule is a built-in one, whose patterns were checked before.
  public init(_ rule: Rule, isTrusted: Bool = false) {
    self.rule = rule
    self.isTrusted = isTrusted
  }

  /// The failures of all the rule's examples, in their order.
  public func failures(mutations: [Mutation] = Mutation.allCases) -> [ExampleFailure] {
    let worker = Worker(rules: ruleSet(seeds: []))
    // A line in front moves what stands in the head.
    let mutations = mutations.filter { $0 != .emojiLine || rule.conditions.position == nil }
    var failures: [ExampleFailure] = []
    for example in rule.removes {
      for mutation in mutations {
        guard let message = failure(ofRemoving: example, mutation, worker) else { continue }
        failures.append(failed(example, message))
        break
      }
    }
    for example in rule.keeps {
      for mutation in mutations {
        let text = MarkedText(example.text, mutation)
        let removed = text.removedLetters(by: worker)
        guard !removed.isEmpty else { continue }
        failures.append(
          failed(example, "\(mutation.rawValue), its own `keeps` loses \(text.quoted(removed))"))
        break
      }
    }
    for example in rule.gaps {
      let text = MarkedText(example.text, .asWritten)
      if text.removedLetters(by: worker) == text.markedLetters {
        failures.append(failed(example, "a gap is closed: move this example to `removes`"))
      }
    }
    return failures
  }

  private func failed(_ example: Rule.Example, _ message: String) -> ExampleFailure {
    ExampleFailure(rule: rule.name, place: example.place, message: message)
  }

  private func failure(
    ofRemoving example: Rule.Example, _ mutation: Mutation, _ worker: Worker
  ) -> String? {
    let text = MarkedText(example.text, mutation)
    if rule.conditions.isAfterRemoved || rule.conditions.isBeforeRemoved {
      return failureBesideRemoved(text, mutation)
    }
    if case .signal = rule.kind {
      let lines = text.signalledLines(by: worker)
      return lines.isEmpty ? "\(mutation.rawValue), the signal does not show" : nil
    }
    let removed = text.removedLetters(by: worker)
    let missing = text.markedLetters.subtracting(removed)
    if !missing.isEmpty { return "\(mutation.rawValue), \(text.quoted(missing)) stays" }
    let extra = removed.subtracting(text.markedLetters)
    if !extra.isEmpty { return "\(mutation.rawValue), \(text.quoted(extra)) goes, too" }
    return nil
  }

  /// A rule that needs a removed neighbour: the other marked lines are taken out for it.
  private func failureBesideRemoved(_ text: MarkedText, _ mutation: Mutation) -> String? {
    var hits = 0
    for line in text.markedLines {
      let others = text.markedLines.filter { $0 != line }
      let worker = Worker(rules: ruleSet(seeds: others))
      let removed = text.removedLetters(by: worker)
      let extra = removed.subtracting(text.markedLetters)
      if !extra.isEmpty { return "\(mutation.rawValue), \(text.quoted(extra)) goes, too" }
      if removed == text.markedLetters { hits += 1 }
    }
    return hits > 0 ? nil : "\(mutation.rawValue), nothing goes beside removed lines"
  }

  private func ruleSet(seeds: [String]) -> RuleSet {
    var selection = Selection()
    selection.confidence = .low
    selection.site = rule.sites.first
    var rules = [rule]
    if !seeds.isEmpty {
      var matcher = LineMatcher()
      matcher.equals = seeds.map(FoldedText.folding(_:))
      var seed = Rule(
        name: "test/seed", summary: "", category: .chrome, confidence: .high, language: "any",
        kind: .line(matcher), place: rule.place)
      seed.gate = .equals(matcher.equals.map { CaseFolding.lowercased($0) })
      rules.append(seed)
    }
    return RuleSet([RuleSource(rules: rules, isTrusted: isTrusted)], selection: selection)
  }
}

/// An example without its brackets, and what they enclosed.
private struct MarkedText {
  private let bytes: [UInt8]
  /// Offsets of the bytes inside brackets that are not blank.
  let markedLetters: Set<Int>
  /// Lines that are wholly inside brackets.
  let markedLines: [String]

  init(_ example: String, _ mutation: ExampleTest.Mutation) {
    var text = example
    while text.hasSuffix("\n") { text.removeLast() }
    var output: [UInt8] = mutation == .emojiLine ? Array("🎈🎈🎈 🎈 🎈\n".utf8) : []
    var marked: Set<Int> = []
    var isInside = false
    var isOpening = true
    for scalar in text.unicodeScalars {
      var written = String(scalar)
      switch scalar {
      case "⟦":
        isInside = true
        continue
      case "⟧":
        isInside = false
        continue
      case "\n" where mutation == .crlf: written = "\r\n"
      case " " where mutation == .hardSpaces: written = "\u{A0}"
      case "'" where mutation == .curlyQuotes: written = "\u{2019}"
      case "\"" where mutation == .curlyQuotes: written = isOpening ? "\u{201C}" : "\u{201D}"
      default: break
      }
      if scalar == "\"" { isOpening.toggle() }
      let isBlank = scalar.properties.isWhitespace
      for byte in written.utf8 {
        if isInside, !isBlank { marked.insert(output.count) }
        output.append(byte)
      }
    }
    bytes = output
    markedLetters = marked
    markedLines = text.split(separator: "\n").compactMap { line in
      let plain = line.filter { $0 != "⟦" && $0 != "⟧" }
      return text.isMarked(line) ? String(plain) : nil
    }
  }

  func removedLetters(by worker: Worker) -> Set<Int> {
    let removals = bytes.withUnsafeBufferPointer { worker.removals(in: $0) }
    var letters: Set<Int> = []
    for removal in removals {
      letters.formUnion(removal.bytes.filter { !isBlank(at: $0) })
    }
    return letters
  }

  func signalledLines(by worker: Worker) -> [Int] {
    _ = bytes.withUnsafeBufferPointer { worker.removals(in: $0) }
    return worker.finder.signals.view.map { Int($0.firstLine) }
  }

  private func isBlank(at index: Int) -> Bool {
    let byte = bytes[index]
    if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { return true }
    if byte == 0xC2 { return index + 1 < bytes.count && bytes[index + 1] == 0xA0 }
    return byte == 0xA0 && index > 0 && bytes[index - 1] == 0xC2
  }

  /// The text from the first to the last of some bytes, in quotes.
  func quoted(_ letters: Set<Int>) -> String {
    guard let first = letters.min(), let last = letters.max() else { return "nothing" }
    let text = String(decoding: bytes[first...last], as: UTF8.self)
    return "\"\(text.count > 80 ? text.prefix(77) + "…" : text[...])\""
  }
}

extension String {
  /// Whether a line of this example lies wholly inside brackets.
  fileprivate func isMarked(_ line: Substring) -> Bool {
    guard line.contains(where: { !$0.isWhitespace && $0 != "⟦" && $0 != "⟧" }) else { return false }
    let before = self[..<line.startIndex]
    var isInside =
      before.lastIndex(of: "⟦").map { open in
        before.lastIndex(of: "⟧").map { $0 < open } ?? true
      } ?? false
    for character in line {
      if character == "⟦" {
        isInside = true
      } else if character == "⟧" {
        isInside = false
      } else if !isInside, !character.isWhitespace {
        return false
      }
    }
    return true
  }
}
