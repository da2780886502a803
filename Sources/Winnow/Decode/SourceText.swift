// One document: its bytes in, its lines and their folded view out, with the way back.
//
// The folded view is what rules see: each line trimmed, runs of blanks one space, quotes straight,
// dashes `-`, invisible marks gone. `lower` is the same in lower case, at the same offsets. Both
// are made in one pass that also validates UTF-8; a line that is not valid has no folded view and
// is kept byte for byte.
internal import PCRE2
internal import WinnowRules

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A line of a document. Offsets are bytes.
struct SourceLine {
  /// Where it starts, and where it ends before and after its terminator.
  var start: Int
  var contentEnd: Int
  var end: Int
  /// Its folded view.
  var foldedStart: Int
  var foldedEnd: Int
  /// The first of its entries in the map back to the source.
  var map: Int
  /// False when its bytes are not UTF-8.
  var isValid: Bool

  var isBlank: Bool { isValid && foldedStart == foldedEnd }
  var foldedCount: Int { foldedEnd - foldedStart }
}

/// The decoded document, in memory that is used again for the next one.
final class SourceText {
  private(set) var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private(set) var lines = Buffer<SourceLine>()
  /// The folded view of all lines, one after the other, and its lower case.
  private(set) var folded = Buffer<UInt8>(capacity: 4096)
  private(set) var lower = Buffer<UInt8>(capacity: 4096)
  private(set) var invalidLines = 0

  /// Folded offset → source offset, one entry where the distance changes.
  private var map = Buffer<(folded: Int, source: Int)>()
  private var at = 0

  /// Bytes past the end that may be read or written by loads of eight.
  static let slack = 16

  /// Decodes `bytes`, which must stay valid until the next call.
  func decode(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    lines.count = 0
    map.count = 0
    invalidLines = 0
    at = 0
    folded.reserve(bytes.count + Self.slack)
    lower.reserve(bytes.count + Self.slack)
    guard let base = bytes.baseAddress else { return }
    let count = bytes.count
    let hasCR = memchr(base, 0x0D, count) != nil
    // A byte order mark is kept, and invisible to `^`: folding drops U+FEFF.
    var start = 0
    while start < count {
      var contentEnd = count
      var end = count
      if let found = memchr(base + start, 0x0A, count - start) {
        contentEnd = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        end = contentEnd + 1
      }
      if hasCR, let found = memchr(base + start, 0x0D, contentEnd - start) {
        contentEnd = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        end = contentEnd + 1
        if end < count, base[end] == 0x0A { end += 1 }
      }
      fold(start, contentEnd, end)
      start = end
    }
    folded.count = at
    lower.count = at
  }

