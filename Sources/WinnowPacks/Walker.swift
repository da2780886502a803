// Goes over the nodes of a YAML file: values in, problems with their places out.
//
// It goes over Yams' nodes itself, because each node has its line and column, and because every
// unknown, missing or mistyped key must be a problem with a place.
internal import PCRE2
internal import WinnowRules
internal import Yams

struct Walker {
  /// The pack's name; empty for a configuration.
  let name: String
  let file: String
  let isBuiltIn: Bool
  let text: String
  let lines: [Substring]
  var problems: [Problem] = []
  /// Whether something was left out because YAML cannot read it.
  private(set) var isBroken = false

  var definitions: [String: String] = [:]
  var syntaxes: [String: PatternSyntax] = [:]
  /// The definitions that some pattern calls.
  var called: Set<String> = []
  /// The patterns of the rule that is read.
  var patterns: [(node: Node, source: String, definitions: String)] = []
  var isThorough = false
  var soundRules: [Rule] = []

  var errorCount: Int { problems.count { $0.severity == .error } }

  init(name: String = "", file: String, isBuiltIn: Bool = false, text: String) {
    self.name = name
    self.file = file
    self.isBuiltIn = isBuiltIn
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  // MARK: YAML

  /// The file's root. Where YAML itself is broken, the item it is broken in is left out, so that
  /// the rest is looked at all the same.
  mutating func composed() -> Node? {
    var rest = lines.map(String.init)
    for _ in 0..<Self.mostBreaks {
      do {
        if let node = try Yams.compose(yaml: rest.joined(separator: "\n")) { return node }
        guard !isBroken else { return nil }
        problems.append(
          Problem(
            at: Place(file: file, line: 1, column: 1), "the file is empty",
            remedy: "start with `language:` and `rules:`"))
        return nil
      } catch let error as YamlError {
        isBroken = true
        guard leaveOut(error, from: &rest) else { return nil }
      } catch {
        let place = Place(file: file, line: 1, column: 1)
        problems.append(
          Problem(.yaml, at: place, "not YAML: \(error)", remedy: "mend the file"))
        return nil
      }
    }
    return nil
  }

  private static let mostBreaks = 100

  /// Says what is wrong and empties the lines it is in; false when there is nothing to empty.
  private mutating func leaveOut(_ error: YamlError, from rest: inout [String]) -> Bool {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      // A quote that is never closed is found at the end of the file, but stands before it.
      let isQuote = context?.text.contains("quoted scalar") == true
      let at = isQuote ? context?.mark ?? mark : mark
      problems.append(
        Problem(
          .yaml, at: place(at), isQuote ? "a quote is never closed" : "not YAML: \(problem)",
          remedy: isQuote ? "close it" : "quote the value, or put it into a block scalar (`|`)"))
      guard let item = item(around: at.line - 1, in: rest) else { return false }
      for line in item { rest[line] = "" }
      return true
    case .duplicatedKeysInMapping(let duplicates, let context):
      let key = duplicates.first ?? "?"
      let (first, indent) = (context.mark.line - 1, context.mark.column - 1)
      let second = rest.indices.first {
        $0 > first && rest[$0].prefix { $0 == " " }.count == indent
          && rest[$0].dropFirst(indent).hasPrefix("\(key):")
      }
      let line = second ?? first
      problems.append(
        Problem(
          .yaml, at: Place(file: file, line: line + 1, column: indent + 1),
          "the key `\(key)` stands twice", remedy: "keep one of them"))
      guard second != nil else { return false }
      rest[line] = ""
      for below in rest.indices where below > line {
        guard
          rest[below].allSatisfy({ $0 == " " })
            || rest[below].prefix(while: { $0 == " " }).count > indent
        else { break }
        rest[below] = ""
      }
      return true
    default:
      let place = Place(file: file, line: 1, column: 1)
      problems.append(Problem(.yaml, at: place, "not YAML: \(error)", remedy: "mend the file"))
      return false
    }
  }

  /// The lines of the item of `rules` that `line` is in.
  private func item(around line: Int, in rest: [String]) -> Range<Int>? {
    guard let list = rest.firstIndex(where: { $0.hasPrefix("rules:") }),
      let first = rest.indices.first(where: { $0 > list && !rest[$0].allSatisfy { $0 == " " } }),
      rest[first].drop(while: { $0 == " " }).hasPrefix("- ")
    else { return nil }
    let mark = rest[first].prefix { $0 == " " } + "- "
    let starts = rest.indices.filter { $0 > list && rest[$0].hasPrefix(mark) }
    guard let start = starts.last(where: { $0 <= line }) else { return nil }
    return start..<(starts.first { $0 > line } ?? rest.count)
  }

