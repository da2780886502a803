// In: a text. Out: edits after which a blank line stands between paragraphs, and the paragraphs.
// Every gap between two lines gets one decision; any doubt keeps lines apart.

/// Sets paragraphs.
public struct Segmenter: Sendable {
  public let layout: ParagraphLayout

  public init(layout: ParagraphLayout = .auto) {
    self.layout = layout
  }

  /// The edits that set the paragraphs of a text, and where these are in the text after.
  public func edits(
    for text: UnsafeBufferPointer<UInt8>
  ) -> (edits: Edits, paragraphs: [Paragraph]) {
    guard !text.isEmpty else { return (Edits(), []) }
    let lines = LineReader(text: text).lines()
    var setting = Setting(text: text, lines: lines, layout: layout)
    setting.run()
    return (setting.edits, setting.paragraphs)
  }
}

/// What happens to the gap between two lines.
enum Gap {
  /// Nothing: it lies in code.
  case untouched
  /// The lines become one, with a space between or without.
  case joined(by: StaticString)
  /// The lines become one, and the hyphen at the end of the first goes.
  case dehyphenated
  /// A line end inside a paragraph.
  case line
  /// A blank line.
  case paragraph
}

/// One text being set.
private struct Setting {
  let text: UnsafeBufferPointer<UInt8>
  /// The lines that are not blank.
  let lines: [Line]
  let blankBefore: [Bool]
  let layout: ParagraphLayout
  let newline: StaticString
  let blankLine: StaticString
  /// The column at which the text was wrapped.
  let wrapping: Wrapping?
  /// Lines of verse: their ends stay.
  let isVerse: [Bool]
  /// The words of the text, read when a hyphen asks for them.
  lazy var words = WordSet(text)
  lazy var isHyphenated = findHyphenation()
  /// Whether lines are broken inside sentences, as scrapers do at links.
  let breaks: Breaks
  lazy var blockEndsSentence = Self.blockEnds(lines, blankBefore: blankBefore)
  var edits = Edits()
  var paragraphs: [Paragraph] = []

  init(text: UnsafeBufferPointer<UInt8>, lines all: [Line], layout: ParagraphLayout) {
    self.text = text
    var lines: [Line] = []
    var blanks: [Int] = []
    lines.reserveCapacity(all.count)
    blanks.reserveCapacity(all.count)
    var blank = 0
    for line in all {
      if line.isBlank {
        blank += 1
      } else {
        lines.append(line)
        blanks.append(blank)
        blank = 0
      }
    }
    self.lines = lines
    self.layout = layout
    let isDoubleSpaced =
      (layout == .auto || layout == .wrapped) && Wrapping.isDoubleSpaced(lines, blanks: blanks)
    let blankBefore = blanks.map { $0 > (isDoubleSpaced ? 1 : 0) }
    self.blankBefore = blankBefore
    breaks = layout == .auto ? Breaks(lines, blankBefore: blankBefore) : .none
    isVerse = Verse.lines(of: lines, blankBefore: blankBefore)
    wrapping =
      layout == .line || layout == .blank
      ? nil
      : Wrapping(lines, blankBefore: blankBefore, isGiven: layout == .wrapped || isDoubleSpaced)
    let isCRLF = Self.isCRLF(text, firstLine: all.first)
    newline = isCRLF ? "\r\n" : "\n"
    blankLine = isCRLF ? "\r\n\r\n" : "\n\n"
  }

  /// New line ends are like the text's first.
  private static func isCRLF(_ text: UnsafeBufferPointer<UInt8>, firstLine: Line?) -> Bool {
    guard let next = firstLine?.next, next >= 2 else { return false }
    return text[next - 2] == 0x0D && text[next - 1] == 0x0A
  }

