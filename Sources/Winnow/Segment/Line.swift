// In: a text. Out: its lines, each with the few facts that paragraphs are decided by.

/// What a line is by its own looks.
enum LineKind: UInt8 {
  case prose
  case blank
  /// A list item by its marker, or the indented lines under one.
  case item
  /// `> ` before the text.
  case quote
  /// In a fence, or indented and full of signs.
  case code
  /// Cells between bars or tabs.
  case table
  /// `# ` before the text.
  case heading
  /// `-- ` alone: what follows is a signature.
  case signature
  /// Not UTF-8: never touched.
  case opaque
}

/// One line of a text. Offsets are UTF-8 bytes.
struct Line {
  /// The text without indent and without spaces at its end.
  var content: Range<Int>
  /// Where the line begins, with its indent.
  var start: Int
  /// Where the next line begins.
  var next: Int
  var kind: LineKind
  /// Characters of the content.
  var width: Int
  /// Whether cells may stand in it: a bar or a tab between words.
  var hasCells = false
  /// Whether the gap before it lies inside a fence.
  var isFenced = false
  /// Characters of the first word; 1 in Chinese and Japanese.
  var firstWordWidth = 0
  var opening: LineStart = []
  var ending: LineEnd = []

  var isBlank: Bool { kind == .blank }
}

/// How a line begins.
struct LineStart: OptionSet {
  let rawValue: UInt8
  /// A lower-case word, other than a name like `iPhone`.
  static let lowercase = LineStart(rawValue: 1)
  /// A stop, comma or closing bracket, or `’s`: the middle of a sentence.
  static let continuation = LineStart(rawValue: 2)
  /// A character of Chinese or Japanese.
  static let cjk = LineStart(rawValue: 4)
  /// Behind exactly one space: the rest of a sentence, where scrapers keep what stood round links.
  static let spaced = LineStart(rawValue: 8)
  /// A letter of a script without capitals.
  static let uncased = LineStart(rawValue: 16)
}

/// How a line ends.
struct LineEnd: OptionSet {
  let rawValue: UInt16
  /// A stop, with or without closing quotes and brackets behind it.
  static let stop = LineEnd(rawValue: 1)
  /// A word that needs another: `the`, `of`, `und`.
  static let openWord = LineEnd(rawValue: 2)
  /// An opening bracket.
  static let openBracket = LineEnd(rawValue: 4)
  static let comma = LineEnd(rawValue: 8)
  /// A character of Chinese or Japanese.
  static let cjk = LineEnd(rawValue: 16)
  /// A lower-case letter.
  static let lowercase = LineEnd(rawValue: 32)
  /// A letter and a hyphen.
  static let hyphen = LineEnd(rawValue: 64)
  /// A stop that is a colon or semicolon: the sentence goes on.
  static let colon = LineEnd(rawValue: 128)
}

/// Reads the lines of a text.
///
/// Pointers, because every byte is looked at: eight at a time for line ends, bars and tabs.
struct LineReader {
  let text: UnsafeBufferPointer<UInt8>

  func lines() -> [Line] {
    var lines: [Line] = []
    lines.reserveCapacity(text.count / 64 + 4)
    var at = 0
    while at < text.count {
      let line = line(at: at)
      at = line.next
      lines.append(line)
    }
    markFences(&lines)
    markContinuations(&lines)
    return lines
  }

