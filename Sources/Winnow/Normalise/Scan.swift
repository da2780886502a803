// In: a text, any bytes. Out: the edits of all steps that look at one character and its
// neighbours, in one pass. The pass runs over plain text eight bytes at a time and stops only
// where a step may have something to do. A line that is not UTF-8 stays as it is.

/// One pass over a text.
///
/// Pointers, because this is the inner loop of normalising: with checked arrays the pass took
/// twice as long on English prose.
struct Scan {
  let text: UnsafeBufferPointer<UInt8>
  let table: UnsafeTables
  let options: Normalisation
  /// Nil when the language is not known.
  let isFrench: Bool?

  private(set) var edits = Edits()
  /// Whether the edits may have made work for another pass.
  private(set) var again = false

  private var lineStart = 0
  private var editsAtLineStart = 0
  private var blankLines = 0
  /// Up to here the text is code: only controls and line ends are touched.
  private var codeEnd = 0
  private var noFenceAfter = Int.max
  private var openGuillemet: UInt8 = 0
  private var sawHalfMojibake = false
  private var mojibakeEvidence: Bool?
  private var tokenised: Bool?
  private var address = Address()
  private var line = LineFacts()
  private var unpairedDirections: Set<Int> = []
  private var directionsLine = -1

  init(
    _ text: UnsafeBufferPointer<UInt8>, table: UnsafeTables, options: Normalisation,
    isFrench: Bool?
  ) {
    self.text = text
    self.table = table
    self.options = options
    self.isFrench = isFrench
  }
}

/// The character table as the scan reads it.
struct UnsafeTables {
  let pages: UnsafePointer<UInt8>
  let cells: UnsafePointer<UInt8>
  let actions: [CharacterAction]
}

/// What is known of the current line, found out when first asked.
private struct LineFacts {
  var start = -1
  var isCJK = false
  var keepsSpaces = false
}

// MARK: The pass

extension Scan {
  /// Runs over the whole text.
  mutating func run() {
    guard let base = text.baseAddress else { return }
    let count = text.count
    let everySpace = options.punctuation || options.quotes == .ascii
    var at = 0
    beginLine(at: 0)
    while at < count {
      if !options.squeeze {
        at = Self.skipPlain(base, from: at, count: count, everySpace: everySpace)
      }
      // Byte by byte while the text is not plain ASCII.
      var plain = 0
      while at < count, plain < 2 {
        let byte = base[at]
        if byte >= 0x80 {
          plain = 0
          at = character(base, at: at, count: count)
        } else if options.squeeze, byte == 0x21 || byte == 0x2E || byte == 0x3F {
          at = squeeze(base, at: at, count: count)
        } else if byte > 0x20 && byte != 0x26 && byte != 0x60 && byte != 0x7F {
          plain += 1
          at += 1
        } else if byte == 0x20 {
          let next = at + 1 < count ? base[at + 1] : 0
          if next == 0x20 || everySpace && (next >= 0x80 || next < 0x40 && next &- 0x30 >= 10) {
            at = spaces(base, at: at, count: count)
          } else {
            plain += 1
            at += 1
          }
        } else {
          plain = 0
          at = ascii(base, at: at, count: count)
        }
      }
    }
    trimLineEnd(at: count)
    if sawHalfMojibake, !edits.isEmpty { again = true }
  }

