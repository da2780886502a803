// From an example to a rule: the text that should go in, YAML out, with phrases before patterns.
// Of several readings of the example, from wide to narrow, the first is taken that passes its own
// tests and takes nothing from the texts that must stay.
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

/// Text of which something should go.
struct RuleExample {
  /// With ⟦…⟧ round what goes.
  let marked: String
  /// The folded lines inside the brackets.
  let lines: [String]
  /// Whether part of the line stays.
  let isSpan: Bool
  let isAtEnd: Bool

  init(_ text: String) {
    var text = text
    while text.last?.isNewline == true { text.removeLast() }
    if !text.contains("⟦") { text = "⟦" + text + "⟧" }
    marked = text
    let inner = text.drop { $0 != "⟦" }.dropFirst().prefix { $0 != "⟧" }
    lines = inner.split(whereSeparator: \.isNewline).map { FoldedText.folding(String($0)) }
      .filter { !$0.isEmpty }
    let before = text.prefix { $0 != "⟦" }
    let after = text.drop { $0 != "⟧" }.dropFirst()
    isAtEnd = after.allSatisfy { $0.isNewline || $0 == " " } || after.first?.isNewline == true
    isSpan =
      lines.count == 1
      && !((before.isEmpty || before.last?.isNewline == true) && isAtEnd)
  }
}

struct RuleProposal {
  let example: RuleExample
  let category: WinnowRules.Category
  let language: String
  let site: String?
  let id: String
  let innocents: [[UInt8]]

  /// How a rule may match, as YAML below its kind, and in a few words.
  private struct Reading {
    let matcher: [String]
    let conditions: [String]
    let summary: String
    /// The words that it rests on.
    let cue: String
    var confidence = "medium"
  }

  /// A proposal that passed.
  struct Accepted {
    let yaml: String
    let rule: Rule
  }

  /// The first reading that passes; nil when none does.
  func accepted() -> Accepted? {
    for reading in readings() {
      for keeps in keeps(of: reading) {
        let yaml = yaml(reading, keeps: keeps)
        let result = PackReader(name: "new", file: "new.yaml").read(yaml)
        guard result.problems.isEmpty, let rule = result.pack?.rules.first else { continue }
        guard ExampleTest(rule).failures().isEmpty else { continue }
        guard !takesInnocent(rule) else { break }
        return Accepted(yaml: yaml, rule: rule)
      }
    }
    return nil
  }

  // MARK: Readings

  private func readings() -> [Reading] {
    guard let first = example.lines.first, let last = example.lines.last else { return [] }
    if example.isSpan { return spanReadings(first) }
    if example.lines.count == 1 { return lineReadings(first) }
    // A block from its first line to its last.
    return lineReadings(first).flatMap { start in
      lineReadings(last).map { end in
        Reading(
          matcher: ["start:"] + start.matcher.map { "  " + $0 } + ["end:"]
            + end.matcher.map { "  " + $0 } + ["max_lines: \(min(60, example.lines.count + 2))"],
          conditions: [], summary: "A box that starts with \"\(Self.short(start.cue))\".",
          cue: start.cue, confidence: "high")
      }
    }
  }

  private func phrase(_ key: String, _ text: String) -> [String] { ["\(key): |", "  \(text)"] }

  private func lineReadings(_ line: String) -> [Reading] {
    let form = LineForm(line)
    let words = form.pieces.count
    let most = ["max_words: \(min(1000, words + max(4, words / 2)))"]
    var readings: [Reading] = []
    func add(_ matcher: [String], _ conditions: [String], _ summary: String, cue: [String]) {
      readings.append(
        Reading(
          matcher: matcher, conditions: conditions, summary: summary,
          cue: cue.joined(separator: " ")))
    }
    // What stands before a colon names the kind of line: all behind it varies.
    let texts = form.pieces.map(\.text)
    if let colon = texts.prefix(6).firstIndex(where: { $0.hasSuffix(":") }), colon + 1 < words {
      let cue = texts[...colon].joined(separator: " ")
      if form.pieces[...colon].allSatisfy(\.isFixed), cue.count(where: \.isLetter) >= 4 {
        add(
          phrase("starts_with", cue), most, "A line that starts with \"\(Self.short(cue))\".",
          cue: Array(texts[...colon]))
      }
    }
    let (head, tail) = (Self.telling(form.head), Self.telling(form.tail.reversed()).reversed())
    if !form.isFixed {
      if Self.isTelling(form.head), Self.isTelling(form.tail) {
        add(
          phrase("starts_with", head.joined(separator: " "))
            + phrase("ends_with", tail.joined(separator: " ")), most,
          "A line from \"\(Self.short(head.joined(separator: " ")))\" to "
            + "\"\(Self.short(tail.joined(separator: " ")))\".", cue: head)
      } else if Self.isTelling(form.head), head.count >= 4 || Self.letters(head) >= 18 {
        add(
          phrase("starts_with", head.joined(separator: " ")), most,
          "A line that starts with \"\(Self.short(head.joined(separator: " ")))\".", cue: head)
      } else if Self.isTelling(form.tail), tail.count >= 4 || Self.letters(Array(tail)) >= 18 {
        add(
          phrase("ends_with", tail.joined(separator: " ")), most,
          "A line that ends in \"\(Self.short(tail.joined(separator: " ")))\".",
          cue: Array(tail))
      }
      let fixed = form.pieces.filter(\.isFixed).map(\.text)
      if Self.letters(fixed) >= 6 {
        add(
          ["regex: |", "  ^ \(form.pattern) $"], [],
          fixed.isEmpty
            ? "A line of this form alone."
            : "A line of the form of \"\(Self.short(fixed.joined(separator: " ")))\".",
          cue: fixed)
      }
    } else if words > 14 {
      add(
        phrase("starts_with", head.joined(separator: " "))
          + phrase("ends_with", tail.suffix(4).joined(separator: " ")), most,
        "A line that starts with \"\(Self.short(head.joined(separator: " ")))\".", cue: head)
    }
    var exact = Reading(
      matcher: phrase("equals", line), conditions: [],
      summary: "The line \"\(Self.short(line))\".", cue: line)
    exact.confidence = words >= 3 ? "high" : "medium"
    return form.isFixed && words <= 14 ? [exact] + readings : readings + [exact]
  }

