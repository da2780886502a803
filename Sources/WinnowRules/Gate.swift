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

  /// Whether a literal can be looked for: a single letter or digit cannot.
  static func isSought(_ literal: [UInt8]) -> Bool {
    literal.count > 1 || literal.first.map(isSign) == true
  }

  /// A literal shorter than this stands in too many lines to be a gate.
  public static let shortestLiteral = 3
  /// The longest line a wordless rule may be tried on without a literal.
  public static let wordlessLine = 64
}

/// What else a line must show. Looked up in what is known of the line anyway, so that most
/// candidates of a gate go without a try.
public struct Demands: Hashable, Sendable {
  /// Literals one of which must stand in the line.
  public struct Clause: Hashable, Sendable {
    public var literals: [[UInt8]]
    /// Those of two or three letters must stand as words.
    public var areWords = false

    /// A guess at how often one of them starts at a place of prose.
    var commonness: Double { LiteralFinder.commonness(of: literals) }

    /// Whether to look for them in every line pays: common words stand in every other one.
    var isUncommon: Bool {
      literals.count <= Demands.mostLiterals && commonness < 0.0008
        && literals.allSatisfy { Grams.share(of: $0) < 0.0002 }
    }
  }

  /// Every one of these must hold. Where the gate is `contains`, its literals come first.
  public var clauses: [Clause] = []
  /// Of every one of these a byte stands in the line.
  public var kinds: [ByteKinds] = []
  /// What the line starts and ends with.
  public var first = ByteKinds.all
  public var last = ByteKinds.all
  /// The fewest bytes of the folded line.
  public var shortest = 0

  public init() {}

  /// More are not worth their place.
  static let mostClauses = 3
  static let mostLiterals = 100
  static let rare = 2e-6
}

extension Rule {
  /// Finds the best gate this rule's own phrases and pattern give, and what else they demand of a
  /// line. `definitions` are the syntax of the pack's `define` names.
  public mutating func deriveGate(definitions: [String: PatternSyntax]) {
    let matcher = leadMatcher
    demands = Demands()
    var starts: [[UInt8]]?
    var clauses: [Demands.Clause] = []
    if let regex = matcher.regex, let syntax = try? PatternSyntax(parsing: regex) {
      let finder = LiteralFinder(definitions: definitions)
      starts = finder.prefixes(of: syntax)
      clauses = finder.clauses(of: syntax).map { Demands.Clause(literals: $0) }
      finder.addShape(of: syntax, to: &demands)
    }
    if !matcher.contains.isEmpty {
      clauses.append(Demands.Clause(literals: Self.literals(matcher.contains)))
    }
    clauses.removeAll { !LiteralFinder.areTelling($0.literals) }
    let required = Demands.Clause(literals: Self.literals(requires), areWords: true)
    if !requires.isEmpty, required.literals.allSatisfy(Gate.isSought) { clauses.append(required) }
    clauses.sort { $0.commonness < $1.commonness }
    gate = gate(of: matcher, starts, clauses.first)
    if case .contains = gate {
      demands.clauses.append(clauses.removeFirst())
      // What is hardly ever seen asks for no more.
      if demands.clauses[0].commonness < Demands.rare { return }
    }
    for clause in clauses.prefix(Demands.mostClauses) where clause.isUncommon {
      demands.clauses.append(clause)
    }
  }

  private func gate(
    of matcher: LineMatcher, _ starts: [[UInt8]]?, _ best: Demands.Clause?
  ) -> Gate {
    if !matcher.equals.isEmpty { return .equals(Self.literals(matcher.equals)) }
    if !matcher.startsWith.isEmpty { return .lineStart(Self.literals(matcher.startsWith)) }
    if !matcher.endsWith.isEmpty { return .lineEnd(Self.literals(matcher.endsWith)) }
    if let starts {
      // A look at the line's start costs next to nothing, but a short prefix lets much through.
      let isShort = starts.contains { $0.count < 4 }
      if !isShort || best?.isUncommon != true { return .lineStart(starts) }
    }
    let bound = lineBound
    if let best, best.isUncommon || bound > Gate.wordlessLine { return .contains(best.literals) }
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
}

/// Finds the literals that any match of a pattern must hold.
struct LiteralFinder {
  let definitions: [String: PatternSyntax]

