// Patterns made to hang or crash a program, and texts that make them do it. Each is refused when
// it is read, or cut when its time is up; the text stays, and the next document is not the worse.
import Foundation
import PCRE2
import Synchronization
import Testing
import WinnowRules

@testable import Winnow

@Suite(.serialized) struct HostilePatternTests {
  static let refused = [
    "(a+)+$", "(a*)*b", "(a+)*$", "(?:a+)+b", "((a+)+)+$", "([a-z]+)*$", "([a-z]+)+@",
    "(.*)*x", "(?:.*,)*x", "(\\w+\\s?)+$", "^(\\w+,?)*$", "^([^A]+|B)*x", "(x+x+)+y", "(a|b+)*c",
    "(?>(a+))+b", "(a++)*b", "(?:a{2,})+b", "(?i)(a+)+$", "(?x: ( a + ) + )", "(?<n>a+)+",
    "(?i)(a+)\\1\\1[xy]", "(.)\\1+", "(?R)?x", "(a(?R)?b)", "(?=x){0,2500}", "(?!x)*",
    "(?<=x)+y", "(*NO_JIT)(a+)+$", "(*LIMIT_MATCH=4000000000)(a+)+$", "(*UTF)(a+)+$",
    "\\C+", "a\\K", "\\G\\G", "(?C255)a", "(?(R)a|b)",
    "((a{1,100}){1,100}){1,100}", "(((a{1,60}){1,60}){1,60}){1,60}", "(a{0,65535}){0,65535}",
    String(repeating: "(", count: 2000) + String(repeating: ")", count: 2000),
    String(repeating: "(?:a?", count: 600) + String(repeating: ")*", count: 600),
    String(repeating: "a?", count: 3000), "a{99999}", "(?:abcdefgh){4000}",
  ]