  /// The folded view of a line, and its lower case.
  func foldedText(of line: SourceLine) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: folded.base + line.foldedStart, count: line.foldedCount)
  }

  func lowerText(of line: SourceLine) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: lower.base + line.foldedStart, count: line.foldedCount)
  }

  /// The source bytes that a range of the folded view of `line` stands for.
  func sourceBytes(of range: Range<Int>, in line: SourceLine) -> Range<Int> {
    guard !range.isEmpty else {
      let place = sourceOffset(of: range.lowerBound, line)
      return place..<place
    }
    var lower = sourceOffset(of: range.lowerBound, line)
    while lower > line.start, bytes[lower] & 0xC0 == 0x80 { lower -= 1 }
    var upper = sourceOffset(of: range.upperBound - 1, line) + 1
    while upper < line.contentEnd, bytes[upper] & 0xC0 == 0x80 { upper += 1 }
    return lower..<max(lower, upper)
  }

  private func sourceOffset(of place: Int, _ line: SourceLine) -> Int {
    var low = line.map
    var high = map.count
    // The entries of later lines have larger folded offsets, so the search may run over all.
    while high - low > 1 {
      let middle = (low + high) / 2
      if map[middle].folded <= place { low = middle } else { high = middle }
    }
    return map[low].source + (place - map[low].folded)
  }

  // MARK: Folding

  private func fold(_ start: Int, _ contentEnd: Int, _ end: Int) {
    let foldedStart = at
    let firstEntry = map.count
    var source = start
    let isValid = foldContent(&source, contentEnd)
    if !isValid {
      at = foldedStart
      map.count = firstEntry
      invalidLines += 1
    } else if at > foldedStart, folded[at - 1] == 0x20 {
      at -= 1
    }
    lines.append(
      SourceLine(
        start: start, contentEnd: contentEnd, end: end, foldedStart: foldedStart, foldedEnd: at,
        map: firstEntry, isValid: isValid))
  }

  /// Folds up to `end`; false when the bytes are not UTF-8.
  ///
  /// Eight bytes at a time where all are ASCII and stay as they are; most text goes that way.
  private func foldContent(_ source: inout Int, _ end: Int) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    let folded = folded.base
    let lower = lower.base
    var from = source
    var to = at
    let lineStart = at
    while from < end, base[from] == 0x20 || base[from] == 0x09 { from += 1 }
    map.append((to, from))
    // The previous character written was a space (or nothing was written yet).
    var afterSpace = true
    while from < end {
      if from + 8 <= end {
        let word = UnsafeRawPointer(base + from).loadUnaligned(as: UInt64.self)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        if word & highs == 0 {
          let spaces = Self.zeroBytes(word ^ (ones &* 0x20))
          let controls = ~(word &+ (ones &* 0x60)) & highs
          let backticks = Self.zeroBytes(word ^ (ones &* 0x60))
          let doubled = spaces & (spaces << 8) | (afterSpace ? spaces & 0x80 : 0)
          if controls | backticks | doubled == 0 {
            let upper = (word &+ (ones &* 0x3F)) & ~(word &+ (ones &* 0x25)) & highs
            UnsafeMutableRawPointer(folded + to).storeBytes(of: word, as: UInt64.self)
            UnsafeMutableRawPointer(lower + to).storeBytes(
              of: word | (upper >> 2), as: UInt64.self)
            from += 8
            to += 8
            afterSpace = spaces >> 63 != 0
            continue
          }
        }
      }
      let byte = base[from]
      if byte < 0x80 {
        from += 1
        let kept: UInt8
        switch byte {
        case 0x20, 0x09, 0x0B, 0x0C: kept = 0x20
        case 0x60: kept = 0x27
        default: kept = byte
        }
        if kept == 0x20, afterSpace {
          map.append((to, from))
          continue
        }
        folded[to] = kept
        lower[to] = kept &- 0x41 < 26 ? kept | 0x20 : kept
        to += 1
        afterSpace = kept == 0x20
        continue
      }
      guard let width = foldWide(base + from, end - from, &to, &afterSpace, folded, lower) else {
        return false
      }
      from += width.read
      if width.read != width.written { map.append((to, from)) }
    }
    if to > lineStart, folded[to - 1] == 0x20 { to -= 1 }
    at = to
    source = from
    return true
  }

  /// Bytes that are zero become 0x80, all others 0.
  @inline(__always)
  private static func zeroBytes(_ word: UInt64) -> UInt64 {
    let sevens: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    return ~(((word & sevens) &+ sevens) | word | sevens)
  }

  /// Folds one character of two to four bytes; nil when it is not UTF-8.
  @inline(__always)
  private func foldWide(
    _ from: UnsafePointer<UInt8>, _ available: Int, _ to: inout Int, _ afterSpace: inout Bool,
    _ folded: UnsafeMutablePointer<UInt8>, _ lower: UnsafeMutablePointer<UInt8>
  ) -> (read: Int, written: Int)? {
    let lead = from[0]
    if lead < 0xE0 {
      guard lead >= 0xC2, available >= 2, from[1] & 0xC0 == 0x80 else { return nil }
      let value = UInt32(lead & 0x1F) << 6 | UInt32(from[1] & 0x3F)
      if value < 0xC0 || value == 0x17F || value == 0x2BC {
        let written = substitute(value, 2, from, &to, &afterSpace, folded, lower)
        return (2, written)
      }
      let small = Self.lowerTable[Int(value) - 0x80]
      folded[to] = lead
      folded[to + 1] = from[1]
      lower[to] = 0xC0 | UInt8(truncatingIfNeeded: small >> 6)
      lower[to + 1] = 0x80 | UInt8(truncatingIfNeeded: small & 0x3F)
      to += 2
      afterSpace = false
      return (2, 2)
    }
    if lead < 0xF0 {
      guard available >= 3, from[1] & 0xC0 == 0x80, from[2] & 0xC0 == 0x80 else { return nil }
      let value =
        UInt32(lead & 0x0F) << 12 | UInt32(from[1] & 0x3F) << 6 | UInt32(from[2] & 0x3F)
      guard value >= 0x800, !(0xD800...0xDFFF).contains(value) else { return nil }
      // Only U+1680, U+2000…U+2212, U+3000 and U+FEFF fold to anything else.
      if (0x2000...0x2212).contains(value) || value == 0x3000 || value == 0xFEFF || value == 0x1680
      {
        return (3, substitute(value, 3, from, &to, &afterSpace, folded, lower))
      }
      folded[to] = lead
      folded[to + 1] = from[1]
      folded[to + 2] = from[2]
      let small = CaseFolding.lowercasedThreeByte(value)
      lower[to] = lead
      lower[to + 1] = 0x80 | UInt8(truncatingIfNeeded: (small >> 6) & 0x3F)
      lower[to + 2] = 0x80 | UInt8(truncatingIfNeeded: small & 0x3F)
      to += 3
      afterSpace = false
      return (3, 3)
    }
    guard lead <= 0xF4, available >= 4, from[1] & 0xC0 == 0x80, from[2] & 0xC0 == 0x80,
      from[3] & 0xC0 == 0x80, lead != 0xF0 || from[1] >= 0x90, lead != 0xF4 || from[1] < 0x90
    else { return nil }
    for index in 0..<4 {
      folded[to + index] = from[index]
      lower[to + index] = from[index]
    }
    to += 4
    afterSpace = false
    return (4, 4)
  }

  private nonisolated(unsafe) static let lowerTable: UnsafePointer<UInt16> = {
    let table = UnsafeMutablePointer<UInt16>.allocate(capacity: CaseFolding.twoByte.count)
    table.initialize(from: CaseFolding.twoByte, count: CaseFolding.twoByte.count)
    return UnsafePointer(table)
  }()

  /// Writes what the folding table makes of `value`; returns the bytes written.
  private func substitute(
    _ value: UInt32, _ width: Int, _ from: UnsafePointer<UInt8>, _ to: inout Int,
    _ afterSpace: inout Bool, _ folded: UnsafeMutablePointer<UInt8>,
    _ lower: UnsafeMutablePointer<UInt8>
  ) -> Int {
    switch Folding(of: value) {
    case .gone: return 0
    case .space:
      if afterSpace { return 0 }
      folded[to] = 0x20
      lower[to] = 0x20
      to += 1
      afterSpace = true
      return 1
    case .text(let text):
      for index in 0..<text.utf8CodeUnitCount {
        folded[to] = text.utf8Start[index]
        lower[to] = text.utf8Start[index]
        to += 1
      }
      afterSpace = false
      return text.utf8CodeUnitCount
    case .same:
      for index in 0..<width {
        folded[to] = from[index]
        lower[to] = from[index]
        to += 1
      }
      afterSpace = false
      return width
    }
  }
}