  /// The next byte that some step may care about: not ASCII, a control, `&`, a backtick, or
  /// the first of two spaces (with `everySpace`: any space).
  @inline(__always)
  private static func skipPlain(
    _ base: UnsafePointer<UInt8>, from start: Int, count: Int, everySpace: Bool
  ) -> Int {
    var at = start
    let high: UInt64 = 0x8080_8080_8080_8080
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    while at + 8 <= count {
      let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self).littleEndian
      let seven = word & low
      // The top bit of each byte: set where the byte is none of these.
      let noControl = seven &+ 0x6060_6060_6060_6060
      let delete = seven &+ 0x0101_0101_0101_0101
      let noAmpersand = (seven ^ 0x2626_2626_2626_2626) &+ low
      let noBacktick = (seven ^ 0x6060_6060_6060_6060) &+ low
      let space = ~((seven ^ 0x2020_2020_2020_2020) &+ low) & high
      var marked = word | delete | ~(noControl & noAmpersand & noBacktick)
      marked |= everySpace ? space : space & (space >> 8)
      marked &= high
      guard marked == 0 else { return at + marked.trailingZeroBitCount >> 3 }
      // A space in the last byte is looked at again, as the first of the next eight.
      at &+= 8 &- Int(truncatingIfNeeded: space >> 63)
    }
    return at
  }

  /// An ASCII control, `&` or a backtick; returns where to go on.
  private mutating func ascii(_ base: UnsafePointer<UInt8>, at: Int, count: Int) -> Int {
    switch base[at] {
    case 0x0A:
      endLine(at: at, next: at + 1)
      return at + 1
    case 0x0D:
      return carriageReturn(base, at: at, count: count)
    case 0x09:
      return spaces(base, at: at, count: count)
    case 0x26:
      return options.entities && at >= codeEnd ? entity(at: at) : at + 1
    case 0x60:
      return code(base, at: at, count: count)
    default:
      guard options.controls else { return at + 1 }
      let end = controlSequenceEnd(base, at: at, count: count)
      if base[at] == 0x0B || base[at] == 0x0C, at > lineStart, end < count, base[at - 1] > 0x20,
        base[end] > 0x20
      {
        // A page break between two words keeps them apart.
        edits.replace(at..<end, with: 0x0A, causes: .controls)
      } else {
        edits.delete(at..<end, causes: .controls)
      }
      again = true
      return end
    }
  }

  /// One character that is not ASCII; returns where to go on.
  @inline(__always)
  private mutating func character(_ base: UnsafePointer<UInt8>, at: Int, count: Int) -> Int {
    let lead = UInt32(base[at])
    let left = count - at
    let scalar: UInt32
    let length: Int
    if lead < 0xE0 {
      guard lead >= 0xC2, left >= 2, base[at + 1] & 0xC0 == 0x80 else {
        return skipInvalidLine(at: at)
      }
      scalar = (lead & 0x1F) << 6 | UInt32(base[at + 1] & 0x3F)
      length = 2
      // `Ã©`: a letter from Â to ô, then another character above 127.
      if lead == 0xC3, left >= 3, scalar <= 0xF4, options.mojibake {
        let next = base[at + 2]
        if next >= 0xC2 {
          let end = mojibake(at: at)
          if end > at { return end }
        } else if next == 0x20, scalar == 0xC3 {
          let end = mojibakeSpace(at: at)
          if end > at { return end }
        }
      }
    } else if lead < 0xF0 {
      guard left >= 3, base[at + 1] & 0xC0 == 0x80, base[at + 2] & 0xC0 == 0x80 else {
        return skipInvalidLine(at: at)
      }
      scalar = (lead & 0xF) << 12 | UInt32(base[at + 1] & 0x3F) << 6 | UInt32(base[at + 2] & 0x3F)
      guard scalar >= 0x800, scalar & 0xF800 != 0xD800 else { return skipInvalidLine(at: at) }
      length = 3
    } else {
      return longCharacter(base, at: at, count: count)
    }
    let page = Int(table.pages[Int(scalar >> 6)])
    guard page != 0 else { return at + length }
    let action = Int(table.cells[page << 6 | Int(scalar & 63)])
    guard action != 0 else { return at + length }
    return act(on: action, scalar: scalar, bytes: at..<at + length)
  }

  /// A character of four bytes: only noncharacters are of interest.
  private mutating func longCharacter(
    _ base: UnsafePointer<UInt8>, at: Int, count: Int
  ) -> Int {
    guard count - at >= 4, base[at] <= 0xF4, base[at + 1] & 0xC0 == 0x80,
      base[at + 2] & 0xC0 == 0x80, base[at + 3] & 0xC0 == 0x80
    else { return skipInvalidLine(at: at) }
    let scalar =
      UInt32(base[at] & 7) << 18 | UInt32(base[at + 1] & 0x3F) << 12
      | UInt32(base[at + 2] & 0x3F) << 6 | UInt32(base[at + 3] & 0x3F)
    guard scalar >= 0x10000, scalar <= 0x10FFFF else { return skipInvalidLine(at: at) }
    if scalar & 0xFFFE == 0xFFFE, options.controls {
      edits.delete(at..<at + 4, causes: .controls)
      again = true
    }
    return at + 4
  }

  /// Forgets what was done in a line that is not UTF-8; returns its end.
  private mutating func skipInvalidLine(at: Int) -> Int {
    edits.truncate(to: editsAtLineStart)
    var end = at
    while end < text.count, text[end] != 0x0A, text[end] != 0x0D { end += 1 }
    if end < text.count {
      end += text[end] == 0x0D && end + 1 < text.count && text[end + 1] == 0x0A ? 2 : 1
    }
    blankLines = 0
    beginLine(at: end)
    return end
  }
}

