// What is wrong with a pack: the place, the thing and the way out.
public import WinnowRules

/// A fault or a warning about a pack.
public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Severity: String, Sendable { case error, warning }

  /// What kind of fault it is: the name under which code review tools know it.
  public enum Code: String, CaseIterable, Sendable {
    case yaml, key, value, example, pattern, gate, slow, trap, duplicate, shadowed, dead, broad

    /// What it is about, in a sentence.
    public var summary: String {
      switch self {
      case .yaml: "The file is not YAML, or YAML reads it otherwise than it looks."
      case .key: "A key is unknown or missing."
      case .value: "A value is not what its key takes."
      case .example: "An example is missing, or not what it should be."
      case .pattern: "A pattern does not compile, or is refused."
      case .gate: "A rule is tried on every line."
      case .slow: "A pattern takes too many steps on some lines."
      case .trap: "A pattern reads otherwise than it looks."
      case .duplicate: "The same thing stands twice."
      case .shadowed: "Another rule takes all that this one takes."
      case .dead: "A rule hits nothing in the given texts."
      case .broad: "A rule takes text that must stay."
      }
    }
  }

  public let code: Code
  public let severity: Severity
  public let place: Place
  /// What is wrong.
  public let message: String
  /// What to do about it.
  public let remedy: String

  public init(
    _ code: Code = .value, _ severity: Severity = .error, at place: Place, _ message: String,
    remedy: String
  ) {
    self.code = code
    self.severity = severity
    self.place = place
    self.message = message
    self.remedy = remedy
  }

  /// `Patterns/en/newsletter.yaml:42:9: what; what to do`
  public var description: String {
    "\(place): \(severity == .warning ? "warning: " : "")\(message); \(remedy)"
  }
}
