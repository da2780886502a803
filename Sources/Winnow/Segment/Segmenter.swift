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
  var edits = Edits()
  var paragraphs: [Paragraph] = []

  init(text: UnsafeBufferPointer<UInt8>, lines all: [Line], layout: ParagraphLayout) {
    self.text = text
    var lines: [Line] = []
    var blankBefore: [Bool] = []
    lines.reserveCapacity(all.count)
    blankBefore.reserveCapacity(all.count)
    var isAfterBlank = false
    for line in all {
      if line.isBlank {
        isAfterBlank = true
      } else {
        lines.append(line)
        blankBefore.append(isAfterBlank)
        isAfterBlank = false
      }
    }
    self.lines = lines
    self.blankBefore = blankBefore
    self.layout = layout
    newline = Self.newline(of: text, firstLine: all.first)
  }

  private static func newline(
    of text: UnsafeBufferPointer<UInt8>, firstLine: Line?
  ) -> StaticString {
    guard let next = firstLine?.next, next >= 2, text[next - 2] == 0x0D, text[next - 1] == 0x0A
    else { return "\n" }
    return "\r\n"
  }

  mutating func run() {
    guard let first = lines.first, let last = lines.last else {
      if layout != .keep { edits.delete(0..<text.count, causes: .paragraphs) }
      return
    }
    set(0..<start(of: first), to: [])
    var blockStart = 0
    var isChain = false
    for index in lines.indices.dropFirst() {
      let gap = gap(before: index, isChain: isChain)
      isChain = false
      switch gap {
      case .untouched: break
      case .joined(let separator):
        isChain = true
        set(between: index, to: bytes(separator), causes: .unwrap)
      case .line:
        set(between: index, to: bytes(newline))
      case .paragraph:
        close(blockStart..<index)
        blockStart = index
        set(between: index, to: bytes(newline) + bytes(newline))
      }
    }
    close(blockStart..<lines.count)
    let end = last.content.upperBound
    let hasNewline = text[end...].contains { $0 == 0x0A || $0 == 0x0D }
    set(end..<text.count, to: hasNewline ? bytes(newline) : [])
  }

  private func bytes(_ string: StaticString) -> [UInt8] {
    string.withUTF8Buffer(Array.init)
  }

  /// Where a line's text begins: an indent means something in code and lists only.
  private func start(of line: Line) -> Int {
    switch line.kind {
    case .code, .item, .opaque: line.start
    default: line.content.lowerBound
    }
  }

  private mutating func set(between index: Int, to new: [UInt8], causes: Causes = .paragraphs) {
    set(lines[index - 1].content.upperBound..<start(of: lines[index]), to: new, causes: causes)
  }

  /// Makes a gap read as given, changing as few bytes as can be.
  private mutating func set(_ gap: Range<Int>, to new: [UInt8], causes: Causes = .paragraphs) {
    guard layout != .keep else { return }
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
    edits.replace(gap, with: Array(new), causes: causes)
  }

  /// Reports the paragraph made of these lines. The gap behind it is not yet set.
  private mutating func close(_ block: Range<Int>) {
    let first = lines[block.lowerBound]
    let last = lines[block.upperBound - 1]
    let next = block.upperBound < lines.count ? lines[block.upperBound] : nil
    let width = lines[block].reduce(0) { $0 + $1.width }
    let end = last.content.upperBound + edits.endShift
    // Edits inside a paragraph move its end only; its start moved with those before it.
    let start = edits.outputBytes(ofSource: self.start(of: first)..<self.start(of: first)).lowerBound
    let kind: Paragraph.Kind =
      switch first.kind {
      case .item: .list
      case .quote: .quote
      case .code: .code
      case .table: .table
      case .heading: .heading
      default: isHeading(last, width: width, next: next) ? .heading : .paragraph
      }
    paragraphs.append(Paragraph(kind: kind, bytes: start..<end))
  }

  /// Short, no stop, and prose behind it.
  private func isHeading(_ last: Line, width: Int, next: Line?) -> Bool {
    guard let next, last.kind == .prose, next.kind == .prose || next.kind == .item else { return false }
    return width <= 100 && last.ending.isDisjoint(with: [.stop, .comma]) && next.width > width
      && !next.ending.isDisjoint(with: [.stop, .comma])
  }
}

// MARK: Decisions

extension Setting {
  private func gap(before index: Int, isChain: Bool) -> Gap {
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
    switch layout {
    case .line: return .paragraph
    case .blank:
      return joined(before: index, isChain: isChain) ?? (isBoundary(above, below) ? .paragraph : .line)
    default: return joined(before: index, isChain: isChain) ?? .paragraph
    }
  }

  private func isBoundary(_ above: Line, _ below: Line) -> Bool {
    above.kind != below.kind
  }

  /// How two lines of one broken sentence become one; nil when they are not one beyond doubt.
  private func joined(before index: Int, isChain: Bool) -> Gap? {
    let above = lines[index - 1]
    let below = lines[index]
    guard above.kind == .prose, below.kind == .prose, !above.hasCells, !below.hasCells
    else { return nil }
    // `&amp` over `; and`: the next round must not find a reference.
    guard text[below.content.lowerBound] != UInt8(ascii: ";") || !endsInReference(above)
    else { return nil }
    if below.opening.contains(.continuation) { return .joined(by: "") }
    guard above.ending.isDisjoint(with: [.stop, .hyphen]) else { return nil }
    if above.ending.contains(.openBracket) { return .joined(by: "") }
    let next = index + 1 < lines.count && !blankBefore[index + 1] ? lines[index + 1] : nil
    let goesOn =
      !below.ending.isDisjoint(with: [.stop, .comma, .openWord, .openBracket]) || below.width >= 50
      || next.map { !$0.opening.isDisjoint(with: [.lowercase, .continuation]) } ?? false
    guard goesOn else { return nil }
    if below.opening.contains(.lowercase),
      isChain || above.width >= 25 || above.ending.contains(.openWord)
    {
      return .joined(by: " ")
    }
    if above.ending.contains(.openWord), !below.opening.contains(.cjk) { return .joined(by: " ") }
    return nil
  }

  private func endsInReference(_ line: Line) -> Bool {
    text[line.content].suffix(16).contains(UInt8(ascii: "&"))
  }
}
