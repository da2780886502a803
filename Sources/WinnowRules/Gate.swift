// The gate of a rule: the cheapest thing that must be true of a line before its conditions are
// worth a look. Rule in, gate out. A gate may let lines through in vain, never keep one out.
public import PCRE2

/// What a line must show for a rule to be tried on it.
public enum Gate: Hashable, Sendable {
  /// The whole folded line is one of these.
  case equals([[UInt8]])
  /// The folded line starts with one of these.
  case lineStart([[UInt8]])
  /// The folded line ends with one of these.
  case lineEnd([[UInt8]])
  /// One of these stands somewhere in the line.
  case contains([[UInt8]])
  /// The folded line has at most so many bytes.
  case length(Int)
  /// Nothing is known: every line.
  case none

  /// Whether a single byte is rare enough to be a gate: punctuation such as `@` or `#`.
  @inline(__always)
  public static func isSign(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  /// A literal shorter than this stands in too many lines to be a gate.
  public static let shortestLiteral = 3
  /// The longest line a wordless rule may be tried on without a literal.
  public static let wordlessLine = 64
}

extension Rule {
  /// The best gate this rule's own phrases and pattern give. `definitions` are the syntax of the
  /// pack's `define` names.
  public func gate(definitions: [String: PatternSyntax]) -> Gate {
    let matcher = leadMatcher
    if !matcher.equals.isEmpty { return .equals(Self.literals(matcher.equals)) }
    if !matcher.startsWith.isEmpty { return .lineStart(Self.literals(matcher.startsWith)) }
    if !matcher.endsWith.isEmpty { return .lineEnd(Self.literals(matcher.endsWith)) }
    let bound = lineBound
    if !matcher.contains.isEmpty, let gate = Self.anywhere(matcher.contains) { return gate }
    if !requires.isEmpty {
      let literals = Self.literals(requires)
      if literals.allSatisfy({ $0.count > 1 || $0.first.map(Gate.isSign) == true }) {
        return .contains(literals)
      }
    }
    if let regex = matcher.regex, let syntax = try? PatternSyntax(parsing: regex) {
      let gate = LiteralFinder(definitions: definitions).gate(of: syntax)
      if gate != .none { return gate }
    }
    return bound <= Gate.wordlessLine ? .length(bound) : .none
  }

  /// The most bytes a line may have for this rule.
  private var lineBound: Int {
    // A word has no bound on its length: `max_words` says nothing here.
    maxLength ?? .max
  }

  private static func literals(_ phrases: [String]) -> [[UInt8]] {
    phrases.map(CaseFolding.lowercased(_:))
  }

  private static func anywhere(_ phrases: [String]) -> Gate? {
    let literals = literals(phrases)
    return LiteralFinder.areTelling(literals) ? .contains(literals) : nil
  }
}

/// Finds the literals that any match of a pattern must hold.
struct LiteralFinder {
  let definitions: [String: PatternSyntax]

  /// More alternatives than this are not worth a table of their own.
  private static let mostLiterals = 1500
  /// More texts than this are not multiplied out.
  private static let mostInRun = 300

  func gate(of syntax: PatternSyntax) -> Gate {
    let starts = prefixes(of: syntax)
    let known = literals(of: syntax)
    let anywhere = Self.better(known.exact, known.required).flatMap {
      Self.areTelling($0) ? $0 : nil
    }
    if let starts {
      // A look at the line's start costs next to nothing, but a short prefix lets much through.
      let length = Self.shortest(starts)
      if length >= 4 || anywhere == nil { return .lineStart(starts) }
    }
    return anywhere.map { .contains($0) } ?? .none
  }

  /// Whether few lines hold any of `literals`. Two bytes will do for a sign such as ©.
  static func areTelling(_ literals: [[UInt8]]) -> Bool {
    !literals.isEmpty
      && literals.allSatisfy { literal in
        literal.count >= Gate.shortestLiteral
          || (literal.count == 2
            && literal.contains { $0 >= 0x80 || !Unicode.Scalar($0).properties.isAlphabetic })
      }
  }

  /// What is known of the text a part matches.
  private struct Known {
    /// All texts it can match, when they are few.
    var exact: [[UInt8]]?
    /// One of these is in every match.
    var required: [[UInt8]]?
  }

  private static func shortest(_ literals: [[UInt8]]) -> Int { literals.map(\.count).min() ?? 0 }

  /// The better gate: longer literals first, then fewer.
  private static func better(_ left: [[UInt8]]?, _ right: [[UInt8]]?) -> [[UInt8]]? {
    guard let left, shortest(left) > 0 else { return right.flatMap { shortest($0) > 0 ? $0 : nil } }
    guard let right, shortest(right) > 0 else { return left }
    let (a, b) = (min(shortest(left), 12), min(shortest(right), 12))
    if a != b { return a > b ? left : right }
    return left.count <= right.count ? left : right
  }

