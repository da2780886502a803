// The whole story: bytes in, clean text and the record of every change out.

/// Takes the noise out of scraped article text.
///
/// A cleaner is immutable and may be shared by threads; each thread brings its own `Worker`.
public struct Cleaner: Sendable {
  public let rules: RuleSet
  public let configuration: Configuration
  private let normaliser: Normaliser
  private let segmenter: Segmenter

  /// - Parameters:
  ///   - rules: the built-in packs when left out.
  ///   - configuration: typography and paragraphs.
  public init(rules: RuleSet = RuleSet(), configuration: Configuration = Configuration()) {
    self.rules = rules
    self.configuration = configuration
    var normalisation = configuration.normalisation
    // The segmenter sees to blank lines, and reads from them where paragraphs end.
    if configuration.paragraphs != .keep { normalisation.blankLines = false }
    normaliser = Normaliser(normalisation)
    segmenter = Segmenter(layout: configuration.paragraphs)
  }

  /// Cleans a text.
  public func clean(_ text: String) -> String {
    clean(Array(text.utf8), using: Worker(rules: rules)).text
  }

  /// Cleans the bytes of one document.
  public func clean(_ source: [UInt8], using worker: Worker) -> CleanedText {
    source.withUnsafeBufferPointer { clean($0, using: worker) }
  }

  /// Cleans the bytes of one document. Offsets in the result are bytes of `source`; those of
  /// paragraphs are bytes of the result's own `bytes`.
  public func clean(_ source: UnsafeBufferPointer<UInt8>, using worker: Worker) -> CleanedText {
    let found = worker.removals(in: source, largestLoss: configuration.largestLoss)
    var result = arranged(source, without: found, using: worker)
    if result.edits.contains(where: { $0.causes.contains(.mojibake) }) {
      // Rules misread damaged letters (the © of a broken é): they are to see the repaired text.
      let repaired = arranged(source, without: [], using: worker)
      let found = repaired.bytes.withUnsafeBufferPointer {
        worker.removals(in: $0, largestLoss: configuration.largestLoss)
      }
      let moved = found.map { $0.moved(to: repaired.edits.sourceBytes(ofOutput: $0.bytes)) }
      result = arranged(source, without: Removal.merged(moved, in: source), using: worker)
    }
    result.failures = worker.finder.failures
    result.invalidLines = worker.source.invalidLines
    result.isSuspicious = worker.isSuspicious
    // A cut inside a line, or a joined sentence, brings to light what no rule could see before.
    // Such texts are gone over again until nothing goes, so that cleaning twice changes nothing.
    for _ in 0..<Self.mostRounds where result.showsNewLines {
      let more = result.bytes.withUnsafeBufferPointer {
        worker.removals(in: $0, largestLoss: configuration.largestLoss)
      }
      if more.isEmpty { break }
      let moved = more.map { $0.moved(to: result.edits.sourceBytes(ofOutput: $0.bytes)) }
      let all = Removal.merged(result.removals + moved, in: source)
      var next = arranged(source, without: all, using: worker)
      next.failures = result.failures
      next.invalidLines = result.invalidLines
      next.isSuspicious = result.isSuspicious
      result = next
    }
    return result
  }

  /// The text without what goes, its typography repaired and its paragraphs set.
  private func arranged(
    _ source: UnsafeBufferPointer<UInt8>, without removals: [Removal], using worker: Worker
  ) -> CleanedText {
    var result = CleanedText()
    result.removals = removals
    let cuts = Removal.edits(for: removals)
    let kept = cuts.applied(to: source)
    let repairs = kept.withUnsafeBufferPointer {
      normaliser.edits(for: $0, language: configuration.language)
    }
    let repaired = repairs.isEmpty ? kept : repairs.applied(to: kept)
    let (setting, paragraphs) = repaired.withUnsafeBufferPointer { segmenter.edits(for: $0) }
    result.bytes = setting.isEmpty ? repaired : setting.applied(to: repaired)
    result.edits = cuts.followed(by: repairs).followed(by: setting)
    result.paragraphs = paragraphs
    return result
  }

  private static let mostRounds = 8
}

/// What one thread needs for cleaning: memory and PCRE2's own, used again for each document.
public final class Worker {
  let source = SourceText()
  let finder: Finder
  private let decision: Decision

  /// - Parameter rules: the rules of the cleaners this worker is for.
  public init(rules: RuleSet) {
    finder = Finder(rules: rules)
    decision = Decision(
      finder: finder, weights: rules.hasEvidence ? .builtIn : .none)
  }

  /// Whether removals by evidence say what the sum was made of. Off: it costs time.
  public var keepsSums: Bool {
    get { decision.keepsSums }
    set { decision.keepsSums = newValue }
  }

  /// What the rules cost on the texts cleaned since counting began, by rule.
  public struct RuleCost: Sendable {
    public let rule: Int
    public let tries: Int
    public let hits: Int
    public let nanoseconds: UInt64
  }

  /// Starts to count what each rule costs. Cleaning is slower from then on.
  public func countCosts() {
    finder.tallies = Array(repeating: Finder.Tally(), count: finder.rules.count)
  }

  public var costs: [RuleCost] {
    (finder.tallies ?? []).enumerated().map {
      RuleCost(
        rule: $0.offset, tries: $0.element.tries, hits: $0.element.hits,
        nanoseconds: $0.element.nanoseconds)
    }
  }

  /// What evidence there is on the text lines of a document, for fitting weights: by line, from 0,
  /// whether rules remove it, whether it is open to evidence, its facts and words.
  public func evidence(
    in text: UnsafeBufferPointer<UInt8>
  ) -> [(line: Int, isRemoved: Bool, isOpen: Bool, facts: [String], words: [String])] {
    source.decode(text)
    finder.find(in: source)
    decision.measure(in: source)
    return finder.textLines.view.enumerated().map { index, line in
      var facts: [String] = []
      let isOpen = decision.evidence.isOpen(index)
      if isOpen { decision.evidence.forEachFact(index, source) { facts.append($0.name) } }
      let signals = finder.signals.view.filter { $0.firstLine == line }.map {
        "s:" + finder.rules.describe(Int($0.rule)).name
      }
      let words = LineTokens.texts(source.lowerText(of: source.lines[Int(line)]))
      return (
        Int(line), decision.evidence.kinds[index] == .removed, isOpen, facts,
        isOpen ? signals + words : []
      )
    }
  }

  /// Whether the last document would have lost more than it may.
  private(set) var isSuspicious = false

  /// Shorter texts may lose most of what they have: a box with its heading is no article.
  private static let leastText = 500

  /// Decode, find, decide. Of the text that rules of high confidence leave, no more than
  /// `largestLoss` may go: what would cost more is left to them alone.
  func removals(in text: UnsafeBufferPointer<UInt8>, largestLoss: Double = 1) -> [Removal] {
    source.decode(text)
    finder.find(in: source)
    isSuspicious = false
    let found = decision.removals(in: source)
    let lost = decision.removedText
    guard Double(lost) > largestLoss * Double(source.folded.count) else { return found }
    let sure = decision.removals(in: source, sureOnly: true)
    let left = source.folded.count - decision.removedText
    let more = lost - decision.removedText
    isSuspicious = left >= Self.leastText && Double(more) > largestLoss * Double(left)
    return isSuspicious ? sure : found
  }
}
