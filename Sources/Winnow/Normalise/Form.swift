// In: a stretch of characters round one that may not be in Unicode form C. Out: the same in
// form C. (The standard library has this under an underscore only, and not on every system.)

/// Canonical composition of a few characters.
struct FormC: Sendable {
  static let shared = FormC()

  private var decompositions: [UInt32: [UInt32]] = [:]
  private var compositions: [UInt64: UInt32] = [:]

  private init() {
    for entry in FormTables.decompositions.description.split(whereSeparator: \.isWhitespace) {
      let parts = entry.split(separator: "=")
      guard parts.count == 2, let scalar = UInt32(parts[0], radix: 16) else { continue }
      let isComposed = parts[1].hasSuffix("+")
      let pieces = (isComposed ? parts[1].dropLast() : parts[1]).split(separator: ".")
        .compactMap { UInt32($0, radix: 16) }
      decompositions[scalar] = pieces
      if isComposed, pieces.count == 2 { compositions[Self.key(pieces[0], pieces[1])] = scalar }
    }
  }

  private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 {
    UInt64(first) << 32 | UInt64(second)
  }

  /// The characters in form C; they begin with a starter or at the start of a text.
  func composed(_ scalars: [UInt32]) -> [UInt32] {
    var marked: [(scalar: UInt32, order: UInt8)] = []
    for scalar in scalars { decompose(scalar, into: &marked) }
    sortMarks(&marked)
    return compose(marked)
  }

  static func order(_ scalar: UInt32) -> UInt8 {
    Unicode.Scalar(scalar)?.properties.canonicalCombiningClass.rawValue ?? 0
  }

  /// The first character of a full decomposition; nil when there is none.
  func base(of scalar: UInt32) -> UInt32? {
    guard var first = decompositions[scalar]?.first else { return nil }
    while let further = decompositions[first]?.first { first = further }
    return first
  }

  private func decompose(_ scalar: UInt32, into result: inout [(scalar: UInt32, order: UInt8)]) {
    if let pieces = decompositions[scalar] {
      for piece in pieces { decompose(piece, into: &result) }
    } else if (Hangul.first...Hangul.last).contains(scalar) {
      result += Hangul.jamo(of: scalar).map { ($0, 0) }
    } else {
      result.append((scalar, Self.order(scalar)))
    }
  }

  /// Marks between two starters stand in their canonical order; equal ones keep theirs.
  private func sortMarks(_ marked: inout [(scalar: UInt32, order: UInt8)]) {
    var start = 0
    while start < marked.count {
      guard marked[start].order > 0 else {
        start += 1
        continue
      }
      let end = marked[start...].firstIndex { $0.order == 0 } ?? marked.count
      let sorted = marked[start..<end].enumerated().sorted {
        ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
      }
      marked.replaceSubrange(start..<end, with: sorted.map(\.element))
      start = end
    }
  }

  private func compose(_ marked: [(scalar: UInt32, order: UInt8)]) -> [UInt32] {
    var result: [UInt32] = []
    var starter: Int?
    var lastOrder: UInt8 = 0
    for (scalar, order) in marked {
      let isBlocked = starter.map { $0 < result.count - 1 && lastOrder >= order } ?? true
      if let starter, !isBlocked, let both = pair(result[starter], scalar) {
        result[starter] = both
        continue
      }
      if order == 0 { starter = result.count }
      lastOrder = order
      result.append(scalar)
    }
    return result
  }

  private func pair(_ first: UInt32, _ second: UInt32) -> UInt32? {
    compositions[Self.key(first, second)] ?? Hangul.syllable(first, second)
  }
}

/// Syllables of Korean, composed by arithmetic (Unicode, section 3.12).
private enum Hangul {
  static let first: UInt32 = 0xAC00
  static let last: UInt32 = 0xD7A3

  static func jamo(of syllable: UInt32) -> [UInt32] {
    let index = syllable - first
    let trail = index % 28
    let both = [0x1100 + index / 588, 0x1161 + index % 588 / 28]
    return trail == 0 ? both : both + [0x11A7 + trail]
  }

  static func syllable(_ one: UInt32, _ two: UInt32) -> UInt32? {
    if (0x1100...0x1112).contains(one), (0x1161...0x1175).contains(two) {
      return first + ((one - 0x1100) * 21 + (two - 0x1161)) * 28
    }
    if (first...last).contains(one), (one - first) % 28 == 0, (0x11A8...0x11C2).contains(two) {
      return one + two - 0x11A7
    }
    return nil
  }
}
