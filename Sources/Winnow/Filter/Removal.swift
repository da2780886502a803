// The decision: findings in, what goes out of the text. Rules that stand alone come first; then
// those that ask about place or neighbours, again and again until nothing more goes, so that
// cleaning a cleaned text finds nothing left to do.
internal import WinnowRules

/// A run of bytes that goes, and why.
public struct Removal: Sendable, Equatable {
  /// Bytes of the source; whole lines include their terminator.
  public let bytes: Range<Int>
  /// Lines it touches, from 1.
  public let lines: ClosedRange<Int>
  /// The rules that saw it, by index into the rule set, in rule order; empty when it went by the
  /// weight of evidence.
  public let rules: [Int]
  /// Whether it is part of a line only.
  public let isSpan: Bool
  /// Why, when no rule saw it: the heaviest parts of the sum, and the sum. Kept only when the
  /// worker was asked to (`Worker.keepsSums`).
  public var sum: [EvidenceWeight] = []

  /// The same at another place.
  func moved(to bytes: Range<Int>) -> Removal {
    Removal(bytes: bytes, lines: lines, rules: rules, isSpan: isSpan, sum: sum)
  }

  /// The edits that take out `removals`, which are sorted and disjoint.
  static func edits(for removals: [Removal]) -> Edits {
    var edits = Edits()
    for (index, removal) in removals.enumerated() {
      edits.delete(removal.bytes, causes: .removal, removal: Int32(index))
    }
    return edits
  }

  /// Removals of several rounds, sorted, overlapping ones made one, with their lines in `source`.
  static func merged(_ removals: [Removal], in source: UnsafeBufferPointer<UInt8>) -> [Removal] {
    var merged: [Removal] = []
    for removal in removals.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) {
      guard !removal.bytes.isEmpty else { continue }
      if let last = merged.last, last.bytes.upperBound > removal.bytes.lowerBound {
        merged[merged.count - 1] = Removal(
          bytes: last.bytes.lowerBound..<max(last.bytes.upperBound, removal.bytes.upperBound),
          lines: last.lines, rules: Set(last.rules + removal.rules).sorted(),
          isSpan: last.isSpan && removal.isSpan, sum: last.sum + removal.sum)
      } else {
        merged.append(removal)
      }
    }
    var (line, place) = (1, 0)
    func number(at byte: Int) -> Int {
      while place < byte {
        if source[place] == 0x0A
          || (source[place] == 0x0D
            && !(place + 1 < source.count
              && source[place + 1] == 0x0A))
        {
          line += 1
        }
        place += 1
      }
      return line
    }
    return merged.map { removal in
      let first = number(at: removal.bytes.lowerBound)
      let last = number(at: removal.bytes.upperBound - 1)
      return Removal(
        bytes: removal.bytes, lines: first...max(first, last), rules: removal.rules,
        isSpan: removal.isSpan, sum: removal.sum)
    }
  }
}

/// Decides what of a document goes.
final class Decision {
  private let finder: Finder
  private var source = SourceText()
  /// By line: whether it goes.
  private(set) var isRemoved = Buffer<Bool>()
  private var accepted = Buffer<Finding>()
  private var waiting = Buffer<Finding>()
  let evidence: Evidence
  /// A line that scores this goes; nil when evidence decides nothing.
  private let threshold: Float?
  /// Whether the parts of the sums are kept, for `explain`.
  var keepsSums = false
  private var sums: [Int32: [EvidenceWeight]] = [:]

  private static let headLines = 5
  private static let tailLines = 8
  private static let mostRounds = 16

  init(finder: Finder, weights: EvidenceWeights) {
    self.finder = finder
    evidence = Evidence(weights)
    threshold = weights.thresholds[finder.rules.confidence]
  }

  /// What goes of the document that `finder` went over, sorted and disjoint; with `sureOnly`, what
  /// rules of high confidence take.
  func removals(in source: SourceText, sureOnly: Bool = false) -> [Removal] {
    self.source = source
    isRemoved.fill(false, count: source.lines.count)
    if finder.findings.count == 0, finder.pending.count == 0, threshold == nil { return [] }
    accepted.count = 0
    waiting.count = 0
    sums.removeAll()
    for finding in finder.findings.view where !sureOnly || isSure(finding) { accept(finding) }
    for finding in finder.pending.view where !sureOnly || isSure(finding) {
      waiting.append(finding)
    }
    settle()
    if let threshold, !sureOnly {
      evidence.measure(source, finder)
      let found = weigh(threshold, leavingOut: false)
      // Then as often as cleaning the result again would find more; where nothing goes, it is the
      // same text that was weighed.
      for _ in 0..<(found || isRemoved.view.contains(true) ? Self.mostRounds : 0) {
        settle()
        if !weigh(threshold, leavingOut: true) { break }
      }
    }
    return collect()
  }

  /// How much of the folded text is in lines that go.
  var removedText: Int {
    var count = 0
    for index in 0..<isRemoved.count where isRemoved[index] {
      count += source.lines[index].foldedCount
    }
    return count
  }

