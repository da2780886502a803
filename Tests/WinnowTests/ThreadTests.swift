// One cleaner, many threads: run with the thread sanitizer by `make threads`.
import Testing
import WinnowRules

@testable import Winnow

@Suite struct ThreadTests {
  @Test("Threads that share a cleaner, each with its worker, give what one gives", arguments: 0...1)
  func sharedCleaner(set: Int) async {
    // Rule sets of their own: patterns are compiled when they are first tried, by any of them.
    let make = { set == 0 ? RuleSet() : RuleSet(usesJIT: false) }
    let texts = (0..<24).map { seed -> [UInt8] in
      var random = SplitMix(seed: UInt64(seed))
      return TextMaker.text(&random)
    }
    let alone = Cleaner(rules: make())
    let worker = Worker(rules: alone.rules)
    let expected = texts.map { alone.clean($0, using: worker).bytes }
    let cleaner = Cleaner(rules: make())
    await withTaskGroup(of: [[UInt8]].self) { group in
      for _ in 0..<4 {
        group.addTask {
          let worker = Worker(rules: cleaner.rules)
          return texts.map { cleaner.clean($0, using: worker).bytes }
        }
      }
      for await found in group { #expect(found == expected) }
    }
  }
}
