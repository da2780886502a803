// Why an edit was made: one bit for a removal, one for each step that changes text.
// An edit composed of several steps carries the bits of all of them.

/// The reasons for one edit, as a set of named bits.
public struct Causes: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  private init(bit: UInt32) {
    rawValue = 1 << bit
  }

  /// Text that the rules took out.
  public static let removal = Causes(bit: 0)

  // The repairs, in the order in which they run.
  public static let mojibake = Causes(bit: 1)
  public static let entities = Causes(bit: 2)
  public static let controls = Causes(bit: 3)
  public static let invisibles = Causes(bit: 4)
  public static let bidi = Causes(bit: 5)
  public static let lineEnds = Causes(bit: 6)
  public static let spaces = Causes(bit: 7)
  public static let blankLines = Causes(bit: 8)
  public static let form = Causes(bit: 9)

  // Typography.
  public static let widths = Causes(bit: 10)
  public static let ligatures = Causes(bit: 11)
  public static let quotes = Causes(bit: 12)
  public static let guillemets = Causes(bit: 13)
  public static let primes = Causes(bit: 14)
  public static let dashes = Causes(bit: 15)
  public static let hyphens = Causes(bit: 16)
  public static let minus = Causes(bit: 17)
  public static let ellipsis = Causes(bit: 18)
  public static let bullets = Causes(bit: 19)
  public static let fractions = Causes(bit: 20)
  public static let symbols = Causes(bit: 21)
  public static let cjk = Causes(bit: 22)
  public static let punctuation = Causes(bit: 23)

  // Paragraphs.
  public static let paragraphs = Causes(bit: 24)
  public static let unwrap = Causes(bit: 25)
  public static let dehyphenate = Causes(bit: 26)

  // Typography that no profile asks for.
  public static let fold = Causes(bit: 27)
  public static let squeeze = Causes(bit: 28)

  /// The names by which reports and the command's switches know the bits, lowest bit first.
  private static let allNames = [
    "removal", "mojibake", "entities", "controls", "invisibles", "bidi", "line-ends", "spaces",
    "blank-lines", "form", "widths", "ligatures", "quotes", "guillemets", "primes", "dashes",
    "hyphens", "minus", "ellipsis", "bullets", "fractions", "symbols", "cjk", "punctuation",
    "paragraphs", "unwrap", "dehyphenate", "fold", "squeeze",
  ]

  /// The names of the causes in this set, in the order of the steps.
  public var names: [String] {
    Self.allNames.indices
      .filter { rawValue & (1 << UInt32($0)) != 0 }
      .map { Self.allNames[$0] }
  }
}