  // MARK: Values

  mutating func mapping(
    _ node: Node, _ what: String, allowed: Set<String>
  ) -> [String: Node]? {
    guard case .mapping(let entries) = node else {
      problem(node, "\(what) is not a mapping", "write `key: value` lines")
      return nil
    }
    var fields: [String: Node] = [:]
    var meant: [(String, Node)] = []
    for (key, value) in entries {
      guard let name = key.string, allowed.contains(name) else {
        let name = key.string ?? "?"
        let near = nearest(name, allowed)
        problem(
          .key, key, "\(what) has no key `\(name)`",
          near.map { "did you mean `\($0)`?" } ?? "one of \(Self.list(allowed.sorted()))")
        if let near { meant.append((near, value)) }
        continue
      }
      fields[name] = value
    }
    // A key that is only misspelt is not missing, too.
    for (name, value) in meant where fields[name] == nil { fields[name] = value }
    return fields
  }

  mutating func string(_ node: Node, _ key: String) -> String? {
    if let text = node.string, !text.isEmpty { return text }
    let remedy = "quote it, or use a block scalar (`|`)"
    problem(node, "`\(key)` is not a text", remedy)
    return nil
  }

  mutating func word(_ node: Node, _ key: String) -> String? {
    guard let text = string(node, key) else { return nil }
    guard !text.contains(where: \.isWhitespace) else {
      problem(node, "`\(key)` has a blank in it", "one word")
      return nil
    }
    return text
  }

  mutating func words(_ node: Node, _ key: String) -> [String] {
    if case .sequence(let items) = node { return items.compactMap { word($0, key) } }
    return word(node, key).map { [$0] } ?? []
  }

  /// `en`, `pt-BR` or `any`.
  mutating func language(_ node: Node) -> String? {
    guard let text = word(node, "language") else { return nil }
    let first = text.prefix { $0 != "-" }
    if text == "any" || (2...3).contains(first.utf8.count), first.utf8.allSatisfy(isLetter) {
      return text
    }
    problem(node, "`\(text)` is not a language code", "write one such as `en`, or `any`")
    return nil
  }

  /// `bbc.co.uk`: what `--site` is compared with.
  mutating func domains(_ node: Node, _ key: String) -> [String] {
    let nodes: [Node] = if case .sequence(let items) = node { Array(items) } else { [node] }
    return nodes.compactMap { item in
      guard let text = word(item, key) else { return nil }
      let isDomain =
        text.utf8.allSatisfy {
          isLetter($0) || isDigit($0) || $0 == 0x2D || $0 == 0x2E || $0 >= 0x80
        }
        && text.lowercased() == text && !text.hasPrefix(".") && !text.hasSuffix(".")
      if isDomain { return text }
      problem(
        item, "`\(text)` is not a domain",
        "write it without scheme, path and capitals: `example.org`")
      return nil
    }
  }

  mutating func number(_ node: Node, _ key: String, _ range: ClosedRange<Int>) -> Int? {
    if let value = node.string.flatMap({ Int($0) }), range.contains(value) { return value }
    problem(
      node, "`\(key)` is not a number from \(range.lowerBound) to \(range.upperBound)",
      "write one")
    return nil
  }

  mutating func category(_ node: Node) -> Category? {
    choice(node, "category", Category.self)
  }

  mutating func choice<T: RawRepresentable & CaseIterable>(
    _ node: Node, _ key: String, _ type: T.Type
  ) -> T? where T.RawValue == String {
    if let value = node.string.flatMap({ T(rawValue: $0) }) { return value }
    problem(
      node, "`\(key)` cannot be `\(node.string ?? "…")`",
      "one of \(Self.list(type.allCases.map(\.rawValue)))")
    return nil
  }

  /// A block scalar or quoted string: a plain one loses ` #`, `: ` and leading signs.
  mutating func prose(_ node: Node, _ key: String) -> String? {
    guard case .scalar(let scalar) = node else {
      problem(
        node, "`\(key)` holds a mapping or list: YAML took a `: ` or `- ` in it for its own",
        "quote it, or use a block scalar (`|`)")
      return nil
    }
    guard scalar.style != .plain, scalar.style != .any else {
      problem(.yaml, node, "`\(key)` is not quoted", "quote it, or use a block scalar (`|`)")
      return nil
    }
    guard scalar.string.contains(where: { !$0.isWhitespace }) else {
      problem(node, "`\(key)` is empty", "fill it, or leave the key out")
      return nil
    }
    return scalar.string
  }

  mutating func patternText(_ node: Node, _ key: String) -> String? {
    prose(node, key)
  }

