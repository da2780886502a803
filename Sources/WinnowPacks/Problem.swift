// What is wrong with a pack: the place, the thing and the way out.
public import WinnowRules

/// A fault or a warning about a pack.
public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Severity: String, Sendable { case error, warning }

  public let severity: Severity
  public let place: Place
  /// What is wrong.
  public let message: String
  /// What to do about it.
  public let remedy: String

  public init(_ severity: Severity = .error, at place: Place, _ message: String, remedy: String) {
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
