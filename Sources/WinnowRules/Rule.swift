// What a rule is: data that says which lines are noise, with its own examples.

/// The kind of noise a rule is about; the letters are the corpus labels.
public enum Category: String, CaseIterable, Sendable, Codable {
  case promo, signup, related, attribution, chrome

  /// The label of this class in labelled articles.
  public var label: Character {
    switch self {
    case .promo: "P"
    case .signup: "S"
    case .related: "R"
    case .attribution: "A"
    case .chrome: "C"
    }
  }

  var code: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How sure a rule is.
public enum Confidence: String, CaseIterable, Sendable, Comparable {
  /// Off unless asked for.
  case low
  /// Few, known wrong hits.
  case medium
  /// May hit no kept text in the corpus.
  case high

  var code: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  public static func < (left: Confidence, right: Confidence) -> Bool { left.code < right.code }
}

/// A place in a pack: file as given, line and column from 1.
public struct Place: Hashable, Sendable, CustomStringConvertible {
  public let file: String
  public let line: Int
  public let column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { "\(file):\(line):\(column)" }
}

/// Conditions on one line. All keys given must hold; the phrases of one key are alternatives.
public struct LineMatcher: Hashable, Sendable {
  public var equals: [String] = []
  public var startsWith: [String] = []
  public var endsWith: [String] = []
  public var contains: [String] = []
  /// PCRE2, free-spacing, caseless, UTF and Unicode properties.
  public var regex: String?
  /// The `(?(DEFINE)…)` text that `regex` needs in front, or empty.
  public var definitions = ""
  /// Any hit of any key vetoes.
  public var unless: [LineMatcher] = []

  public init() {}

  var phraseLists: [[String]] { [equals, startsWith, endsWith, contains] }
}

/// A run of lines.
public struct BlockMatcher: Hashable, Sendable {
  public var start: LineMatcher
  public var middle: LineMatcher?
  public var end: LineMatcher?
  /// Non-blank lines, start and end included.
  public var maxLines: Int

  public init(start: LineMatcher, middle: LineMatcher?, end: LineMatcher?, maxLines: Int) {
    self.start = start
    self.middle = middle
    self.end = end
    self.maxLines = maxLines
  }
}

/// Where in its document a line must stand.
public struct Conditions: Hashable, Sendable {
  public enum Position: String, CaseIterable, Sendable {
    /// One of the first five non-blank lines.
    case head
    /// Neither the first nor the last non-blank line.
    case body
    /// One of the last eight non-blank lines.
    case tail

    var code: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }
  }

  public var position: Position?
  public var minWords: Int?
  public var maxWords: Int?
  /// The line above, or below, is removed.
  public var isAfterRemoved = false
  public var isBeforeRemoved = false
  /// A blank line stands above, in a text where not every line has one.
  public var isAfterBlankLine = false

  public init() {}

  /// Whether they ask about anything but the line itself.
  public var lookAround: Bool {
    position != nil || isAfterRemoved || isBeforeRemoved || isAfterBlankLine
  }
}

/// One rule of a pack.
public struct Rule: Sendable, Hashable {
  public enum Kind: Hashable, Sendable {
    case line(LineMatcher)
    case span(LineMatcher)
    case block(BlockMatcher)
    case signal(LineMatcher)

    /// The word for it in packs.
    public var name: String {
      switch self {
      case .line: "line"
      case .span: "span"
      case .block: "block"
      case .signal: "signal"
      }
    }
  }

  /// An example text; `⟦…⟧` encloses what goes.
  public struct Example: Hashable, Sendable {
    public let text: String
    public let place: Place

    public init(text: String, place: Place) {
      self.text = text
      self.place = place
    }
  }

  /// `en/newsletter/titled-newsletter-pitch`: pack and id.
  public var name: String
  public var summary: String
  public var category: Category
  public var confidence: Confidence
  /// BCP 47, or `any`.
  public var language: String
  public var kind: Kind
  public var conditions = Conditions()
  /// One of these must stand in the line: the gate when none can be derived from the pattern.
  public var requires: [String] = []
  /// Most bytes of the folded line.
  public var maxLength: Int?
  public var sites: [String] = []
  public var notSites: [String] = []
  public var removes: [Example] = []
  public var keeps: [Example] = []
  public var gaps: [Example] = []
  /// What a line must show before this rule is tried on it.
  public var gate = Gate.none
  /// What else it must show.
  public var demands = Demands()
  public var place: Place

  public init(
    name: String, summary: String, category: Category, confidence: Confidence, language: String,
    kind: Kind, place: Place
  ) {
    self.name = name
    self.summary = summary
    self.category = category
    self.confidence = confidence
    self.language = language
    self.kind = kind
    self.place = place
  }

  /// `en/newsletter`
  public var pack: String {
    String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)])
  }

  /// The matcher whose hit makes a line a candidate.
  public var leadMatcher: LineMatcher {
    switch kind {
    case .line(let matcher), .span(let matcher), .signal(let matcher): matcher
    case .block(let block): block.start
    }
  }
}
