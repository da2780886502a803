// `.winnow.yaml`: the choices of a folder, so that a command need not repeat them. Text in, its
// keys with their places out; what a value may be is for the command's options to say.
public import WinnowRules
internal import Yams

/// A configuration file, read.
public struct ConfigurationFile: Sendable {
  /// A value, and where it stands.
  public struct Value: Sendable, Hashable {
    public let text: String
    public let place: Place

    /// That it is not what it should be.
    public func problem(_ message: String, remedy: String) -> Problem {
      Problem(at: place, message, remedy: remedy)
    }
  }

  /// The keys, named after the options that they stand for.
  public enum Key: String, CaseIterable, Sendable {
    case patterns, select, ignore, confidence, site, language, normalize, paragraphs
    case builtIn = "built_in"

    /// Whether it may hold several values.
    var isList: Bool { [.patterns, .select, .ignore].contains(self) }
  }

  /// The name people look for.
  public static let name = ".winnow.yaml"

  public let path: String
  private let values: [Key: [Value]]

  /// Reads `text`, the whole file.
  ///
  /// - Throws: all that is wrong with it, in file order.
  public init(_ text: String, path: String) throws(Problems) {
    self.path = path
    var walker = Walker(file: path, text: text)
    values = walker.configuration()
    guard walker.problems.isEmpty else { throw Problems(walker.problems) }
  }

  /// The values of a key; none when the file does not have it.
  public subscript(key: Key) -> [Value]? { values[key] }
}

/// Several problems at once.
public struct Problems: Error, Sendable {
  /// In file order.
  public let all: [Problem]

  public init(_ problems: [Problem]) {
    all = problems.sorted {
      ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column)
    }
  }
}

extension Walker {
  fileprivate mutating func configuration() -> [ConfigurationFile.Key: [ConfigurationFile.Value]] {
    // A file of comments chooses nothing.
    let isEmpty = lines.allSatisfy {
      let line = $0.drop(while: \.isWhitespace)
      return line.isEmpty || line.hasPrefix("#")
    }
    guard !isEmpty, let root = composed() else { return [:] }
    let keys = ConfigurationFile.Key.allCases
    let fields = mapping(root, "a configuration", allowed: Set(keys.map(\.rawValue)))
    var values: [ConfigurationFile.Key: [ConfigurationFile.Value]] = [:]
    for key in keys {
      guard let node = fields?[key.rawValue] else { continue }
      if case .sequence(let items) = node, key.isList {
        values[key] = items.compactMap { value($0, key) }
      } else {
        values[key] = value(node, key).map { [$0] } ?? []
      }
    }
    return values
  }

  private mutating func value(
    _ node: Node, _ key: ConfigurationFile.Key
  ) -> ConfigurationFile.Value? {
    if case .sequence = node {
      problem(node, "`\(key.rawValue)` takes one value, not a list", "keep one")
      return nil
    }
    // A path may have blanks in it.
    let text = key == .patterns ? string(node, key.rawValue) : word(node, key.rawValue)
    return text.map { ConfigurationFile.Value(text: $0, place: place(of: node)) }
  }
}
