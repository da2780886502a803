// The wall: what is compiled, what is refused, and how a match can end.
import PCRE2
import Testing

@testable import class PCRE2.Matcher

@Suite struct PatternTests {
  @Test(
    "A pattern that does not compile says what is wrong, and at which byte",
    arguments: [
      ("Sign up(", "missing closing parenthesis", 7),
      ("(?:Anmelden|Über(?:uns)", "missing closing parenthesis", 0),
      ("Sign up)", "unmatched closing parenthesis", 7),
      ("[abc", "missing ] of the class", 0),
      ("é [abc", "missing ] of the class", 3),
      ("*up", "a repeat with nothing to repeat", 0),
      ("up \\", "a pattern cannot end in a backslash", 3),
      ("[z-a]", "range out of order in character class", 3),
      (#"\p{Latein}"#, "unknown property after \\P or \\p", 10),
      ("(?<=a{2,5})b", "lookbehind assertion is not fixed length", 0),
      ("a{5,2}", "numbers out of order in {} quantifier", 5),
    ])
  func compileError(source: String, message: String, offset: Int) {
    #expect(throws: PatternError(message: message, offset: offset)) { try Pattern(source) }
  }

  @Test("Offsets leave the definitions in front out")
  func offsetBehindDefinitions() {
    let definitions = "(?(DEFINE)(?<day>monday|tuesday))"
    #expect(throws: PatternError(message: "range out of order in character class", offset: 3)) {
      try Pattern("[z-a]", definitions: definitions)
    }
  }

  @Test(
    "What is not for packs is refused with its reason",
    arguments: [
      ("(*NO_JIT)(a+)+$", "(*…) verbs and options are not for packs", 0),
      ("(*LIMIT_MATCH=4000000000)a", "(*…) verbs and options are not for packs", 0),
      ("a(*COMMIT)b", "(*…) verbs and options are not for packs", 1),
      ("a(*SKIP)(*FAIL)", "(*…) verbs and options are not for packs", 1),
      ("(*pla:a)b", "(*…) verbs and options are not for packs", 0),
      (#"a\C"#, #"\C breaks characters apart"#, 1),
      (#"\Ga"#, #"\G is not for packs"#, 0),
      (#"a\Kb"#, #"\K is not for packs: use a lookbehind, or a span rule"#, 1),
      (#"a(?=b\K)"#, #"\K is not for packs: use a lookbehind, or a span rule"#, 5),
      ("a(?C1)b", "callouts are not for packs", 1),
      ("a(?C)b", "callouts are not for packs", 1),
      (#"(a)\1"#, "backreferences are not for packs", 3),
      (#"(?<x>a)\k<x>"#, "backreferences and recursion are not for packs", 7),
      (#"(a)\g{1}"#, "backreferences and recursion are not for packs", 3),
      ("(?<x>a)(?P=x)", "backreferences and recursion are not for packs", 7),
      ("(?R)?x", "backreferences and recursion are not for packs", 0),
      ("(a)(?P>x)", "backreferences and recursion are not for packs", 3),
      ("(a)(?1)", "recursion and unknown group options are not for packs", 3),
      ("(a)(?-1)", "recursion and unknown group options are not for packs", 3),
      ("(?(1)a|b)", "conditions are not for packs: write two rules", 0),
      (
        "(a+)+$",
        "an unbounded repeat inside an unbounded repeat can take forever: "
          + "bound one of them, as in {1,40}", 0
      ),
      (
        "x(?:a|b*c){3,}",
        "an unbounded repeat inside an unbounded repeat can take forever: "
          + "bound one of them, as in {1,40}", 1
      ),
      ("(?=x){0,2500}", "a repeat on a lookaround can overflow the compiler's stack", 0),
      ("a(?<!x)+", "a repeat on a lookaround can overflow the compiler's stack", 1),
    ])
  func refusal(source: String, message: String, offset: Int) {
    #expect(throws: PatternError(message: message, offset: offset)) { try Pattern(source) }
  }

  @Test("A source of 4096 bytes is the longest")
  func longSource() throws {
    _ = try Pattern(String(repeating: "a", count: 4096))
    #expect(
      throws: PatternError(
        message: "the pattern is 4097 bytes long, over 4096: split it, or list phrases",
        offset: 4096)
    ) { try Pattern(String(repeating: "a", count: 4097)) }
  }

  @Test("Definitions have a bound of their own")
  func longDefinitions() {
    let definitions = "(?(DEFINE)(?<x>\(String(repeating: "a", count: 33_000))))"
    #expect(
      throws: PatternError(message: "the definitions it uses come to over 32768 bytes", offset: 0)
    ) { try Pattern("(?&x)", definitions: definitions) }
  }

  @Test("Compiled code of over 32 KiB is refused")
  func largeCode() {
    let error = #expect(throws: PatternError.self) { try Pattern("(?:abcdefghij){1500}") }
    #expect(error?.message.hasPrefix("the compiled pattern takes ") == true)
    #expect(error?.message.hasSuffix(" bytes, over 32768") == true)
  }

  @Test("64 capturing groups are the most")
  func manyCaptures() throws {
    _ = try Pattern(String(repeating: "(a)", count: 64))
    #expect(
      throws: PatternError(message: "65 capturing groups, over 64: use (?:…)", offset: 0)
    ) { try Pattern(String(repeating: "(a)", count: 65)) }
  }

  @Test("Parentheses nest 99 deep at the most")
  func deepNesting() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "(?:", count: depth) + "a" + String(repeating: ")", count: depth)
    }
    _ = try Pattern(nested(99))
    #expect(throws: PatternError(message: "parentheses nest deeper than 100", offset: 300)) {
      try Pattern(nested(100))
    }
  }