  /// One phrase a line, in the folded spelling.
  mutating func phrases(_ node: Node, _ key: String) -> [String] {
    guard let text = prose(node, key) else { return [] }
    var phrases: [String] = []
    for line in text.split(separator: "\n") {
      let phrase = FoldedText.folding(String(line))
      guard !phrase.isEmpty else { continue }
      if phrases.contains(phrase) {
        problem(.duplicate, .warning, node, "`\(key)` lists \"\(phrase)\" twice", "keep one")
      } else {
        phrases.append(phrase)
      }
    }
    return phrases
  }

  mutating func examples(_ node: Node, _ key: String, mustBracket: Bool) -> [Rule.Example] {
    let nodes: [Node] = if case .sequence(let items) = node { Array(items) } else { [node] }
    var examples: [Rule.Example] = []
    for item in nodes {
      guard let text = prose(item, key) else { continue }
      let opened = text.count { $0 == "⟦" }
      if !bracketsPair(text) {
        problem(.example, item, "⟦ and ⟧ do not pair up in this example", "close each bracket")
      } else if mustBracket, opened == 0 {
        problem(.example, item, "no ⟦…⟧ in this `\(key)` example", "enclose exactly what should go")
      } else if !mustBracket, opened > 0 {
        problem(
          .example, item, "⟦…⟧ in a `keeps` example", "nothing goes there: move it to `removes`")
      }
      examples.append(Rule.Example(text: text, place: place(of: item)))
    }
    return examples
  }

  /// Whether each ⟦ is followed by text and its ⟧.
  func bracketsPair(_ text: String) -> Bool {
    var open: Bool?
    for character in text {
      switch character {
      case "⟦":
        guard open == nil else { return false }
        open = false
      case "⟧":
        guard open == true else { return false }
        open = nil
      default:
        if open != nil, !character.isWhitespace { open = true }
      }
    }
    return open == nil
  }

  // MARK: Places

  func place(_ mark: Mark?) -> Place {
    Place(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  func place(of node: Node) -> Place { place(node.mark) }

  mutating func problem(_ node: Node, _ message: String, _ remedy: String) {
    problem(.value, .error, node, message, remedy)
  }

  mutating func problem(
    _ code: Problem.Code, _ node: Node, _ message: String, _ remedy: String
  ) {
    problem(code, .error, node, message, remedy)
  }

  mutating func problem(
    _ code: Problem.Code, _ severity: Problem.Severity, _ node: Node, _ message: String,
    _ remedy: String
  ) {
    problems.append(Problem(code, severity, at: place(of: node), message, remedy: remedy))
  }

  mutating func problem(_ node: Node, _ error: PatternError, in source: String) {
    problem(.pattern, .error, node, at: error.offset, in: source, error.message, "mend the pattern")
  }

  /// A problem at a byte of a block scalar's or quoted string's text.
  mutating func problem(
    _ code: Problem.Code, _ severity: Problem.Severity, _ node: Node, at offset: Int,
    in source: String, _ message: String, _ remedy: String
  ) {
    problems.append(
      Problem(code, severity, at: place(ofByte: offset, in: source, node), message, remedy: remedy))
  }

  func place(ofByte offset: Int, in source: String, _ node: Node) -> Place {
    let start = place(of: node)
    guard case .scalar(let scalar) = node, scalar.style == .literal else {
      return Place(file: file, line: start.line, column: start.column + min(offset, 1))
    }
    let before = source.utf8.prefix(offset)
    let row = before.count { $0 == UInt8(ascii: "\n") }
    let column = String(
      decoding: before.reversed().prefix { $0 != UInt8(ascii: "\n") }.reversed(),
      as: UTF8.self
    ).unicodeScalars.count
    let own = source.split(separator: "\n", omittingEmptySubsequences: false)
    let line = start.line + 1 + row
    guard line - 1 < lines.count, row < own.count else { return start }
    let indent = max(0, lines[line - 1].unicodeScalars.count - own[row].unicodeScalars.count)
    return Place(file: file, line: line, column: indent + column + 1)
  }

  // MARK: Words

  static func list(_ words: [String]) -> String { words.joined(separator: ", ") }

  func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 32
      && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
      && text.utf8.first.map(isDigit) == false
  }

  func isKebab(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.allSatisfy { part in
      !part.isEmpty && part.allSatisfy { (isLetter($0) && $0 >= 0x61) || isDigit($0) }
    }
  }

  func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  func nearest(_ word: String, _ words: Set<String>) -> String? {
    words.sorted().min { distance(word, $0) < distance(word, $1) }
      .flatMap { distance(word, $0) <= 2 ? $0 : nil }
  }

  /// Edit distance.
  func distance(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left.utf8), Array(right.utf8))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = next
      }
    }
    return row[b.count]
  }
}
