// What a user may choose about the repair of typography: a profile, and a switch for each step.

/// Which steps run on the text that is kept, and what they write.
public struct Normalisation: Sendable, Equatable {
  /// A set of choices for one kind of reader.
  public enum Profile: String, Sendable, CaseIterable {
    /// Repairs damage and changes no typography: archives, corpora for language models.
    case repair
    /// Repairs, plain quotes, spaces and hyphens: reading by programs. The default.
    case standard
    /// As much in ASCII as can be written there without loss: machine translation, old tools.
    case ascii
    /// Changes nothing.
    case none
  }

  /// How far a step goes.
  public enum Level: String, Sendable, CaseIterable {
    case keep, standard, ascii
  }

  // Repairs.

  /// UTF-8 that was read as Windows-1252 or Latin-1, and Windows-1252 bytes read as controls.
  public var mojibake: Bool
  /// Character references left in the text: `&amp;`, `&#8217;`.
  public var entities: Bool
  /// Escape sequences of terminals, control characters, noncharacters.
  public var controls: Bool
  /// Byte order marks, zero-width spaces, soft hyphens. Joiners stay.
  /// `.standard` takes soft hyphens away everywhere, `.keep` keeps all, `nil` is the repair.
  public var invisibles: Invisibles
  /// Direction marks: `.standard` drops unbalanced embeddings, `.ascii` drops all.
  public var bidi: Level
  /// Line ends of every kind become `\n`.
  public var lineEnds: Bool
  /// At most one blank line stands between others.
  public var blankLines: Bool
  /// Spaces: `.standard` makes every kind of space a plain one and a run one space.
  public var spaces: Spaces
  /// Unicode form C.
  public var form: Form
  /// `.latin` takes the marks off Latin letters: `é` becomes `e`. Off in every profile.
  public var fold: Fold

  // Typography.

  /// Full-width letters and digits become ASCII outside CJK lines.
  public var widths: Bool
  /// Ligatures are spelled out.
  public var ligatures: Bool
  /// Curly quotes become straight; with `.ascii` guillemets and primes, too.
  public var quotes: Level
  /// `.ascii`: en dashes become `-`, em dashes ` - `.
  public var dashes: Level
  /// Unicode hyphens become `-`; with `.ascii` the minus sign, too.
  public var hyphens: Level
  /// `…` becomes `...`.
  public var ellipsis: Bool
  /// Bullets at the start of a line become `-`.
  public var bullets: Bool
  /// `½` becomes `1/2`, `™` becomes `(TM)`.
  public var fractions: Bool
  /// Full-width CJK punctuation becomes ASCII.
  public var cjk: Bool
  /// Spaces before `, . ; : ! ?` go, unless the text is French. Where the language is not known,
  /// those before `; : ! ?` go only from texts that have some before commas or full stops, too.
  public var punctuation: Bool
  /// More than three of `! ? .` in a row become three. Off in every profile.
  public var squeeze: Bool

  public enum Invisibles: String, Sendable, CaseIterable {
    /// Nothing goes.
    case keep
    /// Soft hyphens go only between letters.
    case repair
    /// All go.
    case remove
  }

  public enum Spaces: String, Sendable, CaseIterable {
    /// Nothing goes.
    case keep
    /// Spaces at the end of a line go.
    case trailing
    /// Every space is a plain one, runs become one.
    case plain
  }

  public enum Form: String, Sendable, CaseIterable {
    case keep
    /// Canonical composition.
    case nfc
  }

  public enum Fold: String, Sendable, CaseIterable {
    case keep
    /// Letters of the Latin script, those with a stroke included.
    case latin
  }

  /// The choices of a profile, to change one by one.
  public init(_ profile: Profile = .standard) {
    let repairs = profile != .none
    let standard = profile == .standard || profile == .ascii
    let ascii = profile == .ascii
    let level: Level = ascii ? .ascii : standard ? .standard : .keep
    mojibake = repairs
    entities = repairs
    controls = repairs
    invisibles = standard ? .remove : repairs ? .repair : .keep
    bidi = level
    lineEnds = repairs
    blankLines = repairs
    spaces = standard ? .plain : repairs ? .trailing : .keep
    form = repairs ? .nfc : .keep
    fold = .keep
    widths = standard
    ligatures = standard
    quotes = level
    dashes = level
    hyphens = level
    ellipsis = standard
    bullets = ascii
    fractions = ascii
    cjk = false
    punctuation = ascii
    squeeze = false
  }
}

extension Normalisation {
  /// The names of the switches, in the order of the steps.
  public static let switches = [
    "mojibake", "entities", "controls", "invisibles", "bidi", "lines", "blanklines", "spaces",
    "form", "fold", "widths", "ligatures", "quotes", "dashes", "hyphens", "ellipsis", "bullets",
    "fractions", "cjk", "punctuation", "squeeze",
  ]

  /// Sets one switch, as `quotes=keep` on the command line does; false when there is no such
  /// switch or value. The values are `on` and `off`, or those of the switch's own kind.
  public mutating func set(_ name: String, to value: String) -> Bool {
    func read(_ field: inout Bool) -> Bool {
      switch value {
      case "on", "ascii", "dash": field = true
      case "off", "keep": field = false
      default: return false
      }
      return true
    }
    func read(_ field: inout Level, on: Level) -> Bool {
      let named: Level? = value == "on" ? on : value == "off" ? .keep : Level(rawValue: value)
      guard let named else { return false }
      field = named
      return true
    }
    switch name {
    case "mojibake": return read(&mojibake)
    case "entities": return read(&entities)
    case "controls": return read(&controls)
    case "invisibles":
      guard
        let named = value == "off" ? .keep : value == "on" ? .remove : Invisibles(rawValue: value)
      else { return false }
      invisibles = named
    case "bidi": return read(&bidi, on: .standard)
    case "lines": return read(&lineEnds)
    case "blanklines": return read(&blankLines)
    case "spaces":
      guard let named = value == "off" ? .keep : value == "on" ? .plain : Spaces(rawValue: value)
      else { return false }
      spaces = named
    case "form":
      guard let named = value == "off" ? .keep : value == "on" ? .nfc : Form(rawValue: value)
      else { return false }
      form = named
    case "fold":
      guard let named = value == "off" ? .keep : value == "on" ? .latin : Fold(rawValue: value)
      else { return false }
      fold = named
    case "widths": return read(&widths)
    case "ligatures": return read(&ligatures)
    case "quotes": return read(&quotes, on: .standard)
    case "dashes": return read(&dashes, on: .ascii)
    case "hyphens": return read(&hyphens, on: .standard)
    case "ellipsis": return read(&ellipsis)
    case "bullets": return read(&bullets)
    case "fractions": return read(&fractions)
    case "cjk": return read(&cjk)
    case "punctuation": return read(&punctuation)
    case "squeeze": return read(&squeeze)
    default: return false
    }
    return true
  }
}