  /// Patterns that are taken, each with a piece of text that has it go on for ever.
  static let dear = [
    ("(a|aa)+$", "a"), ("(a|a)+$", "a"), ("(a|ab|b)+$", "ab"), ("(?:a|a){1,14}[bc]", "a"),
    ("(.*a){20}[yz]", "a"), ("(.*a){20}[yz]", "a b "), ("a.*b.*[cd]", "ab"), ("a.*b.*[cd]", "a b "),
    ("(?:a?){30}a{30}[yz]", "a"), ("(?:a?){25}(?:a){25}[xy]", "a"),
    ("(.?.?.?.?.?.?.?.?)+[yz]$", "x"),
    (".*.*.*.*[yz]$", "x"), (".{0,80}.{0,80}.{0,80}[yz]$", "x"), ("(a.?){40}[yz]", "a"),
    ("[ab]*[ab]*[ab]*[ab]*[cd]", "ab"), ("(a|b|ab)*(a|b|ab)*[cd]", "ab"), (#"\w*\w*\w*\d"#, "é"),
    ("(?:[ab]{1,9}){1,99}[yz]", "ab"), ("(?=(a|aa)+$)[ax]", "a"),
    ("(?!(a|aa)+$)[xy]|(a|aa)+$", "a"),
  ]

  /// Patterns that look as bad, and are not: PCRE2 sees at once that they cannot match.
  static let cheap = [
    ("^([^A]|B)*x", "a"), ("(.*a){20}x", "a"), ("(a.?){40}x", "a"), ("(?:(?=a)){0,900}b", "a"),
    ("(a|b|ab)*(a|b|ab)*c", "ab"), ("x+!", "a"),
  ]

  @Test("Refused before any text is read", arguments: refused)
  func refusal(source: String) {
    #expect(throws: PatternError.self) { try Pattern(source) }
  }

  @Test("Taken, and answered well within its time", arguments: cheap)
  func answer(source: String, piece: String) throws {
    let result = try clean(source, piece)
    #expect(result.failures.isEmpty)
    #expect(result.isWhole)
  }

  @Test("Taken, and cut when its time is up: the text stays", arguments: dear)
  func cut(source: String, piece: String) throws {
    let result = try clean(source, piece)
    #expect(result.isWhole)
    let first = try #require(result.failures.first)
    #expect(first.line == 1)
    #expect(["match limit", "time limit", "JIT stack limit"].contains(first.reason))
  }

  /// Cleans 8,000 bytes of `piece` in one line by a rule with `source`.
  private func clean(
    _ source: String, _ piece: String
  ) throws -> (failures: [RuleFailure], isWhole: Bool) {
    _ = try Pattern(source)
    // The gates of most would turn the line away untried.
    let set = RuleSet(
      [RuleSource(rules: [.test(.line(.regex(source)))])], selection: .all, isGated: false)
    let line = String(repeating: piece, count: 8000 / piece.utf8.count)
    let document = Array((line + "!\nFin.\n").utf8)
    let start = processorTime()
    let result = Cleaner(rules: set, configuration: .untouched)
      .clean(document, using: Worker(rules: set))
    // 100 ms are its time, and one slice of starts may run over it. Processor time, because test
    // machines are busy with other things.
    #expect(processorTime() - start < 250_000_000)
    return (result.failures, result.bytes == document)
  }

  @Test(
    "A cut is reported with its rule, line and reason, and the other rules go on",
    arguments: [("(a|aa)+$", "match limit"), ("(?:a|a){1,14}[bc]", "time limit")])
  func report(source: String, reason: String) throws {
    let set = RuleSet(
      [
        RuleSource(rules: [
          .test(.line(.equals("Advertisement")), name: "en/test/label"),
          .test(.line(.regex(source)), name: "en/test/hostile"),
        ])
      ], selection: .all, isGated: false)
    let text = "Advertisement\n\(String(repeating: "a", count: 5000))!\nIt rained.\n"
    let result = Cleaner(rules: set, configuration: .untouched)
      .clean(Array(text.utf8), using: Worker(rules: set))
    #expect(result.text == text.dropFirst("Advertisement\n".count))
    let failure = try #require(result.failures.first)
    #expect(set.describe(failure.rule).name == "en/test/hostile")
    #expect(failure.line == 2)
    #expect(failure.reason == reason)
  }

  @Test("A document that was cut leaves no trace on the next")
  func nextDocument() {
    let set = RuleSet(
      [RuleSource(rules: [.test(.line(.regex("^(a|aa)+$|^Tags:")))])], selection: .all)
    let cleaner = Cleaner(rules: set, configuration: .untouched)
    let worker = Worker(rules: set)
    let hostile = Array((String(repeating: "a", count: 5000) + "!\n").utf8)
    #expect(!cleaner.clean(hostile, using: worker).failures.isEmpty)
    let next = cleaner.clean(Array("Tags: ferries\nIt rained.\n".utf8), using: worker)
    #expect(next.text == "It rained.\n")
    #expect(next.failures.isEmpty)
  }

  @Test("A deadline that passes leaves the whole document as it is, on every machine alike")
  func wholeDocument() {
    let set = RuleSet(
      [RuleSource(rules: [.test(.line(.regex("Tags:|(?:a|a){1,14}[bc]")))])], selection: .all)
    let text = "Tags: ferries\n\(String(repeating: "a", count: 5000))!\nTags: harbours\n"
    let result = Cleaner(rules: set, configuration: .untouched)
      .clean(Array(text.utf8), using: Worker(rules: set))
    #expect(result.failures.contains { $0.reason == "time limit" })
    #expect(result.text == text)
  }

  @Test("A veto that cannot be run to its end counts as a veto")
  func veto() {
    let rule = Rule.test(.line(.startsWith("Tags:").unless(.regex("(a|aa)+$"))))
    let long = "Tags: " + String(repeating: "a", count: 100) + "!"
    expectGoes("⟦Tags: ferries⟧\n\(long)\n", by: [rule])
  }

  @Test("An empty match takes nothing, on any length of line")
  func emptyMatches() {
    let set = RuleSet([RuleSource(rules: [.test(.span(.regex("x*")))])], selection: .all)
    let cleaner = Cleaner(rules: set, configuration: .untouched)
    for count in [1, 500, 1200, 8000, 1_000_000] {
      let text = Array((String(repeating: "a", count: count) + "\n").utf8)
      let result = cleaner.clean(text, using: Worker(rules: set))
      #expect(result.bytes == text)
      #expect(
        result.failures.map(\.reason)
          == (count >= 1000 && count <= 8192 ? ["over 1000 matches"] : []))
    }
  }

  @Test("Compiling is safe on a thread with a small stack")
  func smallStack() {
    let done = onSmallStack {
      var count = 0
      for source in Self.refused + (Self.dear + Self.cheap).map(\.0) {
        _ = try? Pattern(source)
        count += 1
      }
      return count
    }
    #expect(done == Self.refused.count + Self.dear.count + Self.cheap.count)
  }

  @Test("Cleaning is safe on a thread with a small stack")
  func smallStackCleaning() {
    let done = onSmallStack {
      (Self.dear + Self.cheap).count { source, piece in
        (try? clean(source, piece).isWhole) == true
      }
    }
    #expect(done == Self.dear.count + Self.cheap.count)
  }

  private func processorTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Runs `body` on a thread of 512 KB, the size that secondary threads have on macOS.
  private func onSmallStack(_ body: @escaping @Sendable () -> Int) -> Int {
    let result = Mutex(0)
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      result.withLock { $0 = body() }
      done.signal()
    }
    thread.stackSize = 512 * 1024
    thread.start()
    done.wait()
    return result.withLock { $0 }
  }
}