  /// More alternatives than this are not worth a table of their own.
  private static let mostLiterals = 1500
  /// More texts than this are not multiplied out.
  private static let mostInRun = 300
  /// Nor a text of some length by more than this.
  private static let mostSpellings = 8

  /// Lists of literals of each of which every match holds one, the most telling first.
  func clauses(of syntax: PatternSyntax) -> [[[UInt8]]] {
    Self.ranked(literals(of: syntax).all.map(Self.condensed))
  }

  /// The same demand by fewer literals: those that start, or end, alike are one.
  static func condensed(_ literals: [[UInt8]]) -> [[UInt8]] {
    guard literals.count > 4 else { return literals }
    let heads = merged(literals) { text, end in text[end] & 0xC0 == 0x80 }
    let tails = merged(heads.map { $0.reversed() }) { text, end in
      text[end - 1] & 0xC0 == 0x80
    }.map { Array($0.reversed()) }
    return tails.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Texts that share their first bytes, of which so many tell enough, as what they share.
  /// `cuts`: whether an end would lie inside a character.
  private static func merged(
    _ literals: [[UInt8]], where cuts: (_ text: [UInt8], _ end: Int) -> Bool
  ) -> [[UInt8]] {
    let enough = 7
    var merged: [[UInt8]] = []
    for literal in literals.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      if let last = merged.last {
        var shared = zip(last, literal).prefix { $0 == $1 }.count
        while shared > 0, shared < last.count, cuts(last, shared) { shared -= 1 }
        if shared >= enough || shared == last.count {
          merged[merged.count - 1] = Array(last.prefix(shared))
          continue
        }
      }
      merged.append(literal)
    }
    return merged
  }

  private static func ranked(_ clauses: [[[UInt8]]]) -> [[[UInt8]]] {
    let rated = clauses.filter { shortest($0) > 0 }.map { (commonness(of: $0), $0) }
    return rated.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// A guess at how often one of `literals` starts at a place of prose.
  static func commonness(of literals: [[UInt8]]) -> Double {
    literals.reduce(0) { $0 + Grams.share(of: $1) }
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
    /// Of each of these lists one text is in every match.
    var clauses: [[[UInt8]]] = []

    var all: [[[UInt8]]] { exact.map { clauses + [$0] } ?? clauses }
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
    case .oneOf(let members, _): return Known(exact: members)
    case .lineStart, .lineEnd, .zeroWidth, .lookaround(_, isPositive: false):
      return Known(exact: [[]])
    case .lookaround(let part, isPositive: true):
      return Known(exact: [[]], clauses: literals(of: part, depth: depth + 1).all)
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
      return least > 0 ? Known(clauses: inner.all) : Known()
    case .alternation(let branches):
      return literals(ofBranches: branches.map { literals(of: $0, depth: depth + 1) })
    case .sequence(let parts):
      return literals(ofSequence: parts, depth: depth)
    }
  }

  /// One list with the best of every branch, and one with the second best.
  private func literals(ofBranches branches: [Known]) -> Known {
    var exact: [[UInt8]]? = []
    var best: [[UInt8]]? = []
    for branch in branches {
      exact = branch.exact.flatMap { more in exact.map { $0 + more } }
      best = branch.all.reduce(nil, Self.better).flatMap { more in best.map { $0 + more } }
    }
    var clauses = [Self.few(best)].compactMap(\.self)
    let ranked = branches.map { Self.ranked($0.all) }
    if ranked.allSatisfy({ !$0.isEmpty }), ranked.contains(where: { $0.count > 1 }) {
      for place in 0..<2 {
        let union = ranked.flatMap { $0[min(place, $0.count - 1)] }
        if let union = Self.few(union), !clauses.contains(union) { clauses.append(union) }
      }
    }
    return Known(exact: Self.few(exact), clauses: clauses)
  }

