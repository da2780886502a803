import Testing

@testable import Winnow

@Suite struct EditsTests {
  static func random(
    for text: [UInt8], removals: Bool, with random: inout SplitMix
  ) -> Edits {
    var edits = Edits()
    var at = 0
    while at <= text.count {
      at += Int.random(in: 0...4, using: &random)
      let end = min(text.count, at + Int.random(in: 0...3, using: &random))
      guard at <= end else { break }
      if removals, Bool.random(using: &random) {
        edits.delete(at..<end, causes: .removal, removal: Int32(edits.count))
      } else {
        let new = (0..<Int.random(in: 0...3, using: &random)).map { _ in
          UInt8.random(in: 65...90, using: &random)
        }
        edits.replace(at..<end, with: new, causes: .quotes)
      }
      at = end + (Bool.random(using: &random) ? 0 : 1)
    }
    return edits
  }

  static func text(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(97 + $0 % 26) }
  }

  @Test(arguments: 0..<20) func oneAfterAnotherIsBothAtOnce(block: Int) {
    for seed in block * 1000..<(block + 1) * 1000 {
      var random = SplitMix(seed: UInt64(seed))
      let text = Self.text(Int.random(in: 0...24, using: &random))
      let first = Self.random(for: text, removals: seed % 2 == 0, with: &random)
      let between = first.applied(to: text)
      let second = Self.random(for: between, removals: false, with: &random)
      let both = first.followed(by: second)
      #expect(both.applied(to: text) == second.applied(to: between), "seed \(seed)")
      #expect(
        both.filter { $0.removal >= 0 }.map(\.bytes)
          == first.filter { $0.removal >= 0 }.map(\.bytes),
        "seed \(seed)")
      for (left, right) in zip(both, both.dropFirst()) {
        #expect(left.bytes.upperBound <= right.bytes.lowerBound, "seed \(seed)")
      }
    }
  }

  @Test func offsetsMapBothWays() {
    for seed in 0..<2000 {
      var random = SplitMix(seed: UInt64(seed))
      let text = Self.text(Int.random(in: 1...24, using: &random))
      let edits = Self.random(for: text, removals: false, with: &random)
      let output = edits.applied(to: text)
      for at in output.indices {
        let source = edits.sourceBytes(ofOutput: at..<at + 1)
        let isCopied = output[at] >= 97
        if isCopied {
          #expect(source.count == 1 && text[source.lowerBound] == output[at], "seed \(seed)")
          #expect(edits.outputBytes(ofSource: source) == at..<at + 1, "seed \(seed)")
        } else {
          #expect(edits.contains { $0.bytes == source }, "seed \(seed)")
        }
      }
    }
  }

  @Test func aRemovalKeepsItsRangeUnderALaterEdit() {
    var first = Edits()
    first.delete(3..<6, causes: .removal, removal: 0)
    var second = Edits()
    second.replace(1..<5, with: "X", causes: .spaces)
    let both = first.followed(by: second)
    #expect(both.map(\.bytes) == [1..<3, 3..<6, 6..<8])
    #expect(both.map { Array(both.replacement(of: $0)) } == [[88], [], []])
  }

  @Test func lateralEditsAreLeftOutAndCausesHaveNames() {
    #expect(
      Causes([.removal, .quotes, .dehyphenate]).names == ["removal", "quotes", "dehyphenate"])
    #expect(Edits().applied(to: [1, 2]) == [1, 2])
  }
}
