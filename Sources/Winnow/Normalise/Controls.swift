// Escape sequences of terminals, and marks of writing direction that lost their partner.

extension Scan {
  /// The end of what a control character begins: itself, or a whole escape sequence (`ESC [ … m`,
  /// `ESC ] … BEL`).
  func controlSequenceEnd(_ base: UnsafePointer<UInt8>, at: Int, count: Int) -> Int {
    guard base[at] == 0x1B, at + 1 < count else { return at + 1 }
    var end = at + 2
    if base[at + 1] == UInt8(ascii: "[") {
      while end < count, end < at + 64, base[end] >= 0x20, base[end] < 0x40 { end += 1 }
      return end < count && base[end] >= 0x40 && base[end] < 0x7F ? end + 1 : at + 1
    }
    if base[at + 1] == UInt8(ascii: "]") {
      // Titles and links: up to BEL or ESC \, in one line.
      while end < count, end < at + 512, base[end] >= 0x20 { end += 1 }
      if end < count, base[end] == 0x07 { return end + 1 }
      if end + 1 < count, base[end] == 0x1B, base[end + 1] == UInt8(ascii: "\\") { return end + 2 }
    }
    return at + 1
  }
}

/// Embeddings, overrides and isolates.
enum Direction {
  /// Where, in the line that starts here, a mark opens what is never closed or closes what was
  /// never opened.
  static func unpaired(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> [Int] {
    var open: [(at: Int, isIsolate: Bool)] = []
    var unpaired: [Int] = []
    var at = start
    while at < text.count, !UTF8Text.isLineEnd(in: text, at: at) {
      defer { at += 1 }
      guard text[at] == 0xE2, let scalar = UTF8Text.scalar(in: text, at: at) else { continue }
      switch scalar {
      case 0x202A, 0x202B, 0x202D, 0x202E: open.append((at, false))
      case 0x2066...0x2068: open.append((at, true))
      case 0x202C, 0x2069:
        if open.last?.isIsolate == (scalar == 0x2069) {
          open.removeLast()
        } else {
          unpaired.append(at)
        }
      default: break
      }
    }
    return unpaired + open.map(\.at)
  }
}
