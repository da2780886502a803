// `winnow explain`: the text with what goes in colour and the rules beside it.
internal import ArgumentParser
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

struct ExplainCommand: ParsableCommand {
  enum Shape: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what would go from a text, and why.")

  @Argument(help: "A text file; standard input when left out, or for -.")
  var path = "-"

  @Option(help: "text: for reading; json: one object with paragraphs and removals.")
  var emit = Shape.text

  @Option(help: "When to use colour: auto, always or never. NO_COLOR is honoured.")
  var color = ColorChoice.auto

  @Flag(help: "For lines that stay: the rules that almost took them, and why they did not.")
  var near = false

  @OptionGroup(title: "Cleaning") var cleaning: CleaningOptions

  mutating func run() throws {
    let cleaner = try cleaning.makeCleaner()
    let source = try Files.contents(of: path)
    let worker = Worker(rules: cleaner.rules)
    worker.keepsSums = true
    let result = cleaner.clean(source, using: worker)
    let output = Output(descriptor: 1, path: "standard output")
    switch emit {
    case .json:
      let explanation = Explanation(result, source: source, rules: cleaner.rules)
      let fields = [("source", JSONValue.text(path))] + explanation.fields
      try output.write(JSONValue.object(fields).utf8 + [0x0A])
    case .text:
      let misses = near ? try nearMisses(in: source, result.removals) : [:]
      let view = ExplainView(
        source: source, result: result, rules: cleaner.rules, ink: Ink(color), misses: misses)
      try output.write(view.text())
    }
    try output.flush()
    for failure in result.failures {
      let rule = cleaner.rules.describe(failure.rule).name
      Files.say(
        "winnow: \(visible(path)):\(failure.line): rule \(visible(rule)): \(failure.reason)")
    }
    if !result.failures.isEmpty || result.invalidLines > 0 { throw Status.partial }
  }

  private func nearMisses(
    in source: [UInt8], _ removals: [Removal]
  ) throws -> [Int: [NearMisses.Miss]] {
    let choices = try Choices(cleaning)
    let selection = try choices.selection()
    let own = try Packs.rules(at: choices.values(of: .patterns).map(\.text))
    let isBuiltIn = choices.values(of: .builtIn).first?.text != "false"
    let rules = (isBuiltIn ? RuleSource.builtInRules() : []) + own
    let near = NearMisses(of: rules, confidence: selection.confidence, selection: selection)
    return near.misses(in: source, besides: removals)
  }
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

/// Colours for a terminal, or none.
struct Ink {
  let isOn: Bool

  init(_ choice: ColorChoice) {
    isOn =
      switch choice {
      case .always: true
      case .never: false
      case .auto:
        Files.isTerminal(1) && Files.environment("NO_COLOR") == nil
          && Files.environment("TERM") != "dumb"
      }
  }

  func removed(_ text: String) -> String { isOn ? "\u{1B}[31;9m\(text)\u{1B}[0m" : text }
  func quiet(_ text: String) -> String { isOn ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
  func kept(_ text: String) -> String { isOn ? "\u{1B}[32m\(text)\u{1B}[0m" : text }

  func tag(_ category: Category) -> String { colored(category.rawValue, category) }

  func colored(_ text: String, _ category: Category) -> String {
    guard isOn else { return text }
    let color =
      switch category {
      case .promo: 35
      case .signup: 34
      case .related: 36
      case .attribution: 33
      case .chrome: 32
      }
    return "\u{1B}[1;\(color)m\(text)\u{1B}[0m"
  }
}

/// The lines of a source with what goes marked.
private struct ExplainView {
  let source: [UInt8]
  let result: CleanedText
  let rules: RuleSet
  let ink: Ink
  let misses: [Int: [NearMisses.Miss]]

  func text() -> String {
    var output = ""
    var line = 1
    var start = 0
    var next = 0
    while start < source.count {
      let end = source[start...].firstIndex(of: 0x0A) ?? source.count
      var pieces = ""
      var at = start
      var isWhole = false
      var named: [Removal] = []
      while next < result.removals.count, result.removals[next].bytes.lowerBound <= end,
        result.removals[next].bytes.lowerBound < source.count
      {
        let removal = result.removals[next]
        let cut = max(start, removal.bytes.lowerBound)..<min(end, removal.bytes.upperBound)
        if cut.lowerBound > end || removal.bytes.lowerBound > end { break }
        if removal.bytes.upperBound <= start {
          next += 1
          continue
        }
        if cut.isEmpty { break }
        pieces += shown(at..<cut.lowerBound)
        pieces += cutText(cut)
        at = cut.upperBound
        isWhole = cut == start..<end
        named.append(removal)
        if removal.bytes.upperBound > end { break }
        next += 1
      }
      pieces += shown(at..<end)
      let gutter = String(repeating: " ", count: max(0, 5 - String(line).count)) + "\(line)"
      let sign = named.isEmpty ? misses[line] == nil ? " " : "?" : isWhole ? "-" : "~"
      output += ink.quiet(gutter) + " " + letter(of: named.first) + sign + " " + pieces + "\n"
      for removal in named where removal.lines.lowerBound == line || named.count > 1 {
        for rule in removal.rules.map(rules.describe(_:)) {
          output +=
            "         └ \(ink.tag(rule.category)) \(visible(rule.name))"
            + ink.quiet(" (\(rule.confidence.rawValue)) \(visible(rule.summary))") + "\n"
        }
        if removal.rules.isEmpty {
          let parts = removal.sum.map { "\(visible($0.name)) \(($0.weight * 10).rounded() / 10)" }
          output += "         └ evidence" + ink.quiet(" " + parts.joined(separator: " · ")) + "\n"
        }
      }
      for miss in named.isEmpty ? misses[line] ?? [] : [] {
        output += ink.quiet("         ? \(visible(miss.rule)): \(visible(miss.reason))") + "\n"
      }
      start = end + 1
      line += 1
    }
    let bytes = result.removals.reduce(0) { $0 + $1.bytes.count }
    output += ink.quiet("\(result.removals.count) cuts, \(bytes) of \(source.count) bytes") + "\n"
    return output
  }

  /// The label of a cut's class, in its colour.
  private func letter(of removal: Removal?) -> String {
    guard let removal else { return " " }
    let known = removal.rules.map(rules.describe(_:)).max { $0.confidence < $1.confidence }
    guard let category = known?.category else { return "E" }
    return ink.colored(String(category.label), category)
  }

  private func shown(_ range: Range<Int>) -> String {
    visible(String(decoding: source[range], as: UTF8.self))
  }

  private func cutText(_ range: Range<Int>) -> String {
    let text = shown(range)
    return ink.isOn ? ink.removed(text) : "⟦\(text)⟧"
  }
}
