// Reads a pattern as far as Winnow needs to: pattern source in; its shape out, for deriving the
// literals a match must hold, or the reason why it is refused. What is not understood becomes
// `.unknown`, which promises nothing.

/// The shape of a pattern.
public indirect enum PatternSyntax: Equatable, Sendable {
  /// One character, as UTF-8 in lower case.
  case character([UInt8])
  /// One of a few characters, nil when there are many; and the kinds of byte they start with.
  case oneOf([[UInt8]]?, ByteKinds)
  case sequence([PatternSyntax])
  case alternation([PatternSyntax])
  case repeated(PatternSyntax, least: Int, most: Int?)
  case lineStart
  case lineEnd
  /// Matches without taking text, such as `\b`.
  case zeroWidth
  /// `isPositive`: the text must be there.
  case lookaround(PatternSyntax, isPositive: Bool)
  /// `(?&name)`
  case call(String)
  /// May match anything at all.
  case unknown

  /// Parses `source`, free-spacing and caseless.
  public init(parsing source: String) throws(PatternError) {
    var parser = PatternParser(source)
    self = try parser.parseWhole()
  }

  /// Why Winnow does not take `source`, or nil.
  public static func refusal(of source: String) -> PatternError? {
    guard source.utf8.count <= Pattern.Bounds.sourceBytes else {
      return PatternError(
        message: "the pattern is \(source.utf8.count) bytes long, over "
          + "\(Pattern.Bounds.sourceBytes): split it, or list phrases",
        offset: Pattern.Bounds.sourceBytes)
    }
    var parser = PatternParser(source)
    do throws(PatternError) {
      _ = try parser.parseWhole()
      return nil
    } catch { return error }
  }

  /// The names `source` calls with `(?&name)`.
  public var calls: Set<String> {
    switch self {
    case .call(let name): [name]
    case .sequence(let parts), .alternation(let parts):
      parts.reduce(into: []) { $0.formUnion($1.calls) }
    case .repeated(let part, _, _), .lookaround(let part, _): part.calls
    default: []
    }
  }
}

private struct PatternParser {
  private let scalars: [Unicode.Scalar]
  private let offsets: [Int]
  private var at = 0
  private var depth = 0
  private var isExtended = true

  init(_ source: String) {
    scalars = Array(source.unicodeScalars)
    var offset = 0
    offsets =
      scalars.map { scalar in
        defer { offset += UTF8.width(scalar) }
        return offset
      } + [source.utf8.count]
  }

  mutating func parseWhole() throws(PatternError) -> PatternSyntax {
    let result = try parseAlternation()
    guard at == scalars.count else { throw error("unmatched closing parenthesis") }
    return result.node
  }

  /// A part, and whether an unbounded repeat stands anywhere in it.
  private typealias Part = (node: PatternSyntax, isUnbounded: Bool)

  private mutating func parseAlternation() throws(PatternError) -> Part {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Int(Pattern.Bounds.nesting) else {
      throw error("parentheses nest deeper than \(Pattern.Bounds.nesting)")
    }
    let wasExtended = isExtended
    defer { isExtended = wasExtended }
    var branches: [PatternSyntax] = []
    var isUnbounded = false
    repeat {
      let branch = try parseSequence()
      branches.append(branch.node)
      isUnbounded = isUnbounded || branch.isUnbounded
    } while take("|")
    return (branches.count == 1 ? branches[0] : .alternation(branches), isUnbounded)
  }

