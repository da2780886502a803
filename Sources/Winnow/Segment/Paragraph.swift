// What the segmenter reports.

/// How a text's lines make paragraphs.
public enum ParagraphLayout: String, Sendable, CaseIterable {
  /// Found out for each text.
  case auto
  /// Blank lines separate paragraphs; line ends inside them stay.
  case blank
  /// Every line is a paragraph.
  case line
  /// Lines are broken at a column.
  case wrapped
  /// Nothing is changed.
  case keep
}

/// A piece of the cleaned text.
public struct Paragraph: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case heading, paragraph, list, quote, caption, code, verse, table
  }

  public let kind: Kind
  /// UTF-8 bytes of the output.
  public let bytes: Range<Int>

  public init(kind: Kind, bytes: Range<Int>) {
    self.kind = kind
    self.bytes = bytes
  }
}