// MARK: Actions

extension Scan {
  /// Does what the table says of a character; returns where to go on.
  private mutating func act(on index: Int, scalar: UInt32, bytes: Range<Int>) -> Int {
    let at = bytes.lowerBound
    let end = bytes.upperBound
    guard index < CharacterTable.mark else {
      return at >= codeEnd ? form(bytes, isMark: index == CharacterTable.mark) : end
    }
    let action = table.actions[index]
    // In code only what cannot be seen is touched.
    if at < codeEnd {
      switch action {
      case .delete, .lineEnd, .paragraphEnd: break
      default: return end
      }
    }
    switch action {
    case .replace(let new, let causes):
      if causes == .quotes, !isLetterOrDigit(at: end) || !isAddress(at) {
        // Most often a quote; an address is looked for only when it seems to go on.
        edits.replace(bytes, with: new, causes: causes)
      } else if causes != .quotes, !isAddress(at) {
        edits.replace(bytes, with: new, causes: causes)
      }
    case .delete(let causes):
      edits.delete(bytes, causes: causes)
      again = true
    case .softHyphen:
      if isLetter(before: at), isLetter(at: end) {
        edits.delete(bytes, causes: .invisibles)
        again = true
      }
    case .space:
      return spaces(text.baseAddress, at: at, count: text.count)
    case .wideSpace:
      return lineFacts().isCJK ? end : spaces(text.baseAddress, at: at, count: text.count)
    case .lineEnd:
      trimLineEnd(at: at)
      edits.replace(bytes, with: 0x0A, causes: .lineEnds)
      again = true
      startLine(at: end)
    case .paragraphEnd:
      trimLineEnd(at: at)
      edits.replace(bytes, with: "\n\n", causes: .lineEnds)
      again = true
      startLine(at: end)
    case .windows1252:
      edits.replace(bytes, with: Windows1252.utf8(of: UInt8(scalar)), causes: .mojibake)
      again = true
    case .accentQuote:
      if isLetter(before: at), isLetter(at: end), !isAddress(at) {
        edits.replace(bytes, with: 0x27, causes: .quotes)
      }
    case .wide(let new):
      if !lineFacts().isCJK, !isAddress(at) { edits.replace(bytes, with: new, causes: .widths) }
    case .fold(let new):
      if !isAddress(at) { edits.replace(bytes, with: new, causes: .fold) }
    case .guillemet(let new):
      return guillemet(bytes, scalar: scalar, new: new)
    case .emDash:
      return emDash(bytes)
    case .fraction(let new):
      fraction(bytes, new: new)
    case .bullet:
      if isIndent(lineStart..<at) { edits.replace(bytes, with: 0x2D, causes: .bullets) }
    case .direction:
      if isUnpairedDirection(at: at) {
        edits.delete(bytes, causes: .bidi)
        again = true
      }
    }
    return end
  }

  /// `—` and `―`, one or more: a hyphen with one space each side, none at a line's ends.
  private mutating func emDash(_ bytes: Range<Int>) -> Int {
    let at = bytes.lowerBound
    var end = bytes.upperBound
    guard !isAddress(at) else { return end }
    while let next = scalar(at: end), next == 0x2014 || next == 0x2015 { end += 3 }
    var new: [UInt8] = []
    if at > lineStart, !isSpace(before: at) {
      new.append(0x20)
      // A stop before it has a space behind it now.
      again = again || isStop(at: at - 1)
    }
    new.append(0x2D)
    if end < text.count, !isLineEnd(at: end), !isSpace(at: end), !isLoneStop(at: end) {
      new.append(0x20)
    }
    edits.replace(at..<end, with: new, causes: .dashes)
    return end
  }