  /// The line that starts here.
  private func line(at start: Int) -> Line {
    var bars = 0
    var tabs = 0
    var isASCII = true
    var end = start
    let high: UInt64 = 0x8080_8080_8080_8080
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    guard let base = text.baseAddress else { preconditionFailure("a line of an empty text") }
    scan: while end < text.count {
      if end + 8 <= text.count {
        let word = UnsafeRawPointer(base + end).loadUnaligned(as: UInt64.self)
        let seven = word & low
        // Bytes 8–15 (tab, line feed, carriage return) and `|`; the few others do no harm.
        let control = ((seven ^ 0x0808_0808_0808_0808) & 0x7878_7878_7878_7878) &+ low
        let bar = (seven ^ 0x7C7C_7C7C_7C7C_7C7C) &+ low
        isASCII = isASCII && word & high == 0
        if ~(control & bar) & ~word & high == 0 {
          end &+= 8
          continue
        }
      }
      let stop = Swift.min(text.count, end + 8)
      while end < stop {
        switch base[end] {
        case 0x0A, 0x0D: break scan
        case 0x7C: bars += 1
        case 0x09: tabs += 1
        case 0x80...: isASCII = false
        default: break
        }
        end += 1
      }
    }
    var next = end
    if end < text.count {
      next += base[end] == 0x0D && end + 1 < text.count && base[end + 1] == 0x0A ? 2 : 1
    }
    let width = isASCII ? end - start : UTF8Text.width(in: text, bytes: start..<end)
    guard let width else {
      return Line(content: start..<end, start: start, next: next, kind: .opaque, width: 0)
    }
    var content = start..<end
    while !content.isEmpty, isSpace(content.lowerBound) { content.removeFirst() }
    while !content.isEmpty, isSpace(content.upperBound - 1) { content.removeLast() }
    var line = Line(
      content: content, start: start, next: next, kind: .prose,
      width: width - (end - start - content.count))
    guard !content.isEmpty else {
      line.kind = .blank
      return line
    }
    line.kind = kind(of: line, bars: bars, tabs: tabs)
    line.hasCells = bars > 0 || innerTabs(content, of: tabs) > 0
    line.opening = lineStart(of: content)
    if content.lowerBound == start + 1 { line.opening.insert(.spaced) }
    line.firstWordWidth = line.opening.contains(.cjk) ? 1 : firstWordWidth(of: content)
    line.ending = lineEnd(of: content)
    return line
  }

  private func isSpace(_ at: Int) -> Bool {
    text[at] == 0x20 || text[at] == 0x09
  }
}

extension Range<Int> {
  fileprivate mutating func removeFirst() { self = lowerBound + 1..<upperBound }
  fileprivate mutating func removeLast() { self = lowerBound..<upperBound - 1 }
}

// MARK: Kinds

extension LineReader {
  private func byte(_ at: Int, in content: Range<Int>) -> UInt8 {
    content.contains(at) ? text[at] : 0
  }

  private func kind(of line: Line, bars: Int, tabs: Int) -> LineKind {
    let content = line.content
    let first = text[content.lowerBound]
    let second = byte(content.lowerBound + 1, in: content)
    if first == UInt8(ascii: ">"), second == 0x20 || second == 0 || second == first {
      return .quote
    }
    if first == UInt8(ascii: "#"), hashes(content) { return .heading }
    if first == UInt8(ascii: "-"), content.count == 2, second == first { return .signature }
    if isItem(content) { return .item }
    if bars >= 2 || innerTabs(content, of: tabs) >= 2 { return .table }
    if indent(line) >= 4, Code.looksLikely(content, in: text) { return .code }
    return .prose
  }

  private func innerTabs(_ content: Range<Int>, of tabs: Int) -> Int {
    guard tabs > 0 else { return 0 }
    return content.count { text[$0] == 0x09 && text[$0 - 1] != 0x09 }
  }

  private func hashes(_ content: Range<Int>) -> Bool {
    var at = content.lowerBound
    while at < content.upperBound, text[at] == UInt8(ascii: "#") { at += 1 }
    return at - content.lowerBound <= 6 && byte(at, in: content) == 0x20
  }

  /// How far a line is indented; a tab counts as four.
  func indent(_ line: Line) -> Int {
    (line.start..<line.content.lowerBound).reduce(0) { $0 + (text[$1] == 0x09 ? 4 : 1) }
  }

  /// `- `, `* `, `• `, `1. `, `2) `, `a) `.
  private func isItem(_ content: Range<Int>) -> Bool {
    let at = content.lowerBound
    switch text[at] {
    case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"):
      return byte(at + 1, in: content) == 0x20
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      var end = at
      while end < at + 3, byte(end, in: content) &- 0x30 < 10 { end += 1 }
      let mark = byte(end, in: content)
      return (mark == UInt8(ascii: ".") || mark == UInt8(ascii: ")"))
        && byte(end + 1, in: content) == 0x20
    case UInt8(ascii: "a")...UInt8(ascii: "z"):
      return byte(at + 1, in: content) == UInt8(ascii: ")") && byte(at + 2, in: content) == 0x20
    case 0xC2...0xE2:
      guard let scalar = UTF8Text.scalar(in: text, at: at) else { return false }
      let next = at + UTF8Text.length(in: text, at: at)
      switch scalar {
      case 0x2022, 0x2023, 0x25CF, 0x25AA, 0x25BA, 0x25B8, 0x25E6, 0xB7: return true
      case 0x2013: return byte(next, in: content) == 0x20
      default: return false
      }
    default: return false
    }
  }

