// Evidence: what a rule saw. Findings may overlap and may be weak; removal decides.
internal import PCRE2

/// "This rule saw noise here."
struct Finding {
  var rule: Int32
  /// The lines it covers, first and last.
  var firstLine: Int32
  var lastLine: Int32
  /// Source bytes of a span; the whole lines otherwise.
  var start: Int
  var end: Int

  /// In the place of a rule: the line went by the weight of evidence.
  static let evidence: Int32 = -1
}

/// A rule that could not be run to its end on a line. The text stays.
public struct RuleFailure: Sendable, Equatable {
  /// Index into the rule set.
  public let rule: Int
  /// From 1.
  public let line: Int
  /// `match limit`, `time limit` …
  public let reason: String

  /// Whether time was up, which is not the same on every machine.
  var isDeadline: Bool { reason == MatchFailure.deadline.description }
}
