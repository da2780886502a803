// In: a cleaned text with its paragraphs. Out: the same words for programs that read a paragraph a
// line, and for those that read Markdown.

extension CleanedText {
  /// The text with each paragraph on one line and no blank lines. Items of lists and lines of
  /// quotes, verse, tables and code stay lines of their own.
  public var paragraphLines: [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + 1)
    for paragraph in paragraphs {
      for line in lines(of: paragraph) {
        if !output.isEmpty {
          let isInside = line.startIndex > paragraph.bytes.lowerBound
          output.append(isInside && paragraph.kind.isProse ? 0x20 : 0x0A)
        }
        output += line
      }
    }
    if bytes.last == 0x0A, !output.isEmpty { output.append(0x0A) }
    return output
  }

  /// The text as CommonMark that shows the same words: what would be read as markup is escaped,
  /// headings, lists, quotes, verse and code are marked as such.
  public var markdown: [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + bytes.count / 16)
    for paragraph in paragraphs {
      if !output.isEmpty { output += [0x0A, 0x0A] }
      Markdown.append(lines(of: paragraph), kind: paragraph.kind, to: &output)
    }
    if bytes.last == 0x0A, !output.isEmpty { output.append(0x0A) }
    return output
  }

  /// The lines of a paragraph without their ends; blank ones are left out.
  private func lines(of paragraph: Paragraph) -> [ArraySlice<UInt8>] {
    bytes[paragraph.bytes].split { $0 == 0x0A || $0 == 0x0D }.filter { line in
      line.contains { $0 != 0x20 && $0 != 0x09 }
    }
  }
}

extension Paragraph.Kind {
  /// Whether a line end inside is a space.
  var isProse: Bool { self == .paragraph || self == .heading || self == .caption }
}

/// Plain text as CommonMark.
private enum Markdown {
  static func append(
    _ lines: [ArraySlice<UInt8>], kind: Paragraph.Kind, to output: inout [UInt8]
  ) {
    let isFenced = lines.first.map { $0.starts(with: "```".utf8) || $0.starts(with: "~~~".utf8) }
    if kind == .code {
      if isFenced != true { output += "```\n".utf8 }
      output += lines.joined(separator: [0x0A])
      if isFenced != true { output += "\n```".utf8 }
      return
    }
    let isHeading = kind == .heading
    for (index, line) in lines.enumerated() {
      if index > 0 {
        // A line end that is the author's is a hard break.
        if kind == .verse || kind == .table { output.append(UInt8(ascii: "\\")) }
        output.append(isHeading ? 0x20 : 0x0A)
      }
      var rest = line.drop { $0 == 0x20 || $0 == 0x09 }
      switch kind {
      case .heading where index == 0:
        if let text = heading(rest) {
          output += rest[..<text]
          rest = rest[text...]
        } else {
          output += "## ".utf8
        }
      case .list:
        output += line[..<rest.startIndex]
        if let (marker, text) = item(rest) {
          output += marker
          rest = rest[text...]
        }
      case .quote:
        while rest.first == UInt8(ascii: ">") || rest.first == 0x20 {
          output.append(rest.removeFirst())
        }
      default: break
      }
      append(rest, isLineStart: !isHeading, to: &output)
    }
  }

  /// Where the text of `# A heading` begins.
  private static func heading(_ line: ArraySlice<UInt8>) -> Int? {
    let text = line.drop { $0 == UInt8(ascii: "#") }
    let count = text.startIndex - line.startIndex
    return (1...6).contains(count) && text.first == 0x20 ? text.startIndex + 1 : nil
  }

  /// A list item's marker as CommonMark knows it, and where the text begins.
  private static func item(
    _ line: ArraySlice<UInt8>
  ) -> (marker: ArraySlice<UInt8>, text: Int)? {
    guard let first = line.first else { return nil }
    let digits = line.prefix { $0 &- 0x30 < 10 }
    let end = digits.endIndex
    if !digits.isEmpty, end + 1 < line.endIndex, line[end] == 0x2E || line[end] == 0x29,
      line[end + 1] == 0x20
    {
      return (line[..<(end + 2)], end + 2)
    }
    if first == 0x2D || first == 0x2A || first == 0x2B || first >= 0xC2 {
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : 3
      let mark = line.startIndex + length
      let isBullet = first < 0x80 || bullets.contains { $0.elementsEqual(line[..<mark]) }
      let text = line[mark...].drop { $0 == 0x20 }
      if isBullet, first >= 0x80 || text.startIndex > mark {
        return (ArraySlice("- ".utf8), text.startIndex)
      }
    }
    return nil
  }

  private static let bullets: [[UInt8]] = ["•", "‣", "●", "▪", "►", "▸", "◦", "·", "–"]
    .map { Array($0.utf8) }

  /// Appends text with a backslash before all that CommonMark would read as markup.
  private static func append(
    _ text: ArraySlice<UInt8>, isLineStart: Bool, to output: inout [UInt8]
  ) {
    var at = text.startIndex
    if isLineStart { at = lineStart(text, to: &output) }
    while at < text.endIndex {
      let isWordStart = at == text.startIndex || text[at - 1] <= 0x20
      if isWordStart, isAddress(text[at...]) {
        let end = text[at...].firstIndex { $0 <= 0x20 } ?? text.endIndex
        output += text[at..<end]
        at = end
        continue
      }
      if needsEscape(text, at: at) { output.append(UInt8(ascii: "\\")) }
      output.append(text[at])
      at += 1
    }
  }

  private static func needsEscape(_ text: ArraySlice<UInt8>, at: Int) -> Bool {
    switch text[at] {
    case UInt8(ascii: "\\"), UInt8(ascii: "`"), UInt8(ascii: "*"), UInt8(ascii: "["),
      UInt8(ascii: "]"), UInt8(ascii: "<"), UInt8(ascii: "~"), UInt8(ascii: "|"):
      return true
    case UInt8(ascii: "_"):
      // Between letters and digits it is none.
      return
        !(at > text.startIndex && isWord(text[at - 1]) && at + 1 < text.endIndex
        && isWord(text[at + 1]))
    case UInt8(ascii: "&"):
      return at + 1 < text.endIndex && (text[at + 1] == 0x23 || isWord(text[at + 1]))
    default: return false
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
  }

  private static func isAddress(_ text: ArraySlice<UInt8>) -> Bool {
    text.starts(with: "http://".utf8) || text.starts(with: "https://".utf8)
      || text.starts(with: "www.".utf8)
  }

  /// Escapes what makes a block at the start of a line; returns where to go on.
  private static func lineStart(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) -> Int {
    guard let first = text.first else { return text.startIndex }
    let next = text.startIndex + 1
    switch first {
    case UInt8(ascii: "#"), UInt8(ascii: ">"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "="):
      output += [UInt8(ascii: "\\"), first]
      return next
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      let end = text.drop { $0 &- 0x30 < 10 }.startIndex
      output += text[..<end]
      guard end < text.endIndex, text[end] == 0x2E || text[end] == 0x29 else { return end }
      output += [UInt8(ascii: "\\"), text[end]]
      return end + 1
    default: return text.startIndex
    }
  }
}
