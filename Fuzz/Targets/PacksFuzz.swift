// Rule packs of any bytes.
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

enum PacksFuzz {
  private static let text = Array(
    "Share\nSign up now (photo)\r\nMost read\n1. A pier\nTags: é “x” \u{A0}…\naaaaaaaa aaa!\n".utf8)

  static func fault(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let source = String(decoding: bytes, as: UTF8.self)
    let reading = PackReader(name: "fuzz", file: "fuzz.yaml").read(source)
    guard (reading.pack == nil) == !reading.errors.isEmpty else {
      return "a pack with errors, or none without"
    }
    // YAML breaks lines at CR, NEL and the separators of Unicode, too.
    let breaks: Set<UInt32> = [0x0A, 0x0D, 0x85, 0x2028, 0x2029]
    let lines = source.unicodeScalars.count { breaks.contains($0.value) } + 1
    for problem in reading.problems {
      guard problem.place.line >= 1, problem.place.column >= 1, problem.place.line <= lines + 1
      else { return "a problem outside the file: \(problem)" }
      if problem.message.isEmpty || problem.remedy.isEmpty { return "a problem without words" }
    }
    guard let rules = reading.pack?.rules, !rules.isEmpty else { return nil }
    let table = RuleTable.encode(rules)
    let count = table.withUnsafeBufferPointer { RuleTable.decodeRules($0, examples: []).count }
    guard count == rules.count else { return "rules are lost in the table" }
    var selection = Selection()
    selection.confidence = .low
    let set = RuleSet([RuleSource(rules: rules)], selection: selection)
    let result = Cleaner(rules: set).clean(text, using: Worker(rules: set))
    return result.edits.applied(to: text) == result.bytes ? nil : "the edits do not replay"
  }
}