  private func literals(ofSequence parts: [PatternSyntax], depth: Int) -> Known {
    var run: [[UInt8]] = [[]]
    var clauses: [[[UInt8]]] = []
    var isExact = true
    for part in parts {
      let known = literals(of: part, depth: depth + 1)
      clauses += known.clauses
      guard let exact = known.exact, exact.count <= Self.mostInRun else {
        clauses += known.exact.map { [run, $0] } ?? [run]
        run = [[]]
        isExact = false
        continue
      }
      // Long runs of many spellings make tables large and tell no more than their parts do.
      let product = run.count * exact.count
      if product <= Self.mostSpellings || product <= Self.mostInRun && Self.shortest(run) < 6 {
        run = run.flatMap { head in exact.map { head + $0 } }
      } else {
        clauses.append(run)
        run = exact
        isExact = false
      }
    }
    if !isExact { clauses.append(run) }
    return Known(exact: isExact ? run : nil, clauses: clauses)
  }

  /// Texts one of which any matching line starts with, when the pattern is anchored.
  func prefixes(of syntax: PatternSyntax, depth: Int = 0) -> [[UInt8]]? {
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

// MARK: Shape

extension LiteralFinder {
  /// Adds what the shape of a pattern demands of the line's first and last character, its length
  /// and its signs.
  func addShape(of syntax: PatternSyntax, to demands: inout Demands) {
    if isAnchored(syntax, backwards: false) {
      let (kinds, mayBeEmpty) = edge(of: syntax, backwards: false)
      if !mayBeEmpty { demands.first = kinds }
    }
    if isAnchored(syntax, backwards: true) {
      let (kinds, mayBeEmpty) = edge(of: syntax, backwards: true)
      if !mayBeEmpty { demands.last = kinds }
    }
    demands.shortest = shortest(syntax)
    for kinds in signs(of: syntax) where kinds.isTelling && demands.kinds.count < 3 {
      if !demands.kinds.contains(kinds) { demands.kinds.append(kinds) }
    }
  }

  private func order(_ parts: [PatternSyntax], _ backwards: Bool) -> [PatternSyntax] {
    backwards ? parts.reversed() : parts
  }

  private func isAnchored(_ syntax: PatternSyntax, backwards: Bool, depth: Int = 0) -> Bool {
    guard depth < 40 else { return false }
    switch syntax {
    case .lineStart: return !backwards
    case .lineEnd: return backwards
    case .alternation(let branches):
      return branches.allSatisfy { isAnchored($0, backwards: backwards, depth: depth + 1) }
    case .sequence(let parts):
      for part in order(parts, backwards) {
        switch part {
        case .zeroWidth, .lookaround: continue
        default: return isAnchored(part, backwards: backwards, depth: depth + 1)
        }
      }
      return false
    default: return false
    }
  }

  /// The kinds of the first character, or last, and whether there may be none.
  private func edge(
    of syntax: PatternSyntax, backwards: Bool, depth: Int = 0
  ) -> (kinds: ByteKinds, mayBeEmpty: Bool) {
    guard depth < 40 else { return (.all, true) }
    switch syntax {
    case .character(let bytes): return (bytes.first.map(ByteKinds.of) ?? .all, bytes.isEmpty)
    case .oneOf(_, let kinds): return (kinds, false)
    case .lineStart, .lineEnd, .zeroWidth, .lookaround: return ([], true)
    case .unknown: return (.all, true)
    case .call(let name):
      return definitions[name].map { edge(of: $0, backwards: backwards, depth: depth + 1) }
        ?? (.all, true)
    case .repeated(let part, let least, _):
      let inner = edge(of: part, backwards: backwards, depth: depth + 1)
      return (inner.kinds, inner.mayBeEmpty || least == 0)
    case .alternation(let branches):
      return branches.reduce(into: ([], false)) { all, branch in
        let more = edge(of: branch, backwards: backwards, depth: depth + 1)
        all = (all.0.union(more.kinds), all.1 || more.mayBeEmpty)
      }
    case .sequence(let parts):
      var kinds: ByteKinds = []
      for part in order(parts, backwards) {
        let more = edge(of: part, backwards: backwards, depth: depth + 1)
        kinds.formUnion(more.kinds)
        if !more.mayBeEmpty { return (kinds, false) }
      }
      return (kinds, true)
    }
  }

  /// The fewest bytes a match takes.
  private func shortest(_ syntax: PatternSyntax, depth: Int = 0) -> Int {
    guard depth < 40 else { return 0 }
    switch syntax {
    case .character(let bytes): return bytes.count
    case .oneOf: return 1
    case .lineStart, .lineEnd, .zeroWidth, .lookaround, .unknown: return 0
    case .call(let name): return definitions[name].map { shortest($0, depth: depth + 1) } ?? 0
    case .repeated(let part, let least, _):
      return min(least, 64) * shortest(part, depth: depth + 1)
    case .alternation(let branches):
      return branches.map { shortest($0, depth: depth + 1) }.min() ?? 0
    case .sequence(let parts): return parts.reduce(0) { $0 + shortest($1, depth: depth + 1) }
    }
  }

  /// Sets of kinds of each of which every match has a byte.
  private func signs(of syntax: PatternSyntax, depth: Int = 0) -> [ByteKinds] {
    guard depth < 40 else { return [] }
    switch syntax {
    case .character(let bytes): return bytes.first.map { [ByteKinds.of($0)] } ?? []
    case .oneOf(_, let kinds): return [kinds]
    case .lineStart, .lineEnd, .zeroWidth, .unknown, .lookaround(_, isPositive: false): return []
    case .lookaround(let part, isPositive: true): return signs(of: part, depth: depth + 1)
    case .call(let name): return definitions[name].map { signs(of: $0, depth: depth + 1) } ?? []
    case .repeated(let part, let least, _):
      return least > 0 ? signs(of: part, depth: depth + 1) : []
    case .alternation(let branches):
      // Of each branch the one that says most; one branch without any takes all away.
      var all: ByteKinds = []
      for branch in branches {
        let telling = signs(of: branch, depth: depth + 1).filter(\.isTelling)
        let fewest = telling.min { $0.rawValue.nonzeroBitCount < $1.rawValue.nonzeroBitCount }
        guard let best = fewest else { return [] }
        all.formUnion(best)
      }
      return [all]
    case .sequence(let parts): return parts.flatMap { signs(of: $0, depth: depth + 1) }
    }
  }
}

/// How often groups of bytes stand in prose.
enum Grams {
  /// A guess at how often a literal starts at a place of prose: as its rarest window, and less by
  /// each byte it is longer.
  static func share(of literal: [UInt8]) -> Double {
    let width = min(literal.count, 4)
    guard width > 2 else {
      return literal.reduce(1) { $0 * Double(letters[Int($1)]) / 1000 }
    }
    var rarest = 1.0
    for place in 0...literal.count - width {
      rarest = min(rarest, share(ofWindow: literal[place..<place + width]))
    }
    return (width..<literal.count).reduce(rarest) { share, _ in share * 0.5 }
  }

  /// The share of a window of three or four bytes.
  static func share(ofWindow window: ArraySlice<UInt8>) -> Double {
    let key = window.reduce(UInt64(window.count)) { $0 << 8 | UInt64($1) }
    if let known = common[key] { return known }
    // Of those that are not in the table, rare letters tell more.
    let guess = window.reduce(10) { $0 * Double(letters[Int($1)]) / 1000 }
    return min(max(guess, CommonGrams.leastShare / 16), CommonGrams.leastShare / 2)
  }

  private static let common: [UInt64: Double] = {
    var shares: [UInt64: Double] = [:]
    let classes = CommonGrams.classes.description.split(separator: "\n")
    for (step, grams) in classes.reversed().enumerated() {
      for gram in grams.split(separator: " ") {
        guard let value = UInt64(gram, radix: 16) else { continue }
        let width = UInt64(gram.utf8.count / 2)
        shares[width << (8 * width) | value] = CommonGrams.leastShare * Double(1 << step)
      }
    }
    return shares
  }()

  /// Letters by how often they stand in running text, in per mille; a blank is the most common.
  private static let letters: [UInt8] = {
    var table = [UInt8](repeating: 8, count: 256)
    let letters: [(Character, UInt8)] = [
      (" ", 180), ("e", 102), ("t", 75), ("a", 65), ("o", 62), ("i", 57), ("n", 57), ("s", 53),
      ("r", 50), ("h", 50), ("l", 33), ("d", 33), ("u", 23), ("c", 22), ("m", 20), ("f", 18),
      ("w", 17), ("g", 16), ("p", 15), ("y", 14), ("b", 13), ("v", 8), ("k", 6), ("x", 1),
      ("j", 1), ("q", 1), ("z", 1),
    ]
    for (letter, share) in letters { table[Int(letter.asciiValue ?? 0)] = share }
    return table
  }()
}