  mutating func run() {
    guard let first = lines.first, let last = lines.last else {
      if layout != .keep { edits.delete(0..<text.count, causes: .paragraphs) }
      return
    }
    set(0..<start(of: first), to: "")
    var blockStart = 0
    var blockOutput = start(of: first) + edits.endShift
    var isChain = false
    for index in lines.indices.dropFirst() {
      let gap = gap(before: index, isChain: isChain)
      isChain = false
      switch gap {
      case .untouched: break
      case .joined(let separator):
        isChain = true
        set(between: index, to: separator, causes: .unwrap)
      case .dehyphenated:
        isChain = true
        let end = lines[index - 1].content.upperBound - 1
        set(end..<start(of: lines[index]), to: "", causes: .dehyphenate)
      case .line:
        set(between: index, to: newline)
      case .paragraph:
        close(blockStart..<index, output: blockOutput)
        blockStart = index
        set(between: index, to: blankLine)
        blockOutput = start(of: lines[index]) + edits.endShift
      }
    }
    close(blockStart..<lines.count, output: blockOutput)
    let end = last.content.upperBound
    let hasNewline = text[end...].contains { $0 == 0x0A || $0 == 0x0D }
    set(end..<text.count, to: hasNewline ? newline : "")
  }

  /// Where a line's text begins: an indent means something in code and lists only.
  private func start(of line: Line) -> Int {
    switch line.kind {
    case .code, .item, .opaque: line.start
    default: line.content.lowerBound
    }
  }

  private mutating func set(between index: Int, to new: StaticString, causes: Causes = .paragraphs)
  {
    set(lines[index - 1].content.upperBound..<start(of: lines[index]), to: new, causes: causes)
  }

  /// Makes a gap read as given, changing as few bytes as can be.
  private mutating func set(_ gap: Range<Int>, to new: StaticString, causes: Causes = .paragraphs) {
    guard layout != .keep else { return }
    new.withUTF8Buffer { new in
      var gap = gap
      var new = new[...]
      while let first = new.first, !gap.isEmpty, text[gap.lowerBound] == first {
        gap = gap.lowerBound + 1..<gap.upperBound
        new = new.dropFirst()
      }
      while let last = new.last, !gap.isEmpty, text[gap.upperBound - 1] == last {
        gap = gap.lowerBound..<gap.upperBound - 1
        new = new.dropLast()
      }
      guard !gap.isEmpty || !new.isEmpty else { return }
      edits.replace(gap, with: UnsafeBufferPointer(rebasing: new), causes: causes)
    }
  }

  /// Reports the paragraph made of these lines. The gap behind it is not yet set.
  private mutating func close(_ block: Range<Int>, output start: Int) {
    let first = lines[block.lowerBound]
    let last = lines[block.upperBound - 1]
    let next = block.upperBound < lines.count ? lines[block.upperBound] : nil
    let width = lines[block].reduce(0) { $0 + $1.width }
    let end = last.content.upperBound + edits.endShift
    let kind: Paragraph.Kind =
      switch first.kind {
      case .item: .list
      case .quote: .quote
      case .code: .code
      case .table: .table
      case .heading: .heading
      default:
        isVerse[block.lowerBound] && block.count > 1
          ? .verse
          : Caption.begins(text[first.content])
            ? .caption : isHeading(last, width: width, next: next) ? .heading : .paragraph
      }
    paragraphs.append(Paragraph(kind: kind, bytes: start..<end))
  }

  /// Short, no stop, and prose behind it.
  private func isHeading(_ last: Line, width: Int, next: Line?) -> Bool {
    guard let next, last.kind == .prose, next.kind == .prose || next.kind == .item else {
      return false
    }
    return width <= 100 && last.ending.isDisjoint(with: [.stop, .comma]) && next.width > width
      && !next.ending.isDisjoint(with: [.stop, .comma])
  }
}

// MARK: Decisions