  private func spanReadings(_ part: String) -> [Reading] {
    let form = LineForm(part)
    let pattern = "\\h? " + form.pattern + (example.isAtEnd ? " $" : "")
    let fixed = form.pieces.filter(\.isFixed).map(\.text).joined(separator: " ")
    let exact = "\\h? " + LineForm.escaped(part) + (example.isAtEnd ? " $" : "")
    let patterns = form.isFixed ? [exact] : [pattern, exact]
    return patterns.map {
      Reading(
        matcher: ["regex: |", "  \($0)"], conditions: [],
        summary: "The words \"\(Self.short(fixed.isEmpty ? part : fixed))\" in a line.",
        cue: fixed.isEmpty ? part : fixed)
    }
  }

  /// As many words as it takes to be sure, the first ones.
  private static func telling(_ words: [String]) -> [String] {
    var letters = 0
    var count = 0
    for word in words {
      if letters >= 24, count >= 4 { break }
      letters += word.count(where: \.isLetter)
      count += 1
    }
    return Array(words.prefix(count))
  }

  private static func letters(_ words: [String]) -> Int {
    words.reduce(0) { $0 + $1.count(where: \.isLetter) }
  }

  private static func isTelling(_ words: [String]) -> Bool {
    let letters = letters(words)
    return (words.count >= 3 && letters >= 10) || (words.count == 2 && letters >= 12)
      // Scripts without blanks between words.
      || words.contains { $0.count >= 6 && $0.utf8.count >= 3 * $0.count - 3 }
  }

  private static func short(_ text: String) -> String {
    let clean = String(text.filter { $0 != "\"" })
    return clean.count > 48 ? clean.prefix(45) + "…" : clean
  }

  // MARK: What must stay

  private func takesInnocent(_ rule: Rule) -> Bool {
    var rule = rule
    rule.sites = []
    let rules = RuleSet([RuleSource(rules: [rule])], selection: .everything(at: nil))
    var configuration = Configuration()
    configuration.normalisation = Normalisation(.none)
    configuration.paragraphs = .keep
    configuration.largestLoss = 1
    let cleaner = Cleaner(rules: rules, configuration: configuration)
    let worker = Worker(rules: rules)
    return innocents.contains { !cleaner.clean($0, using: worker).removals.isEmpty }
  }

  /// The nearest innocent lines, best first; then a sentence that quotes the cue.
  private func keeps(of reading: Reading) -> [String] {
    let wanted = Self.words(of: reading.cue)
    var best: [(score: Double, line: String)] = []
    for text in innocents {
      for line in String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline) {
        let line = FoldedText.trimmed(String(line))
        let words = Self.words(of: line)
        let shared = words.intersection(wanted)
        guard shared.count >= 2 || shared.contains(where: { $0.count >= 6 }), line.count < 400,
          !line.contains("⟦"), !line.unicodeScalars.contains(where: \.steers)
        else { continue }
        let score =
          shared.reduce(0.0) { $0 + Double(min(8, $1.count)) } / Double(8 + words.count)
        best.append((score, line))
      }
    }
    let nearest = best.sorted { ($1.score, $0.line) < ($0.score, $1.line) }.map(\.line).prefix(3)
    let cue = reading.cue.split(separator: " ").prefix(8).joined(separator: " ")
      .filter { $0 != "\"" }
    return nearest + [
      "Nobody knew who had painted \"\(cue)\" on the harbour wall, or when.",
      "The harbour master read the line aloud twice and shook his head at it.",
    ]
  }

  private static func words(of text: String) -> Set<String> {
    Set(text.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count >= 3 })
  }

  // MARK: YAML

  private func yaml(_ reading: Reading, keeps: String) -> String {
    let kind = example.isSpan ? "span" : example.lines.count > 1 ? "block" : "line"
    var lines = ["language: \(language)", "category: \(category.rawValue)"]
    if let site { lines.append("sites: \(site)") }
    lines += [
      "rules:",
      "  - id: \(id)",
      "    summary: \(quoted(reading.summary))",
      "    # high: may hit no kept text; medium: few, known; low: only when asked for.",
      "    confidence: \(reading.confidence)",
      "    \(kind):",
    ]
    lines += reading.matcher.map { "      " + $0 }
    if !reading.conditions.isEmpty {
      lines += ["    where:"] + reading.conditions.map { "      " + $0 }
    }
    lines += ["    # ⟦…⟧ encloses exactly what goes. Add more lines of the form.", "    removes:"]
    lines += exampleLines(example.marked)
    lines += ["    # The nearest text that must stay.", "    keeps:"]
    lines += exampleLines(keeps)
    return lines.joined(separator: "\n") + "\n"
  }

  private func exampleLines(_ text: String) -> [String] {
    let isPlain =
      !text.unicodeScalars.contains { $0.steers && $0 != "\n" } && text.first?.isWhitespace != true
    guard isPlain else { return ["      - " + quoted(text)] }
    return ["      - |"] + text.split(separator: "\n").map { "        " + $0 }
  }

  private func quoted(_ text: String) -> String {
    String(decoding: JSONValue.text(text).utf8, as: UTF8.self)
  }
}