  /// `½` beside a digit takes a space, so that no other number comes to be.
  private mutating func fraction(_ bytes: Range<Int>, new: StaticString) {
    guard !isAddress(bytes.lowerBound) else { return }
    var replacement: [UInt8] = []
    if bytes.lowerBound > lineStart, isDigit(at: bytes.lowerBound - 1) { replacement.append(0x20) }
    new.withUTF8Buffer { replacement.append(contentsOf: $0) }
    if isDigit(at: bytes.upperBound) || scalarIsFraction(at: bytes.upperBound) {
      replacement.append(0x20)
    }
    edits.replace(bytes, with: replacement, causes: .fractions)
  }

  private func scalarIsFraction(at: Int) -> Bool {
    guard let next = scalar(at: at) else { return false }
    return (0xBC...0xBE).contains(next) || (0x2150...0x215E).contains(next)
  }

  /// `!`, `?` or `.`: no more than three in a row stay.
  private mutating func squeeze(_ base: UnsafePointer<UInt8>, at: Int, count: Int) -> Int {
    var end = at + 1
    while end < count, base[end] == base[at] { end += 1 }
    if end - at > 3, at >= codeEnd, !isAddress(at) {
      edits.delete(at + 3..<end, causes: .squeeze)
    }
    return end
  }

  /// A guillemet: with a space on both sides, the first of a line opens and the next closes.
  private mutating func guillemet(_ bytes: Range<Int>, scalar: UInt32, new: UInt8) -> Int {
    let at = bytes.lowerBound
    var end = bytes.upperBound
    let spaceBefore = at == lineStart || isSpace(before: at)
    let opens = openGuillemet == 0 && spaceBefore
    openGuillemet = opens ? new : 0
    if opens, !lineFacts().keepsSpaces {
      // The space inside goes, but never a line's only content or the last space of a line.
      var inner = end
      while inner < text.count, isSpace(at: inner) { inner += length(at: inner) }
      if inner < text.count, !isLineEnd(at: inner) { end = inner }
    }
    edits.replace(
      at..<end, with: new, causes: end > bytes.upperBound ? [.guillemets, .spaces] : .guillemets)
    return end
  }
}

// MARK: Lines and spaces

extension Scan {
  private mutating func beginLine(at: Int) {
    lineStart = at
    editsAtLineStart = edits.count
    openGuillemet = 0
    if at >= codeEnd { fence(at: at) }
  }

  /// A line that starts behind a line end which is no LF or CR: an invalid byte further on
  /// still takes back the edits of what stands before it.
  private mutating func startLine(at: Int) {
    lineStart = at
    openGuillemet = 0
    blankLines = 0
  }

  /// `\n`, or `\r\n` from its `\r`: spaces before it go, and so does a second blank line.
  private mutating func endLine(at: Int, next: Int) {
    if options.blankLines, at >= codeEnd, isBlank(lineStart..<at), edits.count == editsAtLineStart {
      blankLines += 1
      if blankLines > 1 {
        edits.delete(lineStart..<next, causes: .blankLines)
        beginLine(at: next)
        return
      }
    } else {
      blankLines = 0
    }
    trimLineEnd(at: at)
    beginLine(at: next)
  }

  private mutating func carriageReturn(
    _ base: UnsafePointer<UInt8>, at: Int, count: Int
  ) -> Int {
    let isPair = at + 1 < count && base[at + 1] == 0x0A
    let next = isPair ? at + 2 : at + 1
    let editsBefore = edits.count
    let start = lineStart
    endLine(at: at, next: next)
    // A blank line that went took its end along.
    let isGone = edits.count > editsBefore && edits[edits.count - 1].bytes == start..<next
    if options.lineEnds, !isGone {
      if isPair {
        edits.delete(at..<at + 1, causes: .lineEnds)
      } else {
        edits.replace(at..<next, with: 0x0A, causes: .lineEnds)
      }
      editsAtLineStart = edits.count
    }
    return next
  }

  /// Spaces at the end of a line go.
  private mutating func trimLineEnd(at end: Int) {
    guard options.spaces != .keep, end > codeEnd else { return }
    var start = end
    let floor = Swift.max(lineStart, edits.last?.bytes.upperBound ?? 0)
    while start > floor, text[start - 1] == 0x20 || text[start - 1] == 0x09 { start -= 1 }
    if start < end { edits.delete(start..<end, causes: .spaces) }
  }