  @Test(
    "What looks like a refused thing, but is text, is taken",
    arguments: [
      #"\\C"#, #"\\K"#, "[(*]", #"\(\*VERB\)"#, #"\Q(*a)\1\E"#, "a{2,3}b{x}", "[(?R)]", "[(?#x)]a",
    ])
  func innocent(source: String) throws {
    _ = try Pattern(source)
  }

  @Test("The trusted path is as strict about PCRE2's own errors")
  func trustedErrors() {
    #expect(throws: PatternError(message: "missing closing parenthesis", offset: 2)) {
      try Pattern("(a", isTrusted: true)
    }
  }

  @Test("Trusted patterns are not timed; others are")
  func timing() throws {
    #expect(try !Pattern("a", isTrusted: true).isTimed)
    #expect(try Pattern("a").isTimed)
  }

  @Test("The version is that of a PCRE2 10")
  func version() {
    #expect(Pattern.libraryVersion.hasPrefix("10."))
  }
}

@Suite struct MatcherTests {
  @Test(
    "UTF, Unicode properties, caseless and free-spacing are always on",
    arguments: [
      ("sign \\h up", "Please SIGN UP now", "SIGN UP"),
      (#"^[\W_]+$"#, "Привет", nil),
      (#"^ \w+ $ # a comment"#, "Привет", "Привет"),
      ("ÜBER", "über uns", "über"),
      (".", "日本", "日"),
      (#"\bфото\b"#, "Автор фото.", "фото"),
      ("k", "\u{212A}", "\u{212A}"),
      ("missing", "text", nil),
      ("$", "text", ""),
    ])
  func match(source: String, text: String, found: String?) throws {
    for (pattern, how) in [
      (try Pattern(source), "timed"), (try Pattern(source, isTrusted: true), "JIT"),
      (try Pattern(source, usesJIT: false), "interpreter"),
    ] {
      #expect(try firstMatch(of: pattern, in: text) == found, "\(how)")
    }
  }

  @Test("Ranges are bytes, and a search may start further on")
  func ranges() throws {
    let pattern = try Pattern("ü")
    #expect(try outcome(of: pattern, in: "über süß") == .match(0..<2))
    #expect(try outcome(of: pattern, in: "über süß", from: 2) == .match(7..<9))
    #expect(try outcome(of: pattern, in: "über süß", from: 9) == .noMatch)
  }

  @Test("A timed pattern finds a match on every side of a slice's border", arguments: 0...40)
  func slices(place: Int) throws {
    let text = String(repeating: "é", count: place) + "Tags: x"
    #expect(try outcome(of: Pattern("tags:"), in: text) == .match(2 * place..<2 * place + 5))
  }

  @Test("An empty subject is matched like any other")
  func emptySubject() throws {
    #expect(try outcome(of: Pattern("^$"), in: "") == .match(0..<0))
    #expect(try outcome(of: Pattern("a"), in: "") == .noMatch)
  }

  @Test("Only -1 is no match: every code below it is a failure")
  func codes() throws {
    let matcher = try Matcher()
    #expect(matcher.outcome(code: -1) == .noMatch)
    for code: Int32 in [-100, -75, -66, -52, -51, -45, -36, -33, -22, -3, -2, .min] {
      #expect(matcher.outcome(code: code) == .failed(.other(code)))
    }
    for code: Int32 in -200 ... -2 {
      guard case .failed = matcher.outcome(code: code) else {
        Issue.record("code \(code) passes for an answer")
        continue
      }
    }
  }

  @Test(
    "The limits have names",
    arguments: [
      (-46, MatchFailure.jitStack, "JIT stack limit"), (-47, .matchLimit, "match limit"),
      (-53, .depthLimit, "depth limit"), (-63, .heapLimit, "heap limit"),
      (-52, .other(-52), "PCRE2 error -52: nested recursion at the same subject position"),
    ])
  func names(code: Int, failure: MatchFailure, name: String) throws {
    #expect(try Matcher().outcome(code: Int32(code)) == .failed(failure))
    #expect(failure.description == name)
  }

  @Test("A match that ends before it starts is a failure, not a trap")
  func reversedRange() throws {
    // Packs cannot say this; a trusted pattern can, through a called group.
    let pattern = try Pattern(
      #"a(?=(?&x))"#, definitions: #"(?(DEFINE)(?<x>bc\K))"#, isTrusted: true)
    #expect(try outcome(of: pattern, in: "abc") == .failed(.reversedRange))
  }

  @Test("The match limit binds, with JIT and without", arguments: [true, false])
  func matchLimit(usesJIT: Bool) throws {
    let pattern = try Pattern("(?:a|aa)+$", isTrusted: true, usesJIT: usesJIT)
    let text = String(repeating: "a", count: 60) + "!"
    #expect(try outcome(of: pattern, in: text) == .failed(.matchLimit))
  }

  @Test("The heap limit binds the interpreter")
  func heapLimit() throws {
    var limits = Matcher.Limits()
    limits.heapKiB = 1
    limits.backtracks = .max
    limits.depth = .max
    let pattern = try Pattern("(?:a|b)*[xy]", isTrusted: true, usesJIT: false)
    let text = String(repeating: "ab", count: 4000)
    #expect(try outcome(of: pattern, in: text, limits: limits) == .failed(.heapLimit))
  }

  @Test("The depth limit binds the interpreter")
  func depthLimit() throws {
    var limits = Matcher.Limits()
    limits.depth = 5
    let pattern = try Pattern("(?:a|b)*[xy]", isTrusted: true, usesJIT: false)
    let text = String(repeating: "ab", count: 100)
    #expect(try outcome(of: pattern, in: text, limits: limits) == .failed(.depthLimit))
  }

  @Test("The JIT stack has an end")
  func jitStack() throws {
    var limits = Matcher.Limits()
    limits.backtracks = .max
    let pattern = try Pattern("(?:(a)|(b)|c)*[xy]", isTrusted: true)
    try #require(pattern.isJITCompiled)
    let text = String(repeating: "ab", count: 200_000)
    #expect(try outcome(of: pattern, in: text, limits: limits) == .failed(.jitStack))
  }

  @Test("Time is bounded over a document, whatever the backtracks")
  func deadline() throws {
    var limits = Matcher.Limits()
    limits.nanoseconds = 2_000_000
    limits.backtracks = .max
    let text = String(repeating: "ab", count: 4000)
    let pattern = try Pattern("a.*b.*[xy]")
    #expect(try outcome(of: pattern, in: text, limits: limits) == .failed(.deadline))
  }

  @Test("Time spent on earlier lines counts")
  func spentTime() throws {
    var limits = Matcher.Limits()
    limits.nanoseconds = 1000
    let matcher = try Matcher(limits: limits)
    var spent: UInt64 = 1001
    let outcome = Array("a".utf8).withUnsafeBufferPointer { bytes in
      try? matcher.firstMatch(of: Pattern("a"), in: bytes, spent: &spent)
    }
    #expect(outcome == .failed(.deadline))
  }

  private func outcome(
    of pattern: Pattern, in text: String, from start: Int = 0, limits: Matcher.Limits = .init()
  ) throws -> MatchOutcome {
    let matcher = try Matcher(limits: limits)
    var spent: UInt64 = 0
    return Array(text.utf8).withUnsafeBufferPointer { bytes in
      matcher.firstMatch(of: pattern, in: bytes, from: start, spent: &spent)
    }
  }

  private func firstMatch(of pattern: Pattern, in text: String) throws -> String? {
    guard case .match(let range) = try outcome(of: pattern, in: text) else { return nil }
    return String(decoding: Array(text.utf8)[range], as: UTF8.self)
  }
}
