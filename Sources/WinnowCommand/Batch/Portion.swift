// A portion of the work: what the reader hands to the workers, and what they hand to the writer.

/// Some bytes of one input.
struct Portion: Sendable {
  enum Content: Sendable {
    /// A whole text file.
    case text([UInt8])
    /// Whole lines of the bytes, each a record.
    case records([UInt8], Range<Int>)
    /// A piece of a document too large to be cleaned, and its rejection behind its last piece.
    case tooLarge([UInt8], Note?)
    /// The input cannot be read on.
    case failure(FileError)
    /// Nothing, for the sake of `end`.
    case nothing
  }

  enum End: Sendable { case none, shard, input }

  let input: Int
  let content: Content
  /// Where the portion starts in the text of the input, and the lines before it if any are counted.
  var offset = 0
  var lines = 0
  /// What ends behind the portion.
  var end = End.none

  /// Its bytes of the text of the input.
  var count: Int {
    switch content {
    case .text(let bytes), .tooLarge(let bytes, _): bytes.count
    case .records(_, let range): range.count
    case .failure, .nothing: 0
    }
  }

  /// Its share of the memory that all work under way may take.
  var weight: Int { count + 1 }
}

/// What came of a portion.
struct Outcome: Sendable {
  var output: [UInt8] = []
  var removed: [UInt8] = []
  var notes: [Note] = []
  var totals = Totals()
  var lines = 0
}

/// Something to be said of a document.
struct Note: Sendable {
  /// A document that was passed through unchanged.
  struct Rejection: Sendable {
    let reason: String
    let id: String?
    /// Of the document's bytes in the text of the input.
    let offset: Int
    /// Nil when nobody asked for it.
    let sha256: String?
  }

  /// The document's name; nil for the input and its line.
  var document: String?
  /// Counted from the first line of the portion; 0 for the whole of a text.
  var line: Int
  /// What follows the name, from its colon.
  var message: String
  var rejection: Rejection?
  /// Documents of the portion up to this one.
  var documents: Int
}
