// What a pattern says and does not mean: traps of free-spacing mode and of the folded view, and
// lines on which it takes too many steps. Patterns in, problems out.
internal import PCRE2
internal import WinnowRules
internal import Yams

extension Walker {
  /// In free-spacing mode a blank, and everything after a bare `#`, is nothing; and some
  /// characters never stand in the folded view.
  mutating func warnOfTraps(_ node: Node, _ source: String) {
    let scalars = Array(source.unicodeScalars)
    var offset = 0
    var inClass = false
    var inComment = false
    func scalar(_ index: Int) -> Unicode.Scalar {
      scalars.indices.contains(index) ? scalars[index] : " "
    }
    func trap(_ message: String, _ remedy: String) {
      problem(.trap, .warning, node, at: offset, in: source, message, remedy)
    }
    for (index, value) in scalars.enumerated() {
      defer { offset += UTF8.width(value) }
      let isEscaped = scalars[..<index].reversed().prefix { $0 == "\\" }.count % 2 == 1
      if value == "\n" { inComment = false }
      if inComment { continue }
      if value == "[", !isEscaped { inClass = true }
      if value == "]", !isEscaped { inClass = false }
      // In a class it does no harm beside others.
      guard !inClass, !isEscaped else { continue }
      if value.value >= 0x80, case .text(let folded) = Folding(of: value.value) {
        trap("the folded view has no `\(value)`", "write `\(folded)`")
      } else if value.value == 0xA0 {
        trap("the folded view has no no-break space", "write \\h")
      }
      if value == "#" {
        if scalar(index - 1) != "\n", scalar(index - 1) != " " {
          trap("an unescaped # starts a comment", "write \\#")
        } else if ![" ", "\n"].contains(scalar(index + 1)) {
          trap("a # starts a comment, to the end of the line", "write \\#, or a blank after it")
        }
        inComment = true
      } else if value == " " {
        let (before, after) = (scalar(index - 1), scalar(index + 1))
        guard before.properties.isAlphabetic, scalar(index - 2) != "\\" else { continue }
        // `service s?` is a word with an ending that may be missing.
        let isEnding = scalar(index + 2) == "?"
        if after.properties.isAlphabetic, !isEnding {
          trap("a blank between letters matches nothing", "write \\h for a space")
        } else if "?*+".unicodeScalars.contains(after) {
          trap(
            "the repeat `\(after)` binds to what stands before the blank",
            "write \\h\(after) for a space, or close the gap")
        }
      }
    }
    if let place = source.range(ofFirst: "\\p{Lu}"), !source.contains("(?-i") {
      offset = place
      trap("caseless, `\\p{Lu}` meets small letters, too", "write (?-i:\\p{Lu})")
    }
  }

  /// Runs the patterns of a rule on long lines made of its examples, as long as it takes them.
  mutating func timePatterns(of rule: Rule) {
    var subjects: Set<String> = []
    for example in rule.removes + rule.keeps {
      for line in example.text.split(separator: "\n").prefix(6) {
        subjects.formUnion(Self.pumped(FoldedText.folding(line.filter { $0 != "⟦" && $0 != "⟧" })))
      }
    }
    subjects.formUnion(["a", "a ", "A a ", "1", "1 ", "-", "a, "].map(Self.filled))
    let words = rule.conditions.maxWords ?? .max
    let lines = subjects.sorted().filter {
      $0.utf8.count <= rule.maxLength ?? .max && $0.split(separator: " ").count <= words
    }
    guard let matcher = try? Matcher() else { return }
    for (node, source, definitions) in patterns {
      // Trusted: without a look at the clock, so that every machine says the same.
      guard let pattern = try? Pattern(source, definitions: definitions, isTrusted: true)
      else { continue }
      for subject in lines {
        var spent: UInt64 = 0
        let outcome = Array(subject.utf8).withUnsafeBufferPointer {
          matcher.firstMatch(of: pattern, in: $0, spent: &spent)
        }
        guard case .failed(let failure) = outcome else { continue }
        problem(
          .slow, .error, node, at: 0, in: source,
          "the pattern hits the \(failure) on a line of \(subject.utf8.count) bytes such as "
            + "\"\(subject.prefix(24))…\"",
          "bound its repeats, and let no two neighbours match the same text")
        break
      }
    }
  }

  private static let slowLine = 2000

  private static func filled(_ piece: String) -> String {
    String(repeating: piece, count: slowLine / max(1, piece.utf8.count)) + "\u{1}"
  }

  /// `line` with one of its words, or its last character, again and again.
  private static func pumped(_ line: String) -> [String] {
    let words = line.split(separator: " ")
    guard let last = line.last else { return [] }
    var lines = [line + filled(String(last)), filled(line + " ")]
    for index in words.indices.prefix(12) {
      let head = words[...index].joined(separator: " ")
      lines.append(head + " " + filled(words[index] + " "))
    }
    return lines
  }
}

extension String {
  /// The UTF-8 offset of the first `other`.
  fileprivate func range(ofFirst other: String) -> Int? {
    let (text, wanted) = (Array(utf8), Array(other.utf8))
    guard text.count >= wanted.count else { return nil }
    return (0...text.count - wanted.count).first { text[$0...].starts(with: wanted) }
  }
}
