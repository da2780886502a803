// What a user may choose. Every default is the safe choice.

/// The choices of a cleaner.
public struct Configuration: Sendable, Equatable {
  /// How typography is repaired.
  public var normalisation = Normalisation()
  /// How lines make paragraphs.
  public var paragraphs = ParagraphLayout.auto
  /// The language of the texts, BCP 47, where it is known; French keeps its spaces before stops.
  public var language: String?
  /// A document that would lose more than this share of its letters is cleaned again by rules of
  /// high confidence alone, and flagged.
  public var largestLoss = 0.6

  public init() {}
}