  /// A run of spaces, from any byte of it; returns its end.
  private mutating func spaces(
    _ base: UnsafePointer<UInt8>?, at: Int, count: Int
  ) -> Int {
    guard let base else { return count }
    var start = at
    let floor = Swift.max(lineStart, edits.last?.bytes.upperBound ?? 0)
    while start > floor, base[start - 1] == 0x20 || base[start - 1] == 0x09 { start -= 1 }
    var end = at
    var plain: Int?
    var isPlain = true
    while end < count {
      let byte = base[end]
      if byte == 0x20 || byte == 0x09 {
        if byte == 0x20, plain == nil { plain = end }
        end += 1
      } else if byte >= 0x80, options.spaces == .plain, isSpace(at: end) {
        isPlain = false
        end += length(at: end)
      } else {
        break
      }
    }
    guard end > at else { return at + length(at: at) }
    guard at >= codeEnd, options.spaces == .plain else { return end }
    // At the end of a line all go; trimming sees the plain ones.
    if end == count || isLineEnd(at: end) {
      if !isPlain {
        edits.delete(start..<end, causes: .spaces)
        // The line is blank now.
        if start == lineStart { again = true }
      }
      return end
    }
    let run = start..<end
    if dropsSpace(before: end, run: run), !lineFacts().keepsSpaces {
      edits.delete(run, causes: base[end] < 0x80 ? .punctuation : [.guillemets, .spaces])
      return end
    }
    if run.count == 1, isPlain, base[start] == 0x20 { return end }
    if start == lineStart || lineFacts().keepsSpaces {
      plainSpaces(in: run)
      return end
    }
    if base[start] == 0x20 {
      edits.delete(start + 1..<end, causes: .spaces)
    } else if let plain, plain > start {
      edits.delete(start..<plain, causes: .spaces)
      if plain + 1 < end { edits.delete(plain + 1..<end, causes: .spaces) }
    } else {
      edits.replace(run, with: 0x20, causes: .spaces)
    }
    return end
  }

  /// In an indent and in a table every space stays, as a plain one.
  private mutating func plainSpaces(in run: Range<Int>) {
    var at = run.lowerBound
    while at < run.upperBound {
      let next = at + length(at: at)
      if next > at + 1 { edits.replace(at..<next, with: 0x20, causes: .spaces) }
      at = next
    }
  }

  /// Whether the space before this place goes: before a stop, or inside a guillemet.
  private mutating func dropsSpace(before at: Int, run: Range<Int>) -> Bool {
    if isLoneStop(at: at) { return run.lowerBound > lineStart }
    guard options.quotes == .ascii, openGuillemet != 0, run.lowerBound > lineStart,
      let next = scalar(at: at)
    else { return false }
    return next == 0xAB || next == 0xBB || next == 0x2039 || next == 0x203A
  }

  /// A stop or comma before a space or the line's end, where such are moved to the word before.
  private mutating func isLoneStop(at: Int) -> Bool {
    guard options.punctuation, isFrench != true, isLone(at: at) else { return false }
    return isFrench == false || text[at] == UInt8(ascii: ",") || text[at] == UInt8(ascii: ".")
      || isTokenised()
  }

  private func isLone(at: Int) -> Bool {
    isStop(at: at) && (at + 1 == text.count || isSpace(at: at + 1) || isLineEnd(at: at + 1))
  }

  /// Whether the text has spaces before commas or full stops. French has them before `; : ! ?`
  /// alone.
  private mutating func isTokenised() -> Bool {
    if let tokenised { return tokenised }
    let found = text.indices.dropFirst().contains {
      (text[$0] == UInt8(ascii: ",") || text[$0] == UInt8(ascii: ".")) && text[$0 - 1] == 0x20
        && isLone(at: $0)
    }
    tokenised = found
    return found
  }