  /// Rules that ask about place and neighbours, until nothing more goes.
  private func settle() {
    for _ in 0..<Self.mostRounds {
      let emptied = removeEmptiedLines()
      if !acceptWaiting(), !emptied { break }
    }
  }

  /// Takes the lines whose evidence is enough; false when there are none.
  private func weigh(_ threshold: Float, leavingOut: Bool) -> Bool {
    evidence.arrange(source, finder, isRemoved: isRemoved.view, leavingOut: leavingOut)
    let found = evidence.linesToRemove(source, finder, threshold: threshold)
    for index in found {
      let line = source.lines[Int(index)]
      isRemoved[Int(index)] = true
      if keepsSums { sums[index] = evidence.sum(of: index, source, finder) }
      accepted.append(
        Finding(
          rule: Finding.evidence, firstLine: index, lastLine: index, start: line.start,
          end: line.end))
    }
    return !found.isEmpty
  }

  /// Measures the document that `finder` went over without deciding, for fitting weights.
  func measure(in source: SourceText) {
    _ = removals(in: source)
    evidence.measure(source, finder)
    evidence.arrange(source, finder, isRemoved: isRemoved.view, leavingOut: false)
  }

  private func isSure(_ finding: Finding) -> Bool {
    finder.rules.rules[Int(finding.rule)].confidence == .high
  }

  private func isSpan(_ finding: Finding) -> Bool {
    finding.rule >= 0 && finder.rules.rules[Int(finding.rule)].kind == .span
  }

  private func accept(_ finding: Finding) {
    accepted.append(finding)
    guard !isSpan(finding) else { return }
    for line in Int(finding.firstLine)...Int(finding.lastLine) { isRemoved[line] = true }
  }

  // MARK: Place and neighbours

  /// Accepts what is waiting and now fits; false when nothing did.
  private func acceptWaiting() -> Bool {
    var places = Places(finder, isRemoved.view)
    var hasChanged = false
    var left = 0
    for index in 0..<waiting.count {
      var finding = waiting[index]
      let rule = finder.rules.rules[Int(finding.rule)]
      var fits = !rule.looksAround || places.fit(rule, finding.firstLine, source)
      if fits, rule.kind == .block {
        // A block with a line in it that is not UTF-8 stays: such lines are kept byte for byte.
        if let last = lastLine(ofBlock: rule, finding),
          (Int(finding.firstLine)...Int(last)).allSatisfy({ source.lines[$0].isValid })
        {
          finding.lastLine = last
          finding.end = source.lines[Int(last)].end
        } else {
          fits = false
        }
      }
      if fits {
        accept(finding)
        hasChanged = true
        places.isStale = true
      } else {
        waiting[left] = finding
        left += 1
      }
    }
    waiting.count = left
    return hasChanged
  }

  /// The last line of a block that starts at `finding`, or nil when it never ends. A second look
  /// passes over lines that go anyway, as a second cleaning would.
  private func lastLine(ofBlock rule: RunRule, _ finding: Finding) -> Int32? {
    lastLine(ofBlock: rule, finding, skipsRemoved: false)
      ?? lastLine(ofBlock: rule, finding, skipsRemoved: true)
  }

  private func lastLine(
    ofBlock rule: RunRule, _ finding: Finding, skipsRemoved: Bool
  ) -> Int32? {
    var count: Int32 = 1
    var last: Int32?
    var index = finder.textLines.firstIndex(after: finding.firstLine)
    while index < finder.textLines.count, count < rule.maxLines {
      let lineIndex = finder.textLines[index]
      index += 1
      let isGone = isRemoved[Int(lineIndex)]
      if skipsRemoved, isGone { continue }
      count += 1
      let line = source.lines[Int(lineIndex)]
      if rule.end >= 0, finder.matches(rule.end, line, rule: finding.rule, lineIndex) {
        return lineIndex
      }
      if rule.middle >= 0, !isGone,
        !finder.matches(rule.middle, line, rule: finding.rule, lineIndex)
      {
        break
      }
      if rule.end < 0, !isGone { last = lineIndex }
    }
    return rule.end < 0 ? last : nil
  }

  /// Where lines stand among those that stay.
  private struct Places: ~Copyable {
    private let finder: Finder
    private let isRemoved: UnsafeBufferPointer<Bool>
    /// By text line: how many lines that stay come before it.
    private var before = Buffer<Int32>()
    private var staying: Int32 = 0
    var isStale = true

    init(_ finder: Finder, _ isRemoved: UnsafeBufferPointer<Bool>) {
      self.finder = finder
      self.isRemoved = isRemoved
    }