  /// Lines between two fences of three or more backticks or tildes.
  private func markFences(_ lines: inout [Line]) {
    var open: (index: Int, mark: UInt8)?
    for index in lines.indices {
      let content = lines[index].content
      guard content.count >= 3, lines[index].kind != .opaque else { continue }
      let mark = text[content.lowerBound]
      guard mark == 0x60 || mark == 0x7E,
        content.prefix(3).allSatisfy({ text[$0] == mark })
      else { continue }
      if let fence = open {
        guard fence.mark == mark, content.allSatisfy({ text[$0] == mark }) else { continue }
        for inside in fence.index...index {
          if lines[inside].kind != .opaque, !lines[inside].isBlank { lines[inside].kind = .code }
          lines[inside].isFenced = inside > fence.index
        }
        open = nil
      } else {
        open = (index, mark)
      }
    }
  }

  /// Indented lines under a list item belong to it.
  private func markContinuations(_ lines: inout [Line]) {
    for index in lines.indices.dropFirst()
    where lines[index].kind == .prose && lines[index - 1].kind == .item && indent(lines[index]) >= 2
    {
      lines[index].kind = .item
    }
  }
}

// MARK: Starts and ends

extension LineReader {
  private func lineStart(of content: Range<Int>) -> LineStart {
    let at = content.lowerBound
    let next = byte(at + 1, in: content)
    switch text[at] {
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ")"), UInt8(ascii: "]"),
      UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "!"), UInt8(ascii: "?"):
      return endsWord(next) && next != text[at] ? .continuation : []
    case UInt8(ascii: "\""):
      // A quote that closes: `", said`. Before a space it may open as well.
      return next > 0x22 && endsWord(next) ? .continuation : []
    case UInt8(ascii: "'"):
      let isGenitive = next == UInt8(ascii: "s") && byte(at + 2, in: content) == 0x20
      return isGenitive ? .continuation : []
    case UInt8(ascii: "a")...UInt8(ascii: "z"):
      // iPhone, eBay, e.g., a web address.
      var end = at + 1
      while end < content.upperBound, text[end] != 0x20 {
        if text[end] &- 0x41 < 26
          || text[end] == 0x2E && end + 1 < content.upperBound
            && text[end + 1] > 0x22
          || text[end] == 0x3A || text[end] == 0x2F || text[end] == 0x40
        {
          return []
        }
        end += 1
      }
      return .lowercase
    case 0x80...:
      guard let scalar = UTF8Text.scalar(in: text, at: at) else { return [] }
      if scalar == 0x2019 || scalar == 0x2018 {
        let isGenitive =
          byte(at + 3, in: content) == UInt8(ascii: "s") && byte(at + 4, in: content) == 0x20
        return isGenitive ? .continuation : []
      }
      if scalar == 0x3001 || scalar == 0x3002 || scalar == 0xFF0C { return [.continuation, .cjk] }
      // Arabic comma and semicolon, the danda.
      // A quote that closes: `» said`, `”, said`.
      if scalar == 0xBB || scalar == 0x201D {
        let end = byte(at + UTF8Text.length(in: text, at: at), in: content)
        return end != 0 && endsWord(end) ? .continuation : []
      }
      if scalar == 0x60C || scalar == 0x61B || scalar == 0x964 { return .continuation }
      if CJK.isUnspaced(scalar) { return .cjk }
      if UTF8Text.isLowercase(scalar) { return .lowercase }
      return scalar >= 0x5D0 && scalar < 0x10A0 && UTF8Text.isLetter(scalar) ? .uncased : []
    default: return []
    }
  }

  /// Whether a word is over before this byte: a space, the line's end, a closing mark.
  private func endsWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0, 0x20, UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: ";"), UInt8(ascii: ")"),
      UInt8(ascii: "\""):
      true
    default: false
    }
  }

  private func lineEnd(of content: Range<Int>) -> LineEnd {
    var end = content.upperBound
    // Closing quotes and brackets stand behind the stop.
    while end > content.lowerBound, let (scalar, start) = scalar(before: end, in: content),
      Punctuation.closes(scalar)
    {
      end = start
    }
    guard let (stop, start) = scalar(before: end, in: content) else { return [] }
    if Punctuation.stops(stop) {
      if stop == 0x3A || stop == 0x3B { return [.stop, .colon] }
      return CJK.isUnspaced(stop) ? [.stop, .cjk] : .stop
    }
    guard end == content.upperBound else { return [] }
    switch stop {
    case 0x2C: return .comma
    case 0x28, 0x5B: return .openBracket
    case 0x2D:
      guard let (letter, _) = scalar(before: start, in: content), UTF8Text.isLetter(letter)
      else { return [] }
      return .hyphen
    default: break
    }
    if CJK.isUnspaced(stop) { return .cjk }
    var result: LineEnd = []
    if UTF8Text.isLowercase(stop) { result.insert(.lowercase) }
    let word = lastWord(of: content)
    // `…; and` ends an item of a list.
    let before = word.startIndex - 2
    let isItemEnd = before >= content.lowerBound && (text[before] == 0x3B || text[before] == 0x2C)
    if !isItemEnd, OpenWords.contains(word) { result.insert(.openWord) }
    return result
  }

  private func firstWordWidth(of content: Range<Int>) -> Int {
    var width = 0
    for at in content {
      guard text[at] != 0x20, text[at] != 0x09, width < 60 else { break }
      width += text[at] & 0xC0 == 0x80 ? 0 : 1
    }
    return width
  }

  private func scalar(before end: Int, in content: Range<Int>) -> (scalar: UInt32, start: Int)? {
    guard end > content.lowerBound else { return nil }
    var start = end - 1
    while start > content.lowerBound, text[start] & 0xC0 == 0x80 { start -= 1 }
    return UTF8Text.scalar(in: text, at: start).map { ($0, start) }
  }

  /// The last word, when it is short.
  private func lastWord(of content: Range<Int>) -> Slice<UnsafeBufferPointer<UInt8>> {
    var start = content.upperBound
    while start > content.lowerBound, text[start - 1] != 0x20, content.upperBound - start < 12 {
      start -= 1
    }
    return text[start..<content.upperBound]
  }
}

