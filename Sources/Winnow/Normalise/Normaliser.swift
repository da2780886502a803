// In: the text that is kept. Out: the edits that repair its typography. Steps run until nothing
// changes, so that normalising twice is normalising once.

/// Repairs typography by a set of choices; made once, used for many texts.
public struct Normaliser: Sendable {
  public let options: Normalisation
  private let table: CharacterTable
  private let isIdle: Bool

  public init(_ options: Normalisation = Normalisation()) {
    self.options = options
    table = CharacterTable(options)
    isIdle = options == Normalisation(.none)
  }

  /// How often a text is gone over before it is given up as hostile and left as it is.
  private static let rounds = 12

  /// The edits that normalise a text. Lines that are not UTF-8 stay byte for byte. The language
  /// is a BCP 47 code; French keeps its spaces before stops.
  public func edits(
    for text: UnsafeBufferPointer<UInt8>, language: String? = nil
  ) -> Edits {
    guard !isIdle else { return Edits() }
    let isFrench = language.map { $0 == "fr" || $0.hasPrefix("fr-") }
    var (total, again) = pass(over: text, isFrench: isFrench)
    for _ in 1..<Self.rounds {
      guard again else { return total }
      var current: [UInt8] = []
      total.apply(to: text, appendingTo: &current)
      let more: Edits
      (more, again) = current.withUnsafeBufferPointer { pass(over: $0, isFrench: isFrench) }
      guard !more.isEmpty else { return total }
      total = total.followed(by: more)
    }
    return again ? Edits() : total
  }

  /// One round; the second value says whether another may find more.
  private func pass(
    over text: UnsafeBufferPointer<UInt8>, isFrench: Bool?
  ) -> (edits: Edits, again: Bool) {
    table.withUnsafeTables { tables in
      var scan = Scan(text, table: tables, options: options, isFrench: isFrench)
      scan.run()
      return (scan.edits, scan.again)
    }
  }
}