extension Setting {
  private mutating func gap(before index: Int, isChain: Bool) -> Gap {
    let above = lines[index - 1]
    let below = lines[index]
    if below.isFenced { return .untouched }
    guard !blankBefore[index] else { return .paragraph }
    if above.kind == below.kind {
      switch above.kind {
      case .item, .quote, .code, .table: return .line
      default: break
      }
    }
    if layout != .line, isVerse[index], isVerse[index - 1] { return .line }
    if let wrapping, let gap = unwrapped(before: index, wrapping) { return gap }
    switch layout {
    case .line: return .paragraph
    case .blank: return above.kind == below.kind ? .line : .paragraph
    default: return joined(before: index, isChain: isChain) ?? .paragraph
    }
  }

  /// How two lines of a wrapped paragraph become one; nil when the first may be its last.
  private mutating func unwrapped(before index: Int, _ wrapping: Wrapping) -> Gap? {
    let above = lines[index - 1]
    let below = lines[index]
    guard !above.hasCells, !below.hasCells, wrapping.isUnindented(below, under: above),
      !endsInReference(above) || text[below.content.lowerBound] != UInt8(ascii: ";")
    else { return nil }
    let isFull = wrapping.isFull(above, before: below)
    let isOpen = !above.ending.contains(.stop)
    switch (above.kind, below.kind) {
    case (.prose, .prose): break
    // `bar` over `9. People still say so`, and the second line of an item.
    case (.prose, .item), (.item, .prose): guard isFull, isOpen else { return nil }
    default: return nil
    }
    let goesOn = below.opening.contains(.lowercase) && isOpen
    guard isFull || goesOn else { return nil }
    if !goesOn {
      // A title over the first paragraph, and a paragraph's last line that is long by chance.
      if isOpen ? index == 1 && !below.opening.contains(.cjk) : wrapping.starts.contains(index) {
        return nil
      }
    }
    if above.ending.contains(.hyphen) { return hyphenated(above, below) }
    let isUnspaced = above.ending.contains(.cjk) && below.opening.contains(.cjk)
    let isTight = above.ending.contains(.openBracket) || below.opening.contains(.continuation)
    return .joined(by: isUnspaced || isTight ? "" : " ")
  }

  /// A word with a hyphen at the line's end: in one with proof, else with its hyphen.
  private mutating func hyphenated(_ above: Line, _ below: Line) -> Gap? {
    let right = firstWord(of: below)
    if Hyphen.isLink(right) { return .joined(by: " ") }
    guard !right.isEmpty else { return nil }
    switch evidence(above, below) {
    case .oneWord: return .dehyphenated
    case .open: return isHyphenated ? .dehyphenated : .joined(by: "")
    case .compound: return .joined(by: "")
    }
  }

  /// Whether words were broken when the text was wrapped: at least two are seen whole elsewhere,
  /// and more than are seen with their hyphen. Else lines were broken at hyphens that were there.
  private mutating func findHyphenation() -> Bool {
    var whole = 0
    var compound = 0
    for index in lines.indices.dropFirst()
    where !blankBefore[index] && lines[index - 1].ending.contains(.hyphen) {
      switch evidence(lines[index - 1], lines[index]) {
      case .oneWord: whole += 1
      case .compound: compound += 1
      case .open: break
      }
    }
    return whole >= 2 && whole > compound
  }

  private mutating func evidence(_ above: Line, _ below: Line) -> Hyphen.Evidence {
    let leftEnd = above.content.upperBound - 1
    var left = leftEnd
    while left > above.content.lowerBound, WordSet.isWordByte(text[left - 1]) { left -= 1 }
    // `state-of-the-` has hyphens of its own.
    guard left == above.content.lowerBound || text[left - 1] != 0x2D else { return .compound }
    return Hyphen.evidence(text[left..<leftEnd], firstWord(of: below), in: words)
  }

  private func firstWord(of line: Line) -> Slice<UnsafeBufferPointer<UInt8>> {
    let first = line.content.lowerBound
    var end = first
    while end < line.content.upperBound, WordSet.isWordByte(text[end]) { end += 1 }
    return text[first..<end]
  }