/// Signs at the end of a sentence.
enum Punctuation {
  /// Ends of sentences, and the colon and semicolon: what follows starts anew.
  static func stops(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x2E, 0x21, 0x3F, 0x3A, 0x3B, 0x2026, 0x3002, 0xFF01, 0xFF1F, 0xFF0E, 0xFF1A, 0xFF61,
      0x964, 0x965, 0x61F, 0x61B, 0x6D4, 0x203D, 0x2047...0x2049, 0x589, 0x1362, 0x104B, 0x17D4:
      true
    default: false
    }
  }

  /// Quotes and brackets that may stand behind a stop.
  static func closes(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x22, 0x27, 0x29, 0x5D, 0x7D, 0xBB, 0xAB, 0x2018...0x201F, 0x2039, 0x203A, 0x300D, 0x300F,
      0x300B, 0x3009, 0xFF09, 0x3011:
      true
    default: false
    }
  }
}

extension UTF8Text {
  /// The number of characters; nil when the bytes are not UTF-8.
  ///
  /// Pointers: a third of the time of segmenting went here before ASCII was skipped by eights.
  static func width(in text: UnsafeBufferPointer<UInt8>, bytes: Range<Int>) -> Int? {
    guard let base = text.baseAddress else { return 0 }
    var at = bytes.lowerBound
    let end = bytes.upperBound
    var width = 0
    while at < end {
      let lead = base[at]
      if lead < 0x80 {
        if at + 8 <= end,
          UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
          at &+= 8
          width &+= 8
        } else {
          at &+= 1
          width &+= 1
        }
        continue
      }
      width &+= 1
      if lead < 0xE0 {
        guard lead >= 0xC2, at + 2 <= end, base[at + 1] & 0xC0 == 0x80 else { return nil }
        at &+= 2
      } else if lead < 0xF0 {
        guard at + 3 <= end, base[at + 1] & 0xC0 == 0x80, base[at + 2] & 0xC0 == 0x80,
          lead != 0xE0 || base[at + 1] >= 0xA0, lead != 0xED || base[at + 1] < 0xA0
        else { return nil }
        at &+= 3
      } else {
        guard lead <= 0xF4, at + 4 <= end, base[at + 1] & 0xC0 == 0x80,
          base[at + 2] & 0xC0 == 0x80, base[at + 3] & 0xC0 == 0x80,
          lead != 0xF0 || base[at + 1] >= 0x90, lead != 0xF4 || base[at + 1] < 0x90
        else { return nil }
        at &+= 4
      }
    }
    return width
  }
}