  private mutating func parseSequence() throws(PatternError) -> Part {
    var parts: [PatternSyntax] = []
    var isUnbounded = false
    while true {
      skipFreeSpace()
      guard at < scalars.count, scalars[at] != "|", scalars[at] != ")" else { break }
      let atomStart = at
      let (atom, isLookaround) = try parseAtom()
      skipFreeSpace()
      guard let (least, most) = try parseQuantifier() else {
        isUnbounded = isUnbounded || atom.isUnbounded
        parts.append(atom.node)
        continue
      }
      if isLookaround {
        throw error("a repeat on a lookaround can overflow the compiler's stack", at: atomStart)
      }
      if most == nil, atom.isUnbounded {
        throw error(
          "an unbounded repeat inside an unbounded repeat can take forever: "
            + "bound one of them, as in {1,40}", at: atomStart)
      }
      isUnbounded = isUnbounded || atom.isUnbounded || most == nil
      parts.append(.repeated(atom.node, least: least, most: most))
    }
    return (parts.count == 1 ? parts[0] : .sequence(parts), isUnbounded)
  }

  private mutating func parseAtom() throws(PatternError) -> (Part, isLookaround: Bool) {
    let scalar = scalars[at]
    at += 1
    switch scalar {
    case "(": return try parseGroup()
    case "[": return ((try parseClass(), false), false)
    case ".": return ((.oneOf(nil, .all), false), false)
    case "^": return ((.lineStart, false), false)
    case "$": return ((.lineEnd, false), false)
    case "\\": return ((try parseEscape(), false), false)
    case "*", "+", "?": throw error("a repeat with nothing to repeat", at: at - 1)
    default: return ((character(scalar), false), false)
    }
  }

  /// A letter whose other case has another length in UTF-8 is no literal: text in the other case
  /// would not show it.
  private func character(_ scalar: Unicode.Scalar) -> PatternSyntax {
    guard scalar.value >= 0x80 else { return .character(lowercase(scalar)) }
    let width = UTF8.width(scalar)
    let properties = scalar.properties
    let others = [properties.lowercaseMapping, properties.uppercaseMapping]
    let isSteady = others.allSatisfy { $0.utf8.count == width && $0.unicodeScalars.count == 1 }
    return isSteady ? .character(lowercase(scalar)) : .oneOf(nil, .all)
  }

  private mutating func parseGroup() throws(PatternError) -> (Part, isLookaround: Bool) {
    let start = at - 1
    if take("*") { throw error("(*…) verbs and options are not for packs", at: start) }
    guard take("?") else { return (try closing(start), false) }
    if take("#") { throw error("write comments as # to the end of the line", at: start) }
    if take(":") || take("|") || take(">") { return (try closing(start), false) }
    let isPositive = take("=") || take("<=")
    if isPositive || take("!") || take("<!") {
      let body = try closing(start)
      return ((.lookaround(body.node, isPositive: isPositive), body.isUnbounded), true)
    }
    if take("&") {
      let name = takeName()
      guard !name.isEmpty, take(")") else { throw error("(?&name) is not closed", at: start) }
      return ((.call(name), false), false)
    }
    if take("P<") || take("<") || take("'") {
      _ = takeName()
      guard take(">") || take("'") else { throw error("a group's name is not closed", at: start) }
      return (try closing(start), false)
    }
    if take("C") { throw error("callouts are not for packs", at: start) }
    if take("(") { throw error("conditions are not for packs: write two rules", at: start) }
    if take("P=") || take("P>") || take("R") {
      throw error("backreferences and recursion are not for packs", at: start)
    }
    return try parseFlags(start)
  }

  /// `(?i)`, `(?-i:…)`. Case does not matter here: literals are compared in lower case.
  private mutating func parseFlags(_ start: Int) throws(PatternError) -> (Part, isLookaround: Bool)
  {
    var isOff = false
    var extended = isExtended
    while at < scalars.count {
      let scalar = scalars[at]
      at += 1
      switch scalar {
      case "-": isOff = true
      case "^": extended = false
      case "x": extended = !isOff
      case "i", "s", "m", "n", "J", "U", "a": break
      case ")":
        isExtended = extended
        return ((.zeroWidth, false), false)
      case ":":
        let before = isExtended
        isExtended = extended
        defer { isExtended = before }
        return (try closing(start), false)
      default: throw error("recursion and unknown group options are not for packs", at: start)
      }
    }
    throw error("the group is not closed", at: start)
  }