  private func isStop(at: Int) -> Bool {
    switch text[at] {
    case UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: ";"), UInt8(ascii: ":"),
      UInt8(ascii: "!"), UInt8(ascii: "?"):
      true
    default: false
    }
  }

  /// Facts of the current line, found once.
  private mutating func lineFacts() -> LineFacts {
    guard line.start != lineStart else { return line }
    line = LineFacts(start: lineStart)
    var bars = 0
    var tabs = 0
    var isAfterTab = false
    var contentEnd = lineStart
    var at = lineStart
    while at < text.count, !isLineEnd(at: at) {
      let byte = text[at]
      if byte == 0x7C { bars += 1 }
      if byte == 0x09 {
        isAfterTab = contentEnd > lineStart
      } else if byte > 0x20, !isSpace(at: at) {
        tabs += isAfterTab ? 1 : 0
        isAfterTab = false
        contentEnd = at + 1
      }
      if byte >= 0xE1, let scalar = scalar(at: at), CJK.contains(scalar) { line.isCJK = true }
      at += length(at: at)
    }
    line.keepsSpaces =
      bars >= 2 || tabs >= 2
      || indent() >= 4 && Code.looksLikely(lineStart..<contentEnd, in: text)
    return line
  }

  /// How far the line is indented; a tab counts as four.
  private func indent() -> Int {
    var width = 0
    var at = lineStart
    while at < text.count, text[at] == 0x20 || text[at] == 0x09 {
      width += text[at] == 0x09 ? 4 : 1
      at += 1
    }
    return width
  }
}

// MARK: Protected text

extension Scan {
  /// A backtick: code up to the next run of as many in the line.
  private mutating func code(_ base: UnsafePointer<UInt8>, at: Int, count: Int) -> Int {
    var open = at
    while open < count, base[open] == 0x60 { open += 1 }
    guard at >= codeEnd else { return open }
    let limit = Swift.min(count, open + 1000)
    var next = open
    while next < limit, !isLineEnd(at: next) {
      guard base[next] == 0x60 else {
        next += 1
        continue
      }
      var close = next
      while close < count, base[close] == 0x60 { close += 1 }
      if close - next == open - at {
        codeEnd = close
        return open
      }
      next = close
    }
    return open
  }

  /// At the start of a line: three backticks open a block of code, if it is closed anywhere.
  private mutating func fence(at start: Int) {
    guard start < noFenceAfter else { return }
    var at = start
    while at < text.count, at < start + 3, text[at] == 0x20 { at += 1 }
    guard ticks(at: at) >= 3 else { return }
    var next = at
    while let line = nextLine(after: next) {
      next = line
      var mark = line
      while mark < text.count, mark < line + 3, text[mark] == 0x20 { mark += 1 }
      let width = ticks(at: mark)
      if width >= 3 {
        mark += width
        while mark < text.count, text[mark] == 0x20 || text[mark] == 0x09 { mark += 1 }
        if mark == text.count || isLineEnd(at: mark) {
          codeEnd = mark
          return
        }
      }
    }
    noFenceAfter = start
  }

  private func ticks(at start: Int) -> Int {
    var at = start
    while at < text.count, text[at] == 0x60 { at += 1 }
    return at - start
  }

  private func nextLine(after start: Int) -> Int? {
    var at = start
    while at < text.count, text[at] != 0x0A, text[at] != 0x0D { at += 1 }
    return at + 1 < text.count ? at + 1 : nil
  }

  /// Whether a place lies in a web or mail address.
  private mutating func isAddress(_ at: Int) -> Bool {
    address.contains(at, in: text, lineStart: lineStart)
  }
}

// MARK: Neighbours

extension Scan {
  private func scalar(at: Int) -> UInt32? {
    UTF8Text.scalar(in: text, at: at)
  }

  private func length(at: Int) -> Int {
    UTF8Text.length(in: text, at: at)
  }

  private func isSpace(at: Int) -> Bool {
    guard at < text.count else { return false }
    let byte = text[at]
    guard byte >= 0x80 else { return byte == 0x20 || byte == 0x09 }
    guard byte == 0xC2 || byte == 0xE1 || byte == 0xE2, let scalar = scalar(at: at) else {
      return byte == 0xE3 && scalar(at: at) == 0x3000
    }
    return UTF8Text.isSpace(scalar)
  }

  private func isSpace(before at: Int) -> Bool {
    guard at > lineStart else { return false }
    var start = at - 1
    while start > lineStart, text[start] & 0xC0 == 0x80 { start -= 1 }
    return isSpace(at: start)
  }

  private func isLineEnd(at: Int) -> Bool {
    UTF8Text.isLineEnd(in: text, at: at)
  }

  private func isDigit(at: Int) -> Bool {
    at < text.count && text[at] &- 0x30 < 10
  }

  private func isLetterOrDigit(at: Int) -> Bool {
    guard at < text.count else { return false }
    return text[at] &- 0x30 < 10 || isLetter(at: at)
  }

