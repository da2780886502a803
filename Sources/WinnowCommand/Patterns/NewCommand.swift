// `winnow patterns new`: a rule from a line that should have gone.
internal import ArgumentParser
internal import Winnow
internal import WinnowRules

extension PatternsCommand {
  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose a rule from an example of what should go.",
      discussion: """
        The example is a text, or FILE:LINE, or FILE:LINE-LINE for a box of several lines. In a \
        text, ⟦ and ⟧ may enclose the part that goes. The rule is tried before it is shown: it \
        passes `check` and `test`, and takes nothing from the texts given with --against or from \
        the `keeps` of the built-in rules.

          winnow patterns new "Tide tables are brought to you by Barrow Chandlery."
          winnow patterns new article.txt:12 --against clean/ > house.yaml
        """)

    @Argument(help: "A text, FILE:LINE or FILE:LINE-LINE.") var example: String
    @Option(
      help: ArgumentHelp(
        "Texts of which nothing may go: files, folders, JSONL, labelled articles. Repeatable.",
        valueName: "path"))
    var against: [String] = []
    @Option(
      help: ArgumentHelp("The field of a JSONL record that holds the text.", valueName: "name"))
    var field = "text"
    @Option(help: "promo, signup, related, attribution or chrome; guessed when left out.")
    var category: WinnowRules.Category?
    @Option(
      help: ArgumentHelp("The language of the rule; guessed when left out.", valueName: "code"))
    var language: String?
    @Option(help: ArgumentHelp("Only for this site.", valueName: "domain")) var site: String?
    @Option(
      help: ArgumentHelp("The id of the rule; made from its words when left out.", valueName: "id"))
    var id: String?

    mutating func run() throws {
      let example = RuleExample(try text())
      guard !example.lines.isEmpty else {
        throw Complaint("the example is blank; give the text that should go")
      }
      var innocents: [[UInt8]] = []
      try Documents(paths: against, field: field).forEach { document in
        guard let article = LabelledArticle(ifLabelled: document) else {
          innocents.append(document.text)
          return
        }
        innocents += article.kept.map { Array(article.text[$0]) }
      }
      let examples = RuleSource.builtInExamples()
      innocents += examples.flatMap(\.keeps).map { Array($0.text.utf8) }
      let guess = Guess(example.lines.joined(separator: " "), among: examples)
      let proposal = RuleProposal(
        example: example, category: category ?? guess.category,
        language: language ?? guess.language, site: site, id: id ?? Self.id(of: example),
        innocents: innocents)
      guard let accepted = proposal.accepted() else {
        throw Complaint(
          "every rule that takes this takes text that must stay, too; mark a smaller part with "
            + "⟦ and ⟧, or write the rule by hand: Patterns/README.md")
      }
      let output = Output(descriptor: 1, path: "standard output")
      try output.write(
        "# Proposed by `winnow patterns new`. Read it, widen or narrow it, then:\n"
          + "#   winnow patterns check FILE && winnow patterns test FILE\n" + accepted.yaml)
      try output.flush()
    }

    /// The example: as given, or the lines of a file.
    private func text() throws -> String {
      guard let colon = example.lastIndex(of: ":") else { return example }
      let path = String(example[..<colon])
      let numbers = example[example.index(after: colon)...].split(separator: "-").map { Int($0) }
      guard (1...2).contains(numbers.count), let first = numbers.first ?? nil,
        let last = numbers.last ?? nil, Files.kind(of: path) == .file
      else { return example }
      let text = String(decoding: try Files.contents(of: path), as: UTF8.self)
      let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      guard first >= 1, first <= last, last <= lines.count else {
        throw Complaint("\(visible(path)) has \(lines.count) lines; name one of them")
      }
      return lines[first - 1...last - 1].joined(separator: "\n")
    }

    /// The first words in a-z.
    private static func id(of example: RuleExample) -> String {
      let form = LineForm(example.lines.first ?? "")
      let words = form.pieces.filter(\.isFixed).flatMap { piece in
        piece.text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
      }
      let id = words.prefix(4).joined(separator: "-")
      return id.isEmpty ? "new-rule" : id
    }
  }

  /// Category and language by the words of the built-in rules' examples.
  private struct Guess {
    var category = WinnowRules.Category.chrome
    var language = "any"

    init(_ text: String, among examples: [RuleTable.Examples]) {
      func words(_ text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter }.map(String.init))
      }
      let wanted = words(text)
      var languages: [String: Set<String>] = [:]
      var count: [String: Int] = [:]
      var known: [(name: [Substring], words: Set<String>)] = []
      for rule in examples where !rule.rule.hasPrefix("sites/") {
        let name = rule.rule.split(separator: "/")
        for example in rule.removes + rule.keeps {
          for word in words(example.text).intersection(wanted) {
            languages[word, default: []].insert(String(name[0]))
          }
        }
        for example in rule.removes {
          let words = words(example.text)
          for word in words.intersection(wanted) { count[word, default: 0] += 1 }
          known.append((name, words))
        }
      }
      // Each word speaks for the languages that have it, the less the more there are.
      var votes: [String: Double] = [:]
      for (_, found) in languages.sorted(by: { $0.key < $1.key }) {
        for language in found { votes[language, default: 0] += 1 / Double(found.count) }
      }
      votes["any"] = nil
      let order = votes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      if let first = order.first, first.value >= 1,
        first.value >= 1.3 * (order.dropFirst().first?.value ?? 0)
      {
        language = first.key
      }
      var best = 0.0
      for (name, words) in known where [language, "any"].contains(String(name[0])) {
        let shared = words.intersection(wanted).sorted()
        let score =
          shared.reduce(0.0) { $0 + 1 / Double(1 + (count[$1] ?? 0)) } / Double(4 + words.count)
        guard score > best, name.count == 3,
          let found = WinnowRules.Category(rawValue: String(name[1]))
        else { continue }
        (best, category) = (score, found)
      }
    }
  }
}