  /// How two lines of one broken sentence become one; nil when they are not one beyond doubt.
  private mutating func joined(before index: Int, isChain: Bool) -> Gap? {
    let above = lines[index - 1]
    let below = lines[index]
    let isRest = breaks.areInSentences && below.opening.contains(.continuation)
    guard above.kind == .prose || above.kind == .item && isRest, below.kind == .prose,
      !above.hasCells, !below.hasCells
    else { return nil }
    // `&amp` over `; and`: the next round must not find a reference.
    guard text[below.content.lowerBound] != UInt8(ascii: ";") || !endsInReference(above)
    else { return nil }
    if below.opening.contains(.continuation) {
      return .joined(by: breaks.keepSpaces && below.opening.contains(.spaced) ? " " : "")
    }
    guard above.ending.isDisjoint(with: .hyphen), !isCode(above), !isCode(below),
      !endsInAddress(above),
      indent(of: below) <= max(1, indent(of: above) + 1)
    else { return nil }
    if above.ending.contains(.openBracket) { return .joined(by: "") }
    guard !Caption.begins(text[below.content]) else { return nil }
    guard
      isChain || below.width >= 40 || below.ending.contains(.stop)
        || !OpenWords.beginsByline(text[below.content])
    else { return nil }
    let next = index + 1 < lines.count && !blankBefore[index + 1] ? lines[index + 1] : nil
    if breaks.areInSentences {
      guard
        breaks.areInParagraphs && isOfParagraph(index)
          || isOneSentence(
            above, below, next: next, isChain: isChain, isAfterBlank: blankBefore[index - 1])
      else { return nil }
      return .joined(
        by: above.ending.contains(.cjk) && below.opening.contains(.cjk) ? "" : " ")
    }
    let isCarriedOn =
      next.map {
        $0.opening.contains(.continuation) || $0.opening.contains(.lowercase) && $0.width >= 20
      } ?? false
    let goesOn =
      !below.ending.isDisjoint(with: [.stop, .comma, .openWord, .openBracket]) || below.width >= 50
      || isCarriedOn
    guard goesOn, !above.ending.contains(.stop) else { return nil }
    if below.opening.contains(.lowercase),
      isChain || above.width >= 25 || above.ending.contains(.openWord)
    {
      return .joined(by: " ")
    }
    guard !below.opening.contains(.cjk) else { return nil }
    let leans = isCarriedOn && LeaningWords.contains(lastWord(of: above))
    return leans || above.ending.contains(.openWord) ? .joined(by: " ") : nil
  }

  /// In a text whose paragraphs are parted by blank lines alone: whether two lines, the first with
  /// no end, stand in a block that ends a sentence. The first may be its heading.
  private mutating func isOfParagraph(_ index: Int) -> Bool {
    let above = lines[index - 1]
    let below = lines[index]
    return above.ending.isDisjoint(with: .stop) && blockEndsSentence[index]
      && (!blankBefore[index - 1] || below.ending.isDisjoint(with: .stop)
        || below.opening.contains(.lowercase) || below.width < above.width)
      && !isListed(above, below)
  }

  /// For each line whether the last one before the next blank line ends a sentence.
  private static func blockEnds(_ lines: [Line], blankBefore: [Bool]) -> [Bool] {
    var ends = [Bool](repeating: false, count: lines.count)
    var last = false
    for index in lines.indices.reversed() {
      if index + 1 == lines.count || blankBefore[index + 1] {
        last = lines[index].ending.contains(.stop) && !lines[index].ending.contains(.colon)
      }
      ends[index] = last
    }
    return ends
  }

