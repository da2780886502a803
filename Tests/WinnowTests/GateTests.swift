// Gates: the literal that lets most lines pass without a try. A gate may let a line through in
// vain; it may never keep one out.
import PCRE2
import Testing

@testable import Winnow
@testable import WinnowRules

@Suite struct GateTests {
  @Test(
    "A pattern's gate",
    arguments: [
      // The text that every match holds.
      (#"\b sign \h up \b"#, "contains: sign up"),
      (
        #"follow \h us \h on \h (?:facebook|twitter)"#,
        "contains: follow us on facebook | follow us on twitter"
      ),
      (#"read .{0,20} newsletter"#, "contains: newsletter"),
      (#"\d+ \h comments?"#, "contains:  comment |  comments"),
      (#"(?:share|send) \h? this"#, "contains: send this | sendthis | share this | sharethis"),
      (#"[©®] \h \d{4}"#, "contains: ©  | ® "),
      (#"\Qwww.a+b.com\E"#, "contains: www.a+b.com"),
      ("ÜBER \\h UNS", "contains: über uns"),
      (#"(?<word>cookies)"#, "contains: cookies"),
      (#"(?: cookie ){2}"#, "contains: cookie"),
      (#"cookie # a comment: newsletter"#, "contains: cookie"),
      (#"(?-x:a b) cookie"#, "contains: a bcookie"),
      (#"\x{A9} reuters"#, "contains: ©reuters"),
      // The start of the line.
      (#"^ tags \h? :"#, "start: tags : | tags:"),
      (#"^ (?:tags|topics) :"#, "start: tags: | topics:"),
      (#"^ in \h by \h \p{Lu}"#, "start: in by "),
      (#"^tags|^topics"#, "start: tags | topics"),
      (#"(?=.{5,40}$) ^ advert"#, "start: advert"),
      // A short start is worth less than a long literal.
      (#"^ by \h .{1,40} staff \h writer"#, "contains: staff writer"),
      // Nothing is known.
      (#"^ \d+ $"#, "none"),
      (#"^tags|topics?"#, "contains: tags | topic | topics"),
      (#"tags | \d+"#, "none"),
      (#"(?:newsletter)? .{3}"#, "none"),
      (#"(?:newsletter){0,3} !"#, "none"),
      (#"^ [a-z]+ $"#, "none"),
      (#"at"#, "none"),
      (#"(?!newsletter) \w+"#, "none"),
    ])
  func gate(source: String, expected: String) {
    #expect(Rule.test(.line(.regex(source))).gate.text == expected)
  }

  @Test("Phrases make the gate, whatever the pattern says")
  func phrases() {
    var matcher = LineMatcher.regex("newsletter")
    matcher.equals = ["Sign Up", "Sign in"]
    #expect(Rule.test(.line(matcher)).gate.text == "equals: sign in | sign up")
    #expect(Rule.test(.line(.startsWith("Ad"))).gate.text == "start: ad")
    #expect(Rule.test(.line(.endsWith("Close"))).gate.text == "end: close")
    #expect(Rule.test(.line(.contains("Most Read"))).gate.text == "contains: most read")
    #expect(Rule.test(.line(.contains("ad"))).gate.text == "none")
  }

  @Test("`requires` and `max_len` stand in where nothing can be derived")
  func given() {
    let pattern = Rule.Kind.line(.regex(#"^ \d+ .{0,20} $"#))
    #expect(Rule.test(pattern) { $0.requires = ["Views"] }.gate.text == "contains: views")
    #expect(Rule.test(pattern) { $0.maxLength = 64 }.gate.text == "length 64")
    #expect(Rule.test(pattern) { $0.maxLength = 65 }.gate.text == "none")
  }

  @Test("A block's gate is that of its start")
  func block() {
    let block = BlockMatcher(
      start: .equals("Most read"), middle: nil, end: .contains("newsletter"), maxLines: 4)
    #expect(Rule.test(.block(block)).gate.text == "equals: most read")
  }

  @Test("A called definition gives its literals")
  func definitions() throws {
    var rule = Rule.test(.line(.regex(#"on \h (?&net)"#)))
    rule.deriveGate(definitions: ["net": try PatternSyntax(parsing: "facebook|twitter")])
    #expect(rule.gate.text == "contains: on facebook | on twitter")
  }
}

extension Gate {
  fileprivate var text: String {
    func list(_ literals: [[UInt8]]) -> String {
      literals.map { String(decoding: $0, as: UTF8.self) }.sorted().joined(separator: " | ")
    }
    return switch self {
    case .equals(let literals): "equals: \(list(literals))"
    case .lineStart(let literals): "start: \(list(literals))"
    case .lineEnd(let literals): "end: \(list(literals))"
    case .contains(let literals): "contains: \(list(literals))"
    case .length(let most): "length \(most)"
    case .none: "none"
    }
  }
}

/// Gated and ungated rules must find the same.
@Suite struct GateProofTests {
  /// What a rule set finds: rule, first and last line, bytes.
  private func findings(_ text: [UInt8], _ worker: Worker) -> Set<[Int]> {
    text.withUnsafeBufferPointer { _ = worker.removals(in: $0) }
    let finder = worker.finder
    return Set(
      [finder.findings.view, finder.pending.view, finder.signals.view].joined().map {
        [Int($0.rule), Int($0.firstLine), Int($0.lastLine), $0.start, $0.end]
      })
  }

  private static let gatedRules = RuleSet(selection: .all)
  private static let ungatedRules = RuleSet(selection: .all, isGated: false)

  @Test("On every article of the corpus", arguments: Corpus.articles)
  func corpus(article: Corpus.Article) {
    let gated = findings(article.text, Worker(rules: Self.gatedRules))
    let ungated = findings(article.text, Worker(rules: Self.ungatedRules))
    for finding in gated.symmetricDifference(ungated).sorted(by: { $0[1] < $1[1] }) {
      let name = Self.gatedRules.describe(finding[0]).name
      let how = gated.contains(finding) ? "only with its gate" : "only without its gate"
      Issue.record("\(article.path):\(finding[1] + 1): \(name) finds it \(how)")
    }
  }

  @Test("On the examples of every built-in rule, and on the line of each on which it is tried")
  func examples() {
    let rules = RuleSource.builtInRules()
    for rule in rules {
      var selection = Selection.all
      selection.site = rule.sites.first
      let source = RuleSource(rules: [rule], isTrusted: true)
      let gated = Worker(rules: RuleSet([source], selection: selection))
      let ungated = Worker(rules: RuleSet([source], selection: selection, isGated: false))
      for example in rule.removes + rule.keeps + rule.gaps {
        let text = Array(example.text.filter { $0 != "⟦" && $0 != "⟧" }.utf8)
        #expect(
          findings(text, gated) == findings(text, ungated), "\(rule.name): \(rule.gate.text)",
          sourceLocation: example.place.sourceLocation)
      }
    }
  }

  /// Pieces of patterns, and pieces of text on which they may match.
  private static let atoms = [
    "cook", "ies", "a", "é", "[ab]", "[^a]", #"\h"#, #"\d"#, #"\w"#, ".", "(?:cook|read)",
    "(?:ies|)", "(?<n>sub)", "(?=cook)", "(?!a)", #"\b"#, "^", "$", "(?i:READ)", #"\Qies\E"#,
    "(?:^cook|more)", #"\x{63}ook"#, "[[:alpha:]]", #"\p{L}"#, "(?-x: a)", "(?:a|b\\h?)",
  ]
  private static let repeats = [
    "", "", "", "", "?", "*", "+", "{2}", "{0,2}", "{1,3}", "??", "*+", "{,2}",
  ]
  private static let words = [
    "cook", "ies", "cookies", "READ", "read", "a", "b", "é", "É", " ", "1", "sub", "more", ".",
    "a,2", "{,2}", "x",
  ]

  @Test("On patterns and lines made from a seed")
  func madeFromSeeds() {
    var random = SplitMix(seed: 7)
    var tried = 0
    while tried < 700 {
      var source = ""
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        source +=
          random.pick(Self.atoms) + random.pick(Self.repeats) + (random.chance(8) ? "|" : " ")
      }
      guard (try? Pattern(source)) != nil else { continue }
      tried += 1
      let rule = Rule.test(.line(.regex(source)))
      let rules = [RuleSource(rules: [rule], isTrusted: true)]
      let gated = Worker(rules: RuleSet(rules, selection: .all))
      let ungated = Worker(rules: RuleSet(rules, selection: .all, isGated: false))
      var text = ""
      for _ in 0..<20 {
        for _ in 0..<Int.random(in: 1...6, using: &random) { text += random.pick(Self.words) }
        text += "\n"
      }
      #expect(
        findings(Array(text.utf8), gated) == findings(Array(text.utf8), ungated),
        "\(source) has the gate \(rule.gate.text) on \(text)")
    }
  }

  @Test(
    "What PCRE2's versions or our parser would read otherwise is refused",
    arguments: [#"\N{U+A9} \h reuters"#, "cookies(?#plural)?!", "newsletters{,5}", "x{ 2, 5 }"])
  func refused(source: String) {
    #expect(PatternSyntax.refusal(of: source) != nil)
  }

  @Test(
    "Rare ways to write a character or a repeat do not fool the gate",
    arguments: [
      (#"\o{251} \h reuters"#, "© Reuters"), (#"\x{A9} \h reuters"#, "© Reuters"),
      (#"\Qcookies\E?!"#, "cookie!"), (#"größe:"#, "GRÖẞE:"),
    ])
  func rareSyntax(source: String, line: String) throws {
    let rule = Rule.test(.line(.regex(source)))
    let rules = [RuleSource(rules: [rule])]
    let text = Array(line.utf8)
    let found = findings(text, Worker(rules: RuleSet(rules, selection: .all, isGated: false)))
    try #require(!found.isEmpty, "the pattern does not match at all")
    #expect(findings(text, Worker(rules: RuleSet(rules, selection: .all))) == found)
  }
}