  private mutating func closing(_ start: Int) throws(PatternError) -> Part {
    let body = try parseAlternation()
    guard take(")") else { throw error("missing closing parenthesis", at: start) }
    return body
  }

  private mutating func parseQuantifier() throws(PatternError) -> (Int, Int?)? {
    guard at < scalars.count else { return nil }
    var bounds: (Int, Int?)
    switch scalars[at] {
    case "*": bounds = (0, nil)
    case "+": bounds = (1, nil)
    case "?": bounds = (0, 1)
    case "{":
      if at + 1 < scalars.count, scalars[at + 1] == "," || scalars[at + 1] == " " {
        throw error("PCRE2's versions differ on these braces: write {0,5} without blanks")
      }
      guard let (least, most, end) = boundsInBraces() else { return nil }
      bounds = (least, most)
      at = end
    default: return nil
    }
    at += 1
    if at < scalars.count, scalars[at] == "?" || scalars[at] == "+" { at += 1 }
    return bounds
  }

  /// `{2}`, `{2,}`, `{2,5}`, `{,5}`; other braces are text. Returns the place of the `}`.
  private func boundsInBraces() -> (Int, Int?, Int)? {
    var end = at + 1
    var text = ""
    while end < scalars.count, scalars[end] != "}", text.utf8.count < 16 {
      text.unicodeScalars.append(scalars[end])
      end += 1
    }
    guard end < scalars.count, scalars[end] == "}" else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard let first = parts.first, let least = Int(first) else { return nil }
    switch parts.count {
    case 1: return (least, least, end)
    case 2 where parts[1].isEmpty: return (least, nil, end)
    case 2: return Int(parts[1]).map { (least, $0, end) }
    default: return nil
    }
  }

  private mutating func parseEscape() throws(PatternError) -> PatternSyntax {
    let start = at - 1
    guard at < scalars.count else { throw error("a pattern cannot end in a backslash", at: start) }
    let scalar = scalars[at]
    at += 1
    switch scalar {
    case "C": throw error("\\C breaks characters apart", at: start)
    case "K": throw error("\\K is not for packs: use a lookbehind, or a span rule", at: start)
    case "G": throw error("\\G is not for packs", at: start)
    case "g", "k": throw error("backreferences and recursion are not for packs", at: start)
    case "1"..."9": throw error("backreferences are not for packs", at: start)
    case "h", "s": return .character([0x20])
    case "b", "B", "A": return .zeroWidth
    case "z", "Z": return .lineEnd
    case "N" where at < scalars.count && scalars[at] == "{":
      throw error("write \\x{HEX}", at: start)
    case "d", "D", "w", "W", "S", "H", "N", "v", "V", "R", "X", "p", "P":
      return .oneOf(nil, kinds(ofEscape: scalar))
    case "x":
      guard take("{") else { throw error("write \\x{HEX}", at: start) }
      var digits = ""
      while at < scalars.count, scalars[at] != "}" {
        digits.unicodeScalars.append(scalars[at])
        at += 1
      }
      guard take("}"), let value = UInt32(digits, radix: 16), let hex = Unicode.Scalar(value) else {
        throw error("write \\x{HEX}", at: start)
      }
      return .character(lowercase(hex))
    case "n", "r", "t", "e", "f", "a", "0": return .oneOf(nil, .all)
    case "Q":
      var parts: [PatternSyntax] = []
      while at < scalars.count, !take("\\E") {
        parts.append(.character(lowercase(scalars[at])))
        at += 1
      }
      return .sequence(parts)
    case "E": return .zeroWidth
    default:
      guard !scalar.properties.isAlphabetic else { return .unknown }
      return .character(lowercase(scalar))
    }
  }