    mutating func fit(_ rule: RunRule, _ lineIndex: Int32, _ source: SourceText) -> Bool {
      if isStale { count() }
      let textLines = finder.textLines.view
      let index = finder.textLines.firstIndex(after: lineIndex) - 1
      let rank = Int(before[index])
      let after = Int(staying) - rank - (isRemoved[Int(lineIndex)] ? 0 : 1)
      switch rule.position {
      case .head where rank >= Decision.headLines: return false
      case .tail where after >= Decision.tailLines: return false
      case .body where rank == 0 || after == 0: return false
      default: break
      }
      if rule.isAfterRemoved {
        guard index > 0, isRemoved[Int(textLines[index - 1])] else { return false }
      }
      if rule.isBeforeRemoved {
        guard index + 1 < textLines.count, isRemoved[Int(textLines[index + 1])] else {
          return false
        }
      }
      if rule.isAfterBlankLine {
        guard lineIndex > 0, source.lines[Int(lineIndex) - 1].isBlank, hasTightLines(source) else {
          return false
        }
      }
      return true
    }

    private mutating func count() {
      before.count = 0
      staying = 0
      for line in finder.textLines.view {
        before.append(staying)
        if !isRemoved[Int(line)] { staying += 1 }
      }
      isStale = false
    }

    /// Whether some line follows another without a blank line: only then does a blank line say
    /// anything, and a cleaned text has one before every paragraph.
    private func hasTightLines(_ source: SourceText) -> Bool {
      finder.textLines.view.contains { line in
        line > 0 && source.lines[Int(line) - 1].isValid && !source.lines[Int(line) - 1].isBlank
      }
    }
  }

  // MARK: Spans

  /// Lines of which spans leave nothing but blanks go whole.
  private func removeEmptiedLines() -> Bool {
    var hasChanged = false
    for index in 0..<accepted.count {
      let finding = accepted[index]
      guard isSpan(finding), !isRemoved[Int(finding.firstLine)] else { continue }
      let line = source.lines[Int(finding.firstLine)]
      var left = 0
      for byte in line.start..<line.contentEnd where source.bytes[byte] > 0x20 {
        var isCut = false
        for other in 0..<accepted.count where accepted[other].firstLine == finding.firstLine {
          isCut = isCut || (accepted[other].start <= byte && byte < accepted[other].end)
        }
        if !isCut {
          left += 1
          break
        }
      }
      if left == 0 {
        isRemoved[Int(finding.firstLine)] = true
        hasChanged = true
      }
    }
    return hasChanged
  }

  // MARK: Result

  /// One removal for each run of lines that the same rules take, and for each run of cut bytes.
  private func collect() -> [Removal] {
    let findings = accepted.view.sorted {
      ($0.start, $0.end, $0.rule) < ($1.start, $1.end, $1.rule)
    }
    var removals: [Removal] = []
    var open: [Finding] = []
    var next = 0
    for lineIndex in 0..<source.lines.count {
      let line = source.lines[lineIndex]
      open.removeAll { $0.end <= line.start }
      while next < findings.count, findings[next].start < line.end {
        open.append(findings[next])
        next += 1
      }
      guard !open.isEmpty else { continue }
      if isRemoved[lineIndex] {
        append(line.start..<line.end, lineIndex, open, isSpan: false, to: &removals)
      } else if line.isBlank {
        // A blank line inside a block.
        let blocks = open.filter { $0.start < line.start && $0.end > line.end }
        if !blocks.isEmpty {
          append(line.start..<line.end, lineIndex, blocks, isSpan: false, to: &removals)
        }
      } else {
        appendSpans(open, lineIndex, to: &removals)
      }
    }
    return removals
  }

  private func appendSpans(_ open: [Finding], _ lineIndex: Int, to removals: inout [Removal]) {
    var run: [Finding] = []
    var end = 0
    for finding in open where isSpan(finding) {
      if !run.isEmpty, finding.start > end {
        append(run[0].start..<end, lineIndex, run, isSpan: true, to: &removals)
        run = []
      }
      run.append(finding)
      end = run.count == 1 ? finding.end : max(end, finding.end)
    }
    if !run.isEmpty {
      append(run[0].start..<end, lineIndex, run, isSpan: true, to: &removals)
    }
  }

  private func append(
    _ bytes: Range<Int>, _ lineIndex: Int, _ findings: [Finding], isSpan: Bool,
    to removals: inout [Removal]
  ) {
    let rules = Set(findings.map { Int($0.rule) }.filter { $0 >= 0 }).sorted()
    let number = lineIndex + 1
    let sum = rules.isEmpty ? sums[Int32(lineIndex)] ?? [] : []
    if !isSpan, sum.isEmpty, let last = removals.last, !last.isSpan, last.sum.isEmpty,
      last.bytes.upperBound == bytes.lowerBound,
      last.rules == rules
    {
      removals[removals.count - 1] = Removal(
        bytes: last.bytes.lowerBound..<bytes.upperBound, lines: last.lines.lowerBound...number,
        rules: rules, isSpan: false)
    } else {
      removals.append(
        Removal(bytes: bytes, lines: number...number, rules: rules, isSpan: isSpan, sum: sum))
    }
  }
}

extension Buffer where Element == Int32 {
  /// The first index whose value is larger, the values being sorted.
  func firstIndex(after value: Int32) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
