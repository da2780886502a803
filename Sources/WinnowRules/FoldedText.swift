// The spelling in which rules and text meet: curly quotes are straight, every blank is one space,
// dashes are `-`, an ellipsis is three dots, invisible marks are gone.

/// What folding makes of a character.
public enum Folding: Sendable {
  /// Stays as it is.
  case same
  /// Nothing stays.
  case gone
  /// A space, of which a run counts as one.
  case space
  /// Other text.
  case text(StaticString)

  /// The one table of the folded view; the hot path has its own reading of the same bytes.
  public init(of value: UInt32) {
    switch value {
    case 0x09, 0x0B, 0x0C, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
      0x205F, 0x3000:
      self = .space
    case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x206F, 0xFEFF:
      self = .gone
    case 0x60, 0xB4, 0x2BC, 0x2018...0x201B, 0x2032: self = .text("'")
    case 0x201C...0x201F, 0x2033: self = .text("\"")
    case 0x2010...0x2015, 0x2212: self = .text("-")
    case 0x2026: self = .text("...")
    case 0x17F: self = .text("s")
    case 0x2126: self = .text("ω")
    case 0x212A: self = .text("k")
    case 0x212B: self = .text("å")
    default: self = .same
    }
  }
}

/// Folding for phrases of packs.
public enum FoldedText {
  /// `text` on one line, without blanks at its ends.
  public static func trimmed(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The folded spelling of `text`, blank at neither end.
  public static func folding(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch Folding(of: scalar.value) {
      case .same: result.unicodeScalars.append(scalar)
      case .gone: break
      case .space: if !result.isEmpty, result.last != " " { result.append(" ") }
      case .text(let other): result += other.description
      }
    }
    while result.last == " " { result.removeLast() }
    return result
  }
}
