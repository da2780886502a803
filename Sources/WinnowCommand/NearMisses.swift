// What almost matched: each rule with one of its conditions left out. Where such a rule takes a
// line that stays, that condition is what kept it.
internal import Winnow
internal import WinnowRules

struct NearMisses {
  struct Miss {
    let rule: String
    /// The condition that the line does not meet.
    let reason: String
  }

  private let cleaner: Cleaner
  private var reasons: [String: Miss] = [:]

  /// - Parameters:
  ///   - rules: all that there are, whatever their confidence and sites.
  ///   - confidence: rules below it are not used.
  ///   - selection: which of them are wanted.
  init(of rules: [Rule], confidence: Confidence, selection: Selection) {
    var selection = selection
    selection.confidence = .low
    selection.site = nil
    selection.ignore.append("evidence")
    var variants: [Rule] = []
    for rule in rules {
      for (reason, variant) in Self.variants(of: rule, confidence) {
        var variant = variant
        (variant.sites, variant.notSites) = ([], [])
        variant.name = "\(rule.name)/\(variants.count)"
        reasons[variant.name] = Miss(rule: rule.name, reason: reason)
        variants.append(variant)
      }
    }
    var configuration = Configuration()
    configuration.largestLoss = 1
    configuration.normalisation = Normalisation(.none)
    configuration.paragraphs = .keep
    // The patterns are those of packs that were read: but for an anchor they have been checked.
    cleaner = Cleaner(
      rules: RuleSet([RuleSource(rules: variants)], selection: selection),
      configuration: configuration)
  }

  /// By line, from 1, the nearest misses among the lines that stay.
  func misses(in source: [UInt8], besides removals: [Removal]) -> [Int: [Miss]] {
    let gone = Set(removals.flatMap { Array($0.lines) })
    var misses: [Int: [Miss]] = [:]
    let worker = Worker(rules: cleaner.rules)
    for removal in cleaner.clean(source, using: worker).removals {
      for line in removal.lines where !gone.contains(line) {
        for rule in removal.rules {
          guard let miss = reasons[cleaner.rules.describe(rule).name],
            misses[line, default: []].allSatisfy({ $0.rule != miss.rule }),
            misses[line, default: []].count < Self.most
          else { continue }
          misses[line, default: []].append(miss)
        }
      }
    }
    return misses
  }

  private static let most = 3

  private static func variants(of rule: Rule, _ confidence: Confidence) -> [(String, Rule)] {
    var found: [(String, Rule)] = []
    func add(_ reason: String, _ change: (inout Rule) -> Void) {
      var variant = rule
      change(&variant)
      found.append((reason, variant))
    }
    if case .signal = rule.kind { return [] }
    if rule.confidence < confidence {
      add("its confidence is \(rule.confidence.rawValue)") { _ in }
    }
    if let site = rule.sites.first { add("it is for `--site \(site)`") { _ in } }
    let conditions = rule.conditions
    if let most = conditions.maxWords {
      add("the line has more than `max_words: \(most)`") { $0.conditions.maxWords = nil }
    }
    if let least = conditions.minWords {
      add("the line has less than `min_words: \(least)`") { $0.conditions.minWords = nil }
    }
    if let position = conditions.position {
      add("the line is not in `position: \(position.rawValue)`") { $0.conditions.position = nil }
    }
    if conditions.isAfterRemoved {
      add("the line above stays (`after: removed`)") { $0.conditions.isAfterRemoved = false }
    }
    if conditions.isBeforeRemoved {
      add("the line below stays (`before: removed`)") { $0.conditions.isBeforeRemoved = false }
    }
    if conditions.isAfterBlankLine {
      add("no blank line above") { $0.conditions.isAfterBlankLine = false }
    }
    if let most = rule.maxLength {
      add("the line is longer than `max_len: \(most)`") {
        $0.maxLength = nil
        if case .length = $0.gate { $0.gate = .none }
      }
    }
    guard case .line(let matcher) = rule.kind else { return found }
    func match(_ reason: String, _ change: (inout LineMatcher) -> Void) {
      var other = matcher
      change(&other)
      let keys = [other.equals, other.startsWith, other.endsWith, other.contains]
      guard keys.contains(where: { !$0.isEmpty }) || other.regex != nil else { return }
      add(reason) {
        $0.kind = .line(other)
        $0.gate = .none
      }
    }
    if !matcher.unless.isEmpty { match("its `unless` holds") { $0.unless = [] } }
    if !matcher.endsWith.isEmpty { match("no phrase of its `ends_with`") { $0.endsWith = [] } }
    if !matcher.startsWith.isEmpty {
      match("no phrase of its `starts_with`") { $0.startsWith = [] }
    }
    if !matcher.contains.isEmpty { match("no phrase of its `contains`") { $0.contains = [] } }
    return found
  }
}