  /// What a shorthand class may match, its letter read; more than it does where that is not known.
  private mutating func kinds(ofEscape letter: Unicode.Scalar) -> ByteKinds {
    guard letter == "p" || letter == "P" else {
      return letter == "d" ? .digits : letter == "w" ? .wordCharacters : .all
    }
    var name = ""
    if take("{") {
      while at < scalars.count, !take("}") {
        name.unicodeScalars.append(scalars[at])
        at += 1
      }
    } else if at < scalars.count {
      name.unicodeScalars.append(scalars[at])
      at += 1
    }
    guard letter == "p" else { return .all }
    switch name {
    case "L", "Lu", "Ll", "Lt", "L&": return .letters
    case "Nd": return .digits
    case "N": return [.digits, .wide]
    default: return .all
    }
  }

  /// A class; its few members, or nil when it has ranges, negation or escapes.
  private mutating func parseClass() throws(PatternError) -> PatternSyntax {
    let start = at - 1
    var members: [[UInt8]]? = []
    // What it may match, and what of that it matches whole: a negation leaves out no more.
    var kinds: ByteKinds = []
    var whole: ByteKinds = []
    let isNegated = take("^")
    if isNegated { members = nil }
    var isFirst = true
    var previous: Unicode.Scalar?
    while at < scalars.count {
      let scalar = scalars[at]
      at += 1
      if scalar == "]", !isFirst {
        if isNegated { return .oneOf(nil, .all.subtracting(whole)) }
        guard let found = members, !found.isEmpty, found.count <= 6 else {
          return .oneOf(nil, kinds)
        }
        return .oneOf(found, kinds)
      }
      isFirst = false
      let before = previous
      previous = nil
      if scalar == "[", at < scalars.count, scalars[at] == ":" {
        while at < scalars.count, !take(":]") { at += 1 }
        members = nil
        kinds = .all
      } else if scalar == "\\" {
        guard at < scalars.count else { break }
        let escaped = scalars[at]
        at += 1
        if escaped == "h" || escaped == "s" {
          members?.append([0x20])
          kinds.formUnion(.space)
        } else if escaped.properties.isAlphabetic || ("0"..."9").contains(escaped) {
          members = nil
          if escaped == "x", take("{") { while at < scalars.count, !take("}") { at += 1 } }
          kinds.formUnion(self.kinds(ofEscape: escaped))
        } else {
          members?.append(lowercase(escaped))
          (kinds, whole) = (kinds.union(.of(escaped)), whole.union(.whole(escaped)))
          previous = escaped
        }
      } else if scalar == "-", at < scalars.count, scalars[at] != "]", members?.isEmpty != true {
        members = nil
        if let before, scalars[at] != "\\", before.value <= scalars[at].value {
          kinds.formUnion(.range(before, scalars[at]))
        } else {
          kinds = .all
        }
      } else {
        members?.append(lowercase(scalar))
        (kinds, whole) = (kinds.union(.of(scalar)), whole.union(.whole(scalar)))
        previous = scalar
      }
    }
    throw error("missing ] of the class", at: start)
  }

  private mutating func skipFreeSpace() {
    guard isExtended else { return }
    while at < scalars.count {
      if scalars[at].properties.isWhitespace {
        at += 1
      } else if scalars[at] == "#" {
        while at < scalars.count, scalars[at] != "\n" { at += 1 }
      } else {
        return
      }
    }
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = text.unicodeScalars
    guard at + wanted.count <= scalars.count else { return false }
    guard zip(wanted, scalars[at...]).allSatisfy(==) else { return false }
    at += wanted.count
    return true
  }

  private mutating func takeName() -> String {
    var name = ""
    while at < scalars.count,
      scalars[at].properties.isAlphabetic || scalars[at] == "_"
        || ("0"..."9").contains(scalars[at])
    {
      name.unicodeScalars.append(scalars[at])
      at += 1
    }
    return name
  }

  private func lowercase(_ scalar: Unicode.Scalar) -> [UInt8] {
    CaseFolding.lowercased(scalar)
  }

  private func error(_ message: String, at place: Int? = nil) -> PatternError {
    PatternError(message: message, offset: offsets[min(place ?? at, scalars.count)])
  }
}
