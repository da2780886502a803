// A pattern of any bytes in the first line, and texts for it in the others.
internal import PCRE2
internal import Winnow
internal import WinnowRules

enum PatternsFuzz {
  private static let untouched: Configuration = {
    var configuration = Configuration()
    configuration.normalisation = Normalisation(.none)
    configuration.paragraphs = .keep
    configuration.largestLoss = 1
    return configuration
  }()

  static func fault(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let end = bytes.firstIndex(of: 0x0A) ?? bytes.count
    guard let source = String(validating: bytes[..<end], as: UTF8.self), !source.isEmpty else {
      return nil
    }
    do throws(PatternError) {
      _ = try Pattern(source)
    } catch {
      guard error.offset >= 0, error.offset <= source.utf8.count else {
        return "an error outside the pattern: \(error)"
      }
      return error.message.isEmpty ? "an error without words" : nil
    }
    let text = Array(bytes[min(end + 1, bytes.count)...])
    // Timed matching depends on the machine: these run to the match limit.
    let gated = removals(of: source, in: text, isGated: true, usesJIT: true)
    let ungated = removals(of: source, in: text, isGated: false, usesJIT: true)
    let interpreted = removals(of: source, in: text, isGated: false, usesJIT: false)
    if gated.hasFailed || ungated.hasFailed || interpreted.hasFailed { return nil }
    guard gated.bytes == ungated.bytes else { return "the gate keeps a match out" }
    return ungated.bytes == interpreted.bytes ? nil : "the interpreter finds another match"
  }

  private static func removals(
    of source: String, in text: [UInt8], isGated: Bool, usesJIT: Bool
  ) -> (bytes: [UInt8], hasFailed: Bool) {
    var matcher = LineMatcher()
    matcher.regex = source
    var rule = Rule(
      name: "fuzz/rule", summary: "x", category: .promo, confidence: .high, language: "en",
      kind: .span(matcher), place: Place(file: "fuzz.yaml", line: 1, column: 1))
    rule.deriveGate(definitions: [:])
    let set = RuleSet(
      [RuleSource(rules: [rule], isTrusted: true)], isGated: isGated, usesJIT: usesJIT)
    let result = Cleaner(rules: set, configuration: untouched)
      .clean(text, using: Worker(rules: set))
    return (result.bytes, !result.failures.isEmpty)
  }
}