  private func isLetter(at: Int) -> Bool {
    guard let scalar = scalar(at: at) else { return false }
    return UTF8Text.isLetter(scalar)
  }

  private func isLetter(before at: Int) -> Bool {
    guard at > lineStart else { return false }
    var start = at - 1
    while start > lineStart, text[start] & 0xC0 == 0x80 { start -= 1 }
    return isLetter(at: start)
  }

  private func isBlank(_ bytes: Range<Int>) -> Bool {
    bytes.allSatisfy { text[$0] == 0x20 || text[$0] == 0x09 }
  }

  private func isIndent(_ bytes: Range<Int>) -> Bool {
    var at = bytes.lowerBound
    while at < bytes.upperBound {
      guard isSpace(at: at) else { return false }
      at += length(at: at)
    }
    return true
  }
}

// MARK: Slow steps

extension Scan {
  /// A character reference; returns where to go on.
  private mutating func entity(at: Int) -> Int {
    guard let entity = Entity(in: text, at: at), entity.isDecoded(in: text, at: at),
      !isAddress(at)
    else { return at + 1 }
    let end = at + entity.length
    edits.replace(at..<end, with: UTF8Text.encode(entity.scalar), causes: .entities)
    again = true
    return end
  }

  /// A character that may begin UTF-8 read as Windows-1252; returns its end when it did.
  private mutating func mojibake(at: Int) -> Int {
    guard at >= codeEnd else { return at }
    guard let run = MojibakeRun(in: text, at: at, lineStart: lineStart),
      run.isCertain || isMojibakeEvident(), !isAddress(at)
    else {
      sawHalfMojibake = true
      return at
    }
    edits.replace(run.bytes, with: run.decoded, causes: .mojibake)
    again = true
    return run.bytes.upperBound
  }

  /// `Ã` before a space was `à`, where other runs prove it: its no-break space became plain.
  private mutating func mojibakeSpace(at: Int) -> Int {
    guard at >= codeEnd, isMojibakeEvident(), !isAddress(at) else { return at }
    // Of two spaces one was the letter's.
    let isTwo = at + 3 < text.count && text[at + 3] == 0x20
    let end = isTwo ? at + 3 : at + 2
    edits.replace(at..<end, with: "à", causes: .mojibake)
    again = true
    return end
  }

  private mutating func isMojibakeEvident() -> Bool {
    if let mojibakeEvidence { return mojibakeEvidence }
    let isEvident = MojibakeRun.isEvident(in: text)
    mojibakeEvidence = isEvident
    return isEvident
  }

  /// A character that may not be in form C: the stretch from the starter before it to the next
  /// one is composed. Returns where to go on.
  private mutating func form(_ bytes: Range<Int>, isMark: Bool) -> Int {
    var end = bytes.upperBound
    // One mark alone behind a starter is in order, and so is most text that has marks.
    if isMark, !isUnsettled(at: end) { return end }
    while isUnsettled(at: end) { end += length(at: end) }
    guard !isAddress(bytes.lowerBound) else { return end }
    var start = bytes.lowerBound
    if start > lineStart {
      start -= 1
      while start > lineStart, text[start] & 0xC0 == 0x80 { start -= 1 }
    }
    guard start >= edits.last?.bytes.upperBound ?? 0 else {
      again = true
      return end
    }
    var scalars: [UInt32] = []
    var at = start
    while at < end, let scalar = scalar(at: at) {
      scalars.append(scalar)
      at += length(at: at)
    }
    let composed = FormC.shared.composed(scalars)
    guard at == end, composed != scalars else { return end }
    edits.replace(start..<end, with: composed.flatMap(UTF8Text.encode), causes: .form)
    again = true
    return end
  }

  private func isUnsettled(at: Int) -> Bool {
    guard at < text.count, text[at] >= 0x80, let scalar = scalar(at: at), scalar < 0x10000
    else { return false }
    let page = Int(table.pages[Int(scalar >> 6)])
    return table.cells[page << 6 | Int(scalar & 63)] >= CharacterTable.mark
  }

  /// Whether an embedding, override or isolate has no partner in its line.
  private mutating func isUnpairedDirection(at: Int) -> Bool {
    if directionsLine != lineStart {
      directionsLine = lineStart
      unpairedDirections = Set(Direction.unpaired(in: text, from: lineStart))
    }
    return unpairedDirections.contains(at)
  }
}
