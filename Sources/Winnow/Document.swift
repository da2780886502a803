// A cleaned document: what came out, and every change on the way.

/// What cleaning made of a text.
public struct CleanedText: Sendable {
  /// The clean text, UTF-8 except for lines that were not UTF-8 in the source.
  public internal(set) var bytes: [UInt8] = []
  /// Every change: the source with these edits made is `bytes`.
  public internal(set) var edits = Edits()
  /// What the rules took out, in source order; an edit's `removal` is an index into this.
  public internal(set) var removals: [Removal] = []
  /// The pieces of the output, in order.
  public internal(set) var paragraphs: [Paragraph] = []
  /// Rules that could not be run to their end; the text they were tried on stays.
  public internal(set) var failures: [RuleFailure] = []
  /// Lines that are not UTF-8 and were kept byte for byte.
  public internal(set) var invalidLines = 0
  /// The rules would have taken so much that only those of high confidence were used.
  public internal(set) var isSuspicious = false

  /// The clean text as a string; bytes that are not UTF-8 become U+FFFD.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Whether rules may see something in the output that they could not see in the source.
  var showsNewLines: Bool {
    removals.contains(where: \.isSpan)
      || edits.contains { edit in
        !edit.causes.isDisjoint(with: Self.revealing)
          // A lone CR that goes from CRLF reveals nothing; a line separator makes two lines.
          || (edit.causes.contains(.lineEnds) && edit.bytes.count > 1)
      }
  }

  /// Steps that change what the folded view of a line says.
  private static let revealing: Causes = [
    .mojibake, .entities, .controls, .form, .widths, .ligatures, .unwrap, .dehyphenate,
    .guillemets, .bullets, .fractions, .symbols, .cjk, .punctuation, .fold, .squeeze,
  ]
}
