// The YAML dialect: what a pack may say, and what is said of each mistake, with its place.
import Testing
import WinnowRules

@testable import WinnowPacks

/// The problems of a pack, as people read them, less the file's name.
private func problems(_ yaml: String) -> [String] {
  PackReader(name: "en/test", file: "test.yaml").read(yaml).problems.map {
    String($0.description.dropFirst("test.yaml:".count))
  }
}

/// A pack of one rule without faults, from which a test changes one thing.
private func pack(
  head: String = "language: en\ncategory: promo\n", id: String = "tags",
  summary: String? = "Tags.", confidence: String? = "high",
  kind: String = "    line:\n      starts_with: |\n        Tags:\n", more: String = "",
  removes: String? = "\"⟦Tags: ferries⟧\"", keeps: String? = "\"Price tags\""
) -> String {
  let fields = [
    ("summary", summary), ("confidence", confidence), ("removes", removes), ("keeps", keeps),
  ]
  return head + "rules:\n  - id: \(id)\n"
    + fields.prefix(2).compactMap { name, value in value.map { "    \(name): \($0)\n" } }.joined()
    + kind + more
    + fields.suffix(2).compactMap { name, value in value.map { "    \(name): \($0)\n" } }.joined()
}

@Suite struct PackReaderTests {
  @Test("The whole dialect")
  func dialect() throws {
    let reading = PackReader(name: "en/test", file: "Patterns/en/test.yaml").read(
      """
      # Everything a pack can say.
      language: en
      category: promo
      sites: [bbc.com, bbc.co.uk]
      define:
        day: |
          monday | tuesday
        days: |
          (?&day) (?: \\h and \\h (?&day) )?
      rules:
        - id: all-of-a-line
          summary: "A summary: with a colon."
          category: signup
          confidence: medium
          line:
            equals: |
              Don’t miss
              Sign up
            starts_with: "Sign"
            ends_with: 'up'
            contains: |
              up
            regex: |
              ^ sign \\h up \\h on \\h (?&days)
            unless:
              contains: |
                said
              regex: "[?]$"
          where:
            position: tail
            min_words: 2
            max_words: 12
            after: removed
            before: removed
            after_blank_line: true
          requires: |
            sign up
          max_len: 80
          sites: apnews.com
          not_sites:
            - cnn.com
          removes:
            - |
              ⟦Sign up⟧
              It rained.
            - "⟦Sign⟧ up"
          keeps: "Sign here"
          gaps:
            - "⟦Sign-up⟧"
        - id: span
          summary: A span.
          confidence: low
          span:
            regex: "photo: .{1,40}"
          removes: "A pier⟦photo: AP⟧"
          keeps: "A photo"
        - id: block
          summary: A block.
          confidence: high
          block:
            start:
              equals: "Most read"
            continue:
              regex: "^ [0-9]"
            end:
              equals: "Close"
            max_lines: 12
          removes: "⟦Most read⟧"
          keeps: "Most read it"
        - id: block-of-six
          summary: A block.
          confidence: high
          block:
            start: { equals: "Most read" }
            end: { equals: "Close" }
          removes: "⟦Most read⟧"
          keeps: "Most read it"
        - id: signal
          summary: A signal.
          confidence: high
          signal:
            contains: "subscribe"
          removes: "⟦subscribe⟧"
          keeps: "They paid"
      """)
    #expect(reading.problems == [])
    let pack = try #require(reading.pack)
    #expect(pack.language == "en")
    #expect(
      pack.rules.map(\.name) == [
        "en/test/all-of-a-line", "en/test/span", "en/test/block", "en/test/block-of-six",
        "en/test/signal",
      ])
    #expect(pack.rules.map(\.kind.name) == ["line", "span", "block", "block", "signal"])
    let rule = pack.rules[0]
    #expect(rule.summary == "A summary: with a colon.")
    #expect(rule.category == .signup)
    #expect(rule.confidence == .medium)
    #expect(rule.place == Place(file: "Patterns/en/test.yaml", line: 11, column: 5))
    #expect(rule.leadMatcher.equals == ["Don't miss", "Sign up"])
    #expect(rule.leadMatcher.startsWith == ["Sign"])
    #expect(rule.leadMatcher.endsWith == ["up"])
    #expect(rule.leadMatcher.contains == ["up"])
    #expect(rule.leadMatcher.regex == "^ sign \\h up \\h on \\h (?&days)\n")
    #expect(
      rule.leadMatcher.definitions
        == "(?(DEFINE)(?<day>monday | tuesday\n\n)(?<days>(?&day) (?: \\h and \\h (?&day) )?\n\n))")
    #expect(rule.leadMatcher.unless.map(\.contains) == [["said"]])
    #expect(rule.leadMatcher.unless.map(\.regex) == ["[?]$"])
    #expect(rule.conditions.position == .tail)
    #expect(rule.conditions.minWords == 2)
    #expect(rule.conditions.maxWords == 12)
    #expect(rule.conditions.isAfterRemoved && rule.conditions.isBeforeRemoved)
    #expect(rule.conditions.isAfterBlankLine)
    #expect(rule.requires == ["sign up"])
    #expect(rule.maxLength == 80)
    #expect(rule.sites == ["apnews.com"])
    #expect(rule.notSites == ["cnn.com"])
    #expect(rule.removes.map(\.text) == ["⟦Sign up⟧\nIt rained.\n", "⟦Sign⟧ up"])
    #expect(rule.removes.map(\.place.line) == [43, 46])
    #expect(rule.keeps.map(\.text) == ["Sign here"])
    #expect(rule.gaps.map(\.text) == ["⟦Sign-up⟧"])
    #expect(pack.rules[1].category == .promo)
    #expect(pack.rules[1].sites == ["bbc.com", "bbc.co.uk"])
    guard case .block(let block) = pack.rules[2].kind, case .block(let other) = pack.rules[3].kind
    else { return }
    #expect(block.maxLines == 12)
    #expect(block.middle?.regex == "^ [0-9]")
    #expect(block.end?.equals == ["Close"])
    #expect(other.maxLines == 6)
    #expect(other.middle == nil)
  }

  @Test("The plain pack of these tests has no fault")
  func plain() {
    #expect(problems(pack()) == [])
  }

  static let faults: [(String, String)] = [
    (
      "",
      "1:1: the file is empty; start with `language:` and `rules:`"
    ),
    (
      "- a",
      "1:1: a pack is not a mapping; write `key: value` lines"
    ),
    (
      "just words",
      "1:1: a pack is not a mapping; write `key: value` lines"
    ),
    (
      "a: [1",
      "2:1: not YAML: did not find expected ',' or ']'; quote the value, or put it into a block scalar (`|`)"
    ),
    (
      "a:\n\t- b",
      "2:1: not YAML: found character that cannot start any token; quote the value, or put it into a block scalar (`|`)"
    ),
    (
      "language: en\nlanguage: de\nrules: []",
      "2:1: the key `language` stands twice; keep one of them"
    ),
    (
      "category: promo\nrules: []",
      "1:1: no `language`; add `language: en`, or `any` for rules without words"
    ),
    (
      "language: en",
      "1:1: no `rules`; add `rules:` with a list of rules"
    ),
    (
      "language: en\nrules: 3",
      "2:8: `rules` is not a list; start each rule with `- id: …`"
    ),
    (
      "language: en\nrules: []\nauthor: me",
      "3:1: a pack has no key `author`; one of category, define, language, rules, sites"
    ),
    (
      "language: en\nrules: []\nrule: []",
      "3:1: a pack has no key `rule`; did you mean `rules`?"
    ),
    (
      "language: en\ncategory: spam\nrules: []",
      "2:11: `category` cannot be `spam`; one of promo, signup, related, attribution, chrome"
    ),
    (
      "language: [en]\nrules: []",
      "1:11: `language` is not a text; quote it, or use a block scalar (`|`)"
    ),
    (
      "language: en us\nrules: []",
      "1:11: `language` has a blank in it; one word"
    ),
    (
      "language: en\ndefine: x\nrules: []",
      "2:9: `define` is not a mapping; write `name: |` and the pattern below it"
    ),
    (
      "language: en\ndefine:\n  a-b: |\n    x\nrules: []",
      "3:3: a definition's name has letters, digits and _ only; rename it"
    ),
    (
      "language: en\ndefine:\n  a: x\nrules: []",
      "3:6: `a` is not quoted; quote it, or use a block scalar (`|`)"
    ),
    (
      "language: en\ndefine:\n  a: |\n    (x\nrules: []",
      "4:5: missing closing parenthesis; mend the pattern"
    ),
    (
      "language: en\ndefine:\n  a: |\n    x(?&b)\n  b: |\n    y(?&a)\nrules: []",
      "3:6: `a` calls itself through `b`; write out one of the two"
    ),
    (
      pack(id: "Tags"),
      "4:9: `Tags` is not kebab-case; use a-z, 0-9 and single hyphens"
    ),
    (
      pack(id: "tags--x"),
      "4:9: `tags--x` is not kebab-case; use a-z, 0-9 and single hyphens"
    ),
    (
      pack(id: "a b"),
      "4:9: `id` has a blank in it; one word"
    ),
    (
      pack(id: "\"\""),
      "4:9: `id` is not a text; quote it, or use a block scalar (`|`)"
    ),
    (
      "language: en\nrules:\n  - summary: x",
      "3:5: a rule without `id`; name it: `id: kind-of-noise`"
    ),
    (
      "language: en\nrules:\n  - tags",
      "3:5: a rule is not a mapping; write `key: value` lines"
    ),
    (
      pack(summary: nil),
      "4:5: `tags` has no `summary`; say in one sentence what it removes"
    ),
    (
      pack(summary: "[a]"),
      "5:14: `summary` is not a text; quote it, or use a block scalar (`|`)"
    ),
    (
      pack(confidence: nil),
      "4:5: `tags` has no `confidence`; write high, medium or low"
    ),
    (
      pack(confidence: "sure"),
      "6:17: `confidence` cannot be `sure`; one of low, medium, high"
    ),
    (
      pack(head: "language: en\n"),
      "3:5: `tags` has no category; add `category:` to it or to the file: promo, signup, related, attribution, chrome"
    ),
    (
      pack(removes: nil),
      "4:5: `tags` has no `removes` example; add a text with ⟦ and ⟧ round exactly what should go"
    ),
    (
      pack(keeps: nil),
      "4:5: `tags` has no `keeps` example; add the nearest innocent text"
    ),
    (
      pack(kind: ""),
      "4:5: `tags` needs exactly one of line, span, block, signal (has none); keep one; make two rules of two"
    ),
    (
      pack(more: "    span:\n      contains: \"x\"\n"),
      "4:5: `tags` needs exactly one of line, span, block, signal (has line, span); keep one; make two rules of two"
    ),
    (
      pack(more: "    matches: \"x\"\n"),
      "10:5: a rule has no key `matches`; one of block, category, confidence, gaps, id, keeps, line, max_len, not_sites, removes, requires, signal, sites, span, summary, where"
    ),
    (
      pack(more: "    max_lenght: 3\n"),
      "10:5: a rule has no key `max_lenght`; one of block, category, confidence, gaps, id, keeps, line, max_len, not_sites, removes, requires, signal, sites, span, summary, where"
    ),
    (
      pack(kind: "    line: Tags\n"),
      "7:11: `line` is a bare value; say how it matches: equals, starts_with, ends_with, contains or regex"
    ),
    (
      pack(kind: "    line:\n      start_with: \"Tags\"\n"),
      "8:7: `line` has no key `start_with`; did you mean `starts_with`?"
    ),
    (
      pack(kind: "    line:\n      starts_with: Tags\n"),
      "8:20: `starts_with` is not quoted; quote it, or use a block scalar (`|`)"
    ),
    (
      pack(kind: "    line:\n      starts_with: Read more: Five\n"),
      "8:29: not YAML: mapping values are not allowed in this context; quote the value, or put it into a block scalar (`|`)"
    ),
    (
      pack(kind: "    line:\n      starts_with:\n        Read more: Five\n"),
      "9:9: `starts_with` holds a mapping or list: YAML took a `: ` or `- ` in it for its own; quote it, or use a block scalar (`|`)"
    ),
    (
      pack(kind: "    line:\n      starts_with:\n        - \"Tags\"\n"),
      "9:9: `starts_with` holds a mapping or list: YAML took a `: ` or `- ` in it for its own; quote it, or use a block scalar (`|`)"
    ),
    (
      pack(kind: "    line:\n      starts_with: \"\"\n"),
      "8:20: `starts_with` is empty; fill it, or leave the key out"
    ),
    (
      pack(kind: "    line:\n      unless:\n        contains: \"x\"\n"),
      "8:7: `line` matches nothing; add equals, starts_with, ends_with, contains or regex"
    ),
    (
      pack(
        kind:
          "    line:\n      contains: \"tags\"\n      unless:\n        contains: \"x\"\n        unless:\n          contains: \"y\"\n"
      ),
      "11:9: `unless` has no key `unless`; one of contains, ends_with, equals, regex, starts_with"
    ),
    (
      pack(kind: "    span:\n      equals: \"Tags\"\n"),
      "8:7: a span cannot `equals` a line; make it a `line` rule"
    ),
    (
      pack(kind: "    line:\n      regex: |\n        ^ tags (\n"),
      "9:16: missing closing parenthesis; mend the pattern"
    ),
    (
      pack(kind: "    line:\n      regex: |\n        ^ tags \\h\n        [z-a]\n"),
      "10:12: range out of order in character class; mend the pattern"
    ),
    (
      pack(kind: "    line:\n      regex: \"tags\\\\K\"\n"),
      #"8:15: \K is not for packs: use a lookbehind, or a span rule; mend the pattern"#
    ),
    (
      pack(kind: "    line:\n      regex: |\n        (a+)+tags\n"),
      "9:9: an unbounded repeat inside an unbounded repeat can take forever: bound one of them, as in {1,40}; mend the pattern"
    ),
    (
      pack(kind: "    line:\n      regex: |\n        tags (?&net)\n"),
      "8:14: `(?&net)` is not defined in this file; add it under `define:`, or write the pattern out"
    ),
    (
      pack(kind: "    line:\n      regex: |\n        (?<a>x(?&a)?)y\n"),
      "8:14: `(?&a)` is not defined in this file; add it under `define:`, or write the pattern out"
    ),
    (
      pack(kind: "    line:\n      regex: |\n        price tags\n"),
      #"9:14: warning: a blank between letters matches nothing; write \h for a space"#
    ),
    (
      pack(kind: "    line:\n      regex: |\n        tags#x\n"),
      ##"9:13: warning: an unescaped # starts a comment; write \#"##
    ),
    (
      pack(kind: "    line:\n      regex: |\n        ^ \\d $\n"),
      "4:5: warning: `tags` is tried on every line: it has no gate; add `requires:` with a literal of 3 letters that every match holds, or `max_len:` up to 64"
    ),
    (
      pack(kind: "    line:\n      equals: |\n        Tags\n        Tags\n"),
      #"8:15: warning: `equals` lists "Tags" twice; keep one"#
    ),
    (
      pack(kind: "    block:\n      end:\n        equals: \"x\"\n"),
      "8:7: a block without `start`; say what its first line looks like"
    ),
    (
      pack(kind: "    block:\n      start:\n        equals: \"x\"\n"),
      "8:7: a block without `end` or `continue`; say how it ends, or make it a `line` rule"
    ),
    (
      pack(
        kind:
          "    block:\n      start:\n        equals: \"x\"\n      end:\n        equals: \"y\"\n      max_lines: 1\n"
      ),
      "12:18: `max_lines` is not a number from 2 to 60; write one"
    ),
    (
      pack(kind: "    block: x\n"),
      "7:12: a block is not a mapping; write `key: value` lines"
    ),
    (
      pack(
        kind:
          "    block:\n      start:\n        equals: \"x\"\n      end:\n        equals: \"y\"\n      begin: 1\n"
      ),
      "12:7: a block has no key `begin`; one of continue, end, max_lines, start"
    ),
    (
      pack(more: "    max_len: 0\n"),
      "10:14: `max_len` is not a number from 1 to 8192; write one"
    ),
    (
      pack(more: "    max_len: many\n"),
      "10:14: `max_len` is not a number from 1 to 8192; write one"
    ),
    (
      pack(more: "    max_len: 9000\n"),
      "10:14: `max_len` is not a number from 1 to 8192; write one"
    ),
    (
      pack(more: "    requires: tags\n"),
      "10:15: `requires` is not quoted; quote it, or use a block scalar (`|`)"
    ),
    (
      pack(more: "    where: head\n"),
      "10:12: `where` is not a mapping; write `key: value` lines"
    ),
    (
      pack(more: "    where:\n      position: top\n"),
      "11:17: `position` cannot be `top`; one of head, body, tail"
    ),
    (
      pack(more: "    where:\n      after: kept\n"),
      "11:14: `after` is only ever `removed`; write `after: removed`, or leave it out"
    ),
    (
      pack(more: "    where:\n      before: true\n"),
      "11:15: `before` is only ever `removed`; write `before: removed`, or leave it out"
    ),
    (
      pack(more: "    where:\n      after_blank_line: false\n"),
      "11:25: `after_blank_line` is only ever true; write true, or leave it out"
    ),
    (
      pack(more: "    where:\n      max_words: 0\n"),
      "11:18: `max_words` is not a number from 1 to 1000; write one"
    ),
    (
      pack(more: "    where:\n      min_word: 2\n"),
      "11:7: `where` has no key `min_word`; did you mean `min_words`?"
    ),
    (
      pack(more: "    sites: [\"a b\"]\n"),
      "10:13: `sites` has a blank in it; one word"
    ),
    (
      pack(removes: "Tags"),
      "10:14: `removes` is not quoted; quote it, or use a block scalar (`|`)"
    ),
    (
      pack(removes: "\"Tags\""),
      "10:14: no ⟦…⟧ in this `removes` example; enclose exactly what should go"
    ),
    (
      pack(removes: "\"⟦Tags\""),
      "10:14: ⟦ and ⟧ do not pair up in this example; close each bracket"
    ),
    (
      pack(removes: "\"⟧Tags⟦\""),
      "10:14: ⟦ and ⟧ do not pair up in this example; close each bracket"
    ),
    (
      pack(removes: "\"⟦⟦Tags⟧⟧\""),
      "10:14: ⟦ and ⟧ do not pair up in this example; close each bracket"
    ),
    (
      pack(removes: "\"⟦⟧Tags\""),
      "10:14: ⟦ and ⟧ do not pair up in this example; close each bracket"
    ),
    (
      pack(removes: "[a: b]"),
      "10:15: `removes` holds a mapping or list: YAML took a `: ` or `- ` in it for its own; quote it, or use a block scalar (`|`)"
    ),
    (
      pack(keeps: "\"⟦Price tags⟧\""),
      "11:12: ⟦…⟧ in a `keeps` example; nothing goes there: move it to `removes`"
    ),
    (
      pack(keeps: "no"),
      "11:12: `keeps` is not quoted; quote it, or use a block scalar (`|`)"
    ),
    (
      pack(keeps: "\" \""),
      "11:12: `keeps` is empty; fill it, or leave the key out"
    ),
    (
      pack(more: "    gaps: \"Tags\"\n"),
      "10:11: no ⟦…⟧ in this `gaps` example; enclose exactly what should go"
    ),
    (
      pack()
        + pack().split(separator: "\n", omittingEmptySubsequences: false).dropFirst(3).joined(
          separator: "\n"),
      "12:5: the id `tags` is taken (test.yaml:4:5); give this rule its own id"
    ),
    (
      pack(more: "    summary: again\n"),
      "10:5: the key `summary` stands twice; keep one of them"
    ),
    (
      "language: en\nrules: &r\n  - *r\n",
      "3:5: not YAML: found undefined alias; quote the value, or put it into a block scalar (`|`)"
    ),
    (
      "---\nlanguage: en\nrules: []\n---\na: b\n",
      "4:1: not YAML: but found another document; quote the value, or put it into a block scalar (`|`)"
    ),
  ]

  @Test("A mistake is named once, with its place and the way out", arguments: faults)
  func fault(yaml: String, message: String) {
    #expect(problems(yaml) == [message])
  }

  @Test("Every mistake of a file is named, in the order of the file")
  func allProblems() {
    let yaml = """
      language: en
      author: me
      rules:
        - id: Tags
          confidence: sure
          line: Tags
      """
    #expect(
      problems(yaml).map { $0.prefix { $0 != " " } } == [
        "2:1:", "4:5:", "4:5:", "4:9:", "5:17:", "6:11:",
      ])
  }

  @Test("With an error there is no pack; with a warning there is")
  func severity() {
    let reader = PackReader(name: "en/test", file: "test.yaml")
    #expect(reader.read(pack(confidence: "sure")).pack == nil)
    let warned = reader.read(pack(kind: "    line:\n      regex: |\n        ^ \\d $\n"))
    #expect(warned.errors == [])
    #expect(warned.problems.count == 1)
    #expect(warned.pack?.rules.count == 1)
  }
}
