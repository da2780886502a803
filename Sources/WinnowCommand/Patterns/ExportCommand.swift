// `winnow patterns export`: line rules as plain regular expressions, for other programs.
internal import ArgumentParser
internal import Winnow
internal import WinnowRules

extension PatternsCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the line rules as regular expressions, one a line.",
      discussion: """
        For `rg -P -v -f`, Perl, or Python's `regex` module: each takes a whole line, in PCRE2's \
        syntax, without case and free-spacing. Quotes, dashes and spaces are meant as in the folded \
        view. Blocks, spans, signals and rules that ask about a line's place or neighbours cannot be \
        said so; how many were left out is told on standard error.
        """)

    @OptionGroup(title: "Rules") var cleaning: CleaningOptions

    mutating func run() throws {
      let rules = try cleaning.makeCleaner().rules
      let wanted = Set(rules.indices.map { rules.describe($0).name })
      let all = RuleSource.builtInRules() + (try Packs.rules(at: cleaning.patterns))
      let output = Output(descriptor: 1, path: "standard output")
      var leftOut: [String: Int] = [:]
      var written = 0
      for rule in all where wanted.contains(rule.name) {
        switch LineExpression(rule) {
        case .expression(let text):
          try output.write(text + "\n")
          written += 1
        case .impossible(let reason): leftOut[reason, default: 0] += 1
        }
      }
      try output.flush()
      let reasons = leftOut.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      Files.say(
        "winnow: \(written) rules written"
          + (reasons.isEmpty ? "" : "; left out: " + reasons.joined(separator: ", ")))
    }
  }
}

/// A line rule as one expression, or why it cannot be one.
enum LineExpression: Equatable {
  case expression(String)
  case impossible(String)

  init(_ rule: Rule) {
    guard case .line(let matcher) = rule.kind else {
      switch rule.kind {
      case .block: self = .impossible("blocks")
      case .span: self = .impossible("spans")
      default: self = .impossible("signals")
      }
      return
    }
    if rule.conditions.lookAround {
      self = .impossible("by place or neighbours")
      return
    }
    var text = "^"
    for veto in matcher.unless {
      text += Self.anyKey(of: veto).map { "(?! .*? (?: \($0) ) )" }.joined()
    }
    if !rule.requires.isEmpty { text += "(?= .*? \(Self.phrases(rule.requires)) )" }
    if let most = rule.maxLength { text += "(?= .{0,\(most)} $ )" }
    let (least, most) = (rule.conditions.minWords ?? 0, rule.conditions.maxWords)
    if least > 1 || most != nil {
      let upper = most.map { String(max(0, $0 - 1)) } ?? ""
      text += "(?= [^\\x20]+ (?: \\x20 [^\\x20]+ ){\(max(0, least - 1)),\(upper)} $ )"
    }
    for key in Self.keys(of: matcher) { text += "(?= .*? (?: \(key) ) )" }
    self = .expression("(?xi)" + text)
  }

  /// What must all match somewhere in the line.
  private static func keys(of matcher: LineMatcher) -> [String] {
    var keys: [String] = []
    if !matcher.equals.isEmpty { keys.append("^ \(phrases(matcher.equals)) $") }
    if !matcher.startsWith.isEmpty { keys.append("^ \(phrases(matcher.startsWith)) (?!\\w)") }
    if !matcher.endsWith.isEmpty { keys.append("(?<!\\w) \(phrases(matcher.endsWith)) $") }
    if !matcher.contains.isEmpty {
      keys.append("(?<!\\w) \(phrases(matcher.contains)) (?!\\w)")
    }
    if let regex = matcher.regex { keys.append(oneLine(expanded(regex, matcher.definitions))) }
    return keys
  }

  private static func anyKey(of matcher: LineMatcher) -> [String] { keys(of: matcher) }

  /// Phrases as alternatives, every sign and blank escaped.
  private static func phrases(_ phrases: [String]) -> String {
    let escaped = phrases.map { phrase in
      phrase.unicodeScalars.reduce(into: "") { text, scalar in
        if scalar == " " {
          text += "\\x20"
        } else if scalar.value < 0x80, !scalar.properties.isAlphabetic,
          !("0"..."9").contains(scalar)
        {
          text += "\\" + String(scalar)
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    return "(?:" + escaped.joined(separator: "|") + ")"
  }

  /// The pattern with its calls `(?&name)` written out: names may stand only once where many
  /// expressions are made one.
  private static func expanded(_ regex: String, _ definitions: String) -> String {
    var bodies: [String: String] = [:]
    var rest = Substring(definitions)
    while let start = rest.firstRange(of: "(?<") {
      let afterMark = rest[start.upperBound...]
      guard let close = afterMark.firstIndex(of: ">") else { break }
      let name = String(afterMark[..<close])
      let bodyStart = afterMark.index(after: close)
      guard let end = groupEnd(in: rest, from: bodyStart) else { break }
      // A lookbehind is written `(?<=` or `(?<!`, and is no name.
      if let first = name.first, first != "=", first != "!" {
        bodies[name] = String(rest[bodyStart..<end])
        rest = rest[end...]
      } else {
        rest = rest[start.upperBound...]
      }
    }
    var text = regex
    for _ in 0..<8 where text.contains("(?&") {
      for (name, body) in bodies { text = text.replacing("(?&\(name))", with: "(?:\(body))") }
    }
    return text
  }

  /// The parenthesis that closes the group whose inside starts here.
  private static func groupEnd(
    in text: Substring, from start: Substring.Index
  ) -> Substring.Index? {
    var depth = 0
    var inClass = false
    var index = start
    while index < text.endIndex {
      switch text[index] {
      case "\\": index = text.index(after: index)
      case "[" where !inClass: inClass = true
      case "]": inClass = false
      case "(" where !inClass: depth += 1
      case ")" where !inClass:
        if depth == 0 { return index }
        depth -= 1
      default: break
      }
      guard index < text.endIndex else { return nil }
      index = text.index(after: index)
    }
    return nil
  }

  /// Without comments and line ends, which free spacing does not need.
  private static func oneLine(_ regex: String) -> String {
    regex.split(separator: "\n").map { line in
      var text = ""
      var inClass = false
      var isEscaped = false
      for character in line {
        if !isEscaped, !inClass, character == "#" { break }
        if isEscaped {
          isEscaped = false
        } else if character == "\\" {
          isEscaped = true
        } else if character == "[" {
          inClass = true
        } else if character == "]" {
          inClass = false
        }
        text.append(character)
      }
      return text
    }.joined(separator: " ")
  }
}
