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

  var definitions: [String: String] = [:]
  var syntaxes: [String: PatternSyntax] = [:]

  init(name: String = "", file: String, isBuiltIn: Bool = false, text: String) {
    self.name = name
    self.file = file
    self.isBuiltIn = isBuiltIn
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  mutating func composed() -> Node? {
    do {
      guard let node = try Yams.compose(yaml: text) else {
        problems.append(
          Problem(
            at: Place(file: file, line: 1, column: 1), "the file is empty",
            remedy: "start with `language:` and `rules:`"))
        return nil
      }
      return node
    } catch let error as YamlError {
      problems.append(yamlProblem(error))
    } catch {
      problems.append(
        Problem(
          at: Place(file: file, line: 1, column: 1), "not YAML: \(error)", remedy: "mend the file"))
    }
    return nil
  }

  func yamlProblem(_ error: YamlError) -> Problem {
    let remedy = "quote the value, or put it into a block scalar (`|`)"
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return Problem(at: place(mark), "not YAML: \(problem)", remedy: remedy)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let key = duplicates.first ?? "?"
      let mark = context.mark
      return Problem(at: place(mark), "the key `\(key)` stands twice", remedy: "keep one of them")
    default:
      return Problem(
        at: Place(file: file, line: 1, column: 1), "not YAML: \(error)", remedy: "mend the file")
    }
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
    for (key, value) in entries {
      guard let name = key.string, allowed.contains(name) else {
        let name = key.string ?? "?"
        problem(
          key, "\(what) has no key `\(name)`",
          nearest(name, allowed).map { "did you mean `\($0)`?" }
            ?? "one of \(Self.list(allowed.sorted()))")
        continue
      }
      fields[name] = value
    }
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
      problem(node, "`\(key)` is not quoted", "quote it, or use a block scalar (`|`)")
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
        problem(.warning, node, "`\(key)` lists \"\(phrase)\" twice", "keep one")
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
        problem(item, "⟦ and ⟧ do not pair up in this example", "close each bracket")
      } else if mustBracket, opened == 0 {
        problem(item, "no ⟦…⟧ in this `\(key)` example", "enclose exactly what should go")
      } else if !mustBracket, opened > 0 {
        problem(item, "⟦…⟧ in a `keeps` example", "nothing goes there: move it to `removes`")
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
    problem(.error, node, message, remedy)
  }

  mutating func problem(
    _ severity: Problem.Severity, _ node: Node, _ message: String, _ remedy: String
  ) {
    problems.append(Problem(severity, at: place(of: node), message, remedy: remedy))
  }

  mutating func problem(_ node: Node, _ error: PatternError, in source: String) {
    problem(node, at: error.offset, in: source, .error, error.message, "mend the pattern")
  }

  /// A problem at a byte of a block scalar's or quoted string's text.
  mutating func problem(
    _ node: Node, at offset: Int, in source: String, _ severity: Problem.Severity,
    _ message: String, _ remedy: String
  ) {
    problems.append(
      Problem(severity, at: place(ofByte: offset, in: source, node), message, remedy: remedy))
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