  /// In a text that is broken inside sentences: whether one goes on from a line to the next. The
  /// signs and their limits were weighed on pages whose paragraphs another extractor had kept.
  private func isOneSentence(
    _ above: Line, _ below: Line, next: Line?, isChain: Bool, isAfterBlank: Bool
  ) -> Bool {
    let isOpen = !above.ending.contains(.stop)
    if breaks.keepSpaces, below.opening.contains(.spaced) {
      // Behind a stop stands the label that was in bold: `Price:` over ` 5 euros`.
      return isOpen || above.width < 60 && text[above.content.upperBound - 1] != 0x3F
    }
    let isCarriedOn =
      next.map {
        !$0.opening.isDisjoint(with: [.continuation, .lowercase])
          || breaks.keepSpaces && $0.opening.contains(.spaced)
      } ?? false
    let isFragment = below.ending.isDisjoint(with: .stop)
    guard isOpen else {
      // A link that begins a sentence.
      return breaks.areBetweenBlocks && isCarriedOn && isFragment && below.width < 60
    }
    if isListed(above, below) { return false }
    if !above.ending.isDisjoint(with: [.comma, .openWord]) { return true }
    if below.opening.contains(.lowercase) {
      return isChain || above.width >= 12 || below.ending.contains(.stop) || isCarriedOn
    }
    // A capital: perhaps a paragraph under its heading, which may begin with a link, too.
    let isUnderWay =
      isChain || !above.opening.isDisjoint(with: [.lowercase, .continuation])
      || breaks.keepSpaces && above.opening.contains(.spaced)
    if breaks.areBetweenBlocks, isUnderWay && below.width >= 40 { return true }
    guard isFragment, isCarriedOn else { return false }
    if isUnderWay { return true }
    // What follows is a link: short.
    let last = lastWord(of: above)
    return below.width < 80
      && (breaks.areBetweenBlocks || isAfterBlank || above.width >= 100
        || LeaningWords.contains(last)
        || OpenWords.contains(capital: last) || above.width >= 60 && hasInnerStop(above))
  }

  private func indent(of line: Line) -> Int { line.content.lowerBound - line.start }

  /// Code that stands in no fence: its signs, a setting (`a = 1`), a command with an address.
  private func isCode(_ line: Line) -> Bool {
    let content = text[line.content]
    let hasAddress = content.contains { $0 == 0x2F } && content.suffix(80).contains { $0 == 0x3A }
    return Code.looksLikely(line.content, in: text) || content.starts(with: "//".utf8)
      || content.starts(with: "$ ".utf8) || content.starts(with: "# ".utf8)
      || !hasAddress && content.contains(0x3D)
  }

  /// Items of a list begin alike.
  private func isListed(_ above: Line, _ below: Line) -> Bool {
    let first = firstWord(of: above)
    guard !first.isEmpty else {
      return text[above.content.lowerBound] < 0x80
        && text[above.content.lowerBound] == text[below.content.lowerBound]
    }
    return first.elementsEqual(firstWord(of: below))
  }

  /// Whether a sentence ends inside the line: it is no heading then.
  private func hasInnerStop(_ line: Line) -> Bool {
    line.content.dropLast(2).contains {
      (text[$0] == 0x2E || text[$0] == 0x3F || text[$0] == 0x21) && text[$0 + 1] == 0x20
        && text[$0 + 2] &- 0x61 >= 26
    }
  }

  private func lastWord(of line: Line) -> Slice<UnsafeBufferPointer<UInt8>> {
    let end = line.content.upperBound
    var start = end
    while start > line.content.lowerBound, WordSet.isWordByte(text[start - 1]) { start -= 1 }
    return text[start..<end]
  }

  /// `git clone https://…`
  private func endsInAddress(_ line: Line) -> Bool {
    let word = text[line.content].reversed().prefix { $0 != 0x20 }.reversed()
    return zip(word, word.dropFirst()).contains { $0 == 0x2F && $1 == 0x2F }
  }

  private func endsInReference(_ line: Line) -> Bool {
    text[line.content].suffix(16).contains(UInt8(ascii: "&"))
  }
}