  private func literals(of syntax: PatternSyntax, depth: Int = 0) -> Known {
    guard depth < 40 else { return Known() }
    switch syntax {
    case .character(let bytes): return Known(exact: [bytes])
    case .oneOf(let members): return Known(exact: members)
    case .lineStart, .lineEnd, .zeroWidth, .lookaround: return Known(exact: [[]])
    case .unknown: return Known()
    case .call(let name):
      return definitions[name].map { literals(of: $0, depth: depth + 1) } ?? Known()
    case .repeated(let part, let least, let most):
      let inner = literals(of: part, depth: depth + 1)
      if part == .character([0x20]) {
        // The folded view has no two blanks in a row.
        return Known(exact: least == 0 ? [[], [0x20]] : [[0x20]])
      }
      if least == 0, most == 1 {
        return Known(exact: inner.exact.map { $0.contains([]) ? $0 : $0 + [[]] })
      }
      if least == 1, most == 1 { return inner }
      return least > 0 ? Known(required: Self.better(inner.exact, inner.required)) : Known()
    case .alternation(let branches):
      let known = branches.map { literals(of: $0, depth: depth + 1) }
      var exact: [[UInt8]]? = []
      var required: [[UInt8]]? = []
      for branch in known {
        exact = branch.exact.flatMap { more in exact.map { $0 + more } }
        required = Self.better(branch.exact, branch.required).flatMap { more in
          required.map { $0 + more }
        }
      }
      return Known(exact: Self.few(exact), required: Self.few(required))
    case .sequence(let parts):
      return literals(ofSequence: parts, depth: depth)
    }
  }

  private func literals(ofSequence parts: [PatternSyntax], depth: Int) -> Known {
    var run: [[UInt8]] = [[]]
    var best: [[UInt8]]?
    var isExact = true
    for part in parts {
      let known = literals(of: part, depth: depth + 1)
      best = Self.better(best, known.required)
      guard let exact = known.exact, exact.count <= Self.mostInRun else {
        best = Self.better(Self.better(best, run), known.exact)
        run = [[]]
        isExact = false
        continue
      }
      if run.count * exact.count <= Self.mostInRun {
        run = run.flatMap { head in exact.map { head + $0 } }
      } else {
        best = Self.better(best, run)
        run = exact
        isExact = false
      }
    }
    best = Self.better(best, run)
    return Known(exact: isExact ? run : nil, required: best)
  }

  /// Texts one of which any matching line starts with, when the pattern is anchored.
  private func prefixes(of syntax: PatternSyntax, depth: Int = 0) -> [[UInt8]]? {
    guard depth < 40 else { return nil }
    switch syntax {
    case .alternation(let branches):
      var all: [[UInt8]] = []
      for branch in branches {
        guard let more = prefixes(of: branch, depth: depth + 1) else { return nil }
        all += more
      }
      return Self.few(all)
    case .sequence(let parts):
      guard let first = parts.first else { return nil }
      if case .lookaround = first {
        return prefixes(of: .sequence(Array(parts.dropFirst())), depth: depth + 1)
      }
      if first == .zeroWidth {
        return prefixes(of: .sequence(Array(parts.dropFirst())), depth: depth + 1)
      }
      guard first == .lineStart else { return nil }
      return texts(startingWith: Array(parts.dropFirst()), depth: depth + 1)
    default: return nil
    }
  }

  /// The exact texts a sequence starts with, as far as they are few; nil when one may be empty.
  private func texts(startingWith parts: [PatternSyntax], depth: Int) -> [[UInt8]]? {
    var run: [[UInt8]] = [[]]
    for part in parts {
      let exact = literals(of: part, depth: depth).exact
      guard let exact, run.count * exact.count <= Self.mostInRun else {
        // The start of an alternation whose branches go on differently still counts.
        if run == [[]], case .alternation(let branches) = part {
          var all: [[UInt8]] = []
          for branch in branches {
            let inner: [PatternSyntax] =
              if case .sequence(let list) = branch { list } else { [branch] }
            guard let more = texts(startingWith: inner, depth: depth + 1) else { return nil }
            all += more
          }
          return Self.few(all)
        }
        break
      }
      run = run.flatMap { head in exact.map { head + $0 } }
    }
    return run.contains(where: \.isEmpty) ? nil : run
  }

  private static func few(_ literals: [[UInt8]]?) -> [[UInt8]]? {
    guard let literals else { return nil }
    let distinct = Set(literals).sorted { $0.lexicographicallyPrecedes($1) }
    return distinct.count <= mostLiterals ? distinct : nil
  }
}
