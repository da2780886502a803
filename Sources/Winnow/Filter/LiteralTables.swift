// The literals by which rules are found: a line in, its candidate rules out.
//
// How often a rule is tried decides the speed of everything, so most lines must pass without a
// single try. Literals of five bytes and more are found by a scan that hashes four bytes at every
// second place, shorter ones by three or two bytes at every place; a whole line, its start and its
// end are looked up once a line. A literal that stands in the line is noted: it makes candidates
// of the rules that it leads to, and clauses of other candidates ask for it.
internal import PCRE2
internal import WinnowRules

/// The literals of a rule set, and which of them stand in the current line.
///
/// Pointers throughout: this is the innermost loop.
final class LiteralTables {
  private let text: UnsafePointer<UInt8>
  private let literals: UnsafePointer<RunLiteral>
  private let leads: UnsafePointer<Int32>
  private let clauses: UnsafePointer<IndexRange>
  private let clauseLiterals: UnsafePointer<Int32>
  private let byLength: UnsafeBufferPointer<Int32>
  private let ungated: UnsafeBufferPointer<Int32>
  private let signs: UnsafePointer<Int32>
  private let signKinds: UInt64
  private let longestLine: Int
  private let longestWordless: Int
  private let lines: Index
  private let lineStarts: Index
  private let lineEnds: Index
  private let long: Index
  private let threes: Index
  private let pairs: Index

  /// By literal: the stamp of the last line in which it stood.
  private let seen: UnsafeMutablePointer<UInt32>
  private let literalCount: Int
  private var stamp: UInt32 = 0
  /// The candidates of the current line, as they came.
  private(set) var candidates = Buffer<Int32>()
  /// Where literals with candidates stand: kept for lines that are looked at in windows.
  private(set) var places = Buffer<(rule: Int32, place: Int)>()
  private var keepsPlaces = false

  /// `RunIndex`, as pointers.
  struct Index {
    let filter: UnsafePointer<UInt64>
    let filterShift: UInt32
    let starts: UnsafePointer<Int32>
    let shift: UInt32
    let entries: UnsafePointer<RunEntry>
    let isEmpty: Bool

    init(_ index: RunIndex, _ table: RunTable) {
      filter = table.section(index.filter)
      filterShift = 32 - index.filterBits
      starts = table.section(index.starts)
      shift = index.shift
      entries = table.section(index.entries)
      isEmpty = index.entryCount == 0
    }

    @inline(__always)
    func mayHold(_ hash: UInt32) -> Bool {
      let bit = Int(truncatingIfNeeded: hash &>> filterShift)
      return filter[bit &>> 6] & (1 &<< UInt64(truncatingIfNeeded: bit & 63)) != 0
    }

    @inline(__always)
    func slot(_ hash: UInt32) -> Range<Int> {
      let slot = Int(truncatingIfNeeded: hash &>> shift)
      return Int(starts[slot])..<Int(starts[slot &+ 1])
    }
  }

  init(_ table: RunTable) {
    let head = table.head
    text = table.text
    literals = table.section(head.literals)
    leads = table.section(head.leads)
    clauses = table.section(head.clauses)
    clauseLiterals = table.section(head.clauseLiterals)
    byLength = UnsafeBufferPointer(
      start: table.section(head.byLength), count: Int(head.byLengthCount))
    ungated = UnsafeBufferPointer(start: table.section(head.ungated), count: Int(head.ungatedCount))
    signs = table.section(head.signs)
    signKinds = head.signKinds
    longestLine = Int(head.longestLine)
    longestWordless = Int(head.longestWordless)
    lines = Index(head.lines, table)
    lineStarts = Index(head.lineStarts, table)
    lineEnds = Index(head.lineEnds, table)
    long = Index(head.long, table)
    threes = Index(head.threes, table)
    pairs = Index(head.pairs, table)
    literalCount = Int(head.literalCount)
    seen = .allocate(capacity: literalCount + 1)
    seen.initialize(repeating: 0, count: literalCount + 1)
  }

  deinit { seen.deallocate() }

  /// Finds the candidates of a line, in lower case; one rule may come more than once. `kinds` are
  /// those of its bytes. Up to 16 bytes past the line may be read.
  func find(in line: UnsafePointer<UInt8>, _ count: Int, kinds: UInt64) {
    candidates.count = 0
    begin()
    findEdges(of: line, count)
    scan(line, count)
    var signsHere = kinds & signKinds
    while signsHere != 0 {
      note(signs[signsHere.trailingZeroBitCount], 0)
      signsHere &= signsHere &- 1
    }
    if count <= longestWordless { candidates.append(contentsOf: byLength) }
    if !ungated.isEmpty { candidates.append(contentsOf: ungated) }
  }

  /// Finds the places of all literals of a long line that lead to rules.
  func findPlaces(in line: UnsafePointer<UInt8>, _ count: Int) {
    places.count = 0
    keepsPlaces = true
    begin()
    findEdges(of: line, count)
    for index in 0..<candidates.count { places.append((candidates[index], 0)) }
    candidates.count = 0
    scan(line, count)
    for place in 0..<count where signKinds & ByteKinds.table[Int(line[place])] != 0 {
      let sign = signs[ByteKinds.table[Int(line[place])].trailingZeroBitCount]
      if sign >= 0 { note(sign, place) }
    }
    for rule in ungated { places.append((rule, 0)) }
    keepsPlaces = false
  }

  private func begin() {
    stamp &+= 1
    if stamp == 0 {
      seen.update(repeating: 0, count: literalCount)
      stamp = 1
    }
  }

  /// Whether every clause has a literal that stands in the current line.
  @inline(__always)
  func holds(_ range: IndexRange) -> Bool {
    for index in range.range {
      let clause = clauses[index]
      var place = Int(clause.start)
      let end = place &+ Int(clause.count)
      while true {
        if place == end { return false }
        if seen[Int(clauseLiterals[place])] == stamp { break }
        place &+= 1
      }
    }
    return true
  }

  // MARK: Whole lines, starts and ends

  private func findEdges(of line: UnsafePointer<UInt8>, _ count: Int) {
    if count <= longestLine {
      let key = RunKey.line(line, count)
      let hash = RunIndex.hash(key)
      if lines.mayHold(hash) {
        for index in lines.slot(hash) {
          let entry = lines.entries[index]
          if entry.key == key, entry.text.count == count, isEqual(entry.text, line) {
            candidates.append(entry.target)
          }
        }
      }
    }
    for length in 1...4 where length <= count {
      let startKey = Self.shortKey(line, length)
      let startHash = RunIndex.hash(startKey)
      if lineStarts.mayHold(startHash) {
        for index in lineStarts.slot(startHash) {
          let entry = lineStarts.entries[index]
          let size = Int(entry.text.count)
          guard entry.key == startKey, length == 4 ? size >= 4 : size == length, size <= count
          else { continue }
          if isEqual(entry.text, line) { candidates.append(entry.target) }
        }
      }
      let endKey = Self.shortKey(line + (count - length), length)
      let endHash = RunIndex.hash(endKey)
      if lineEnds.mayHold(endHash) {
        for index in lineEnds.slot(endHash) {
          let entry = lineEnds.entries[index]
          let size = Int(entry.text.count)
          guard entry.key == endKey, length == 4 ? size >= 4 : size == length, size <= count
          else { continue }
          if isEqual(entry.text, line + (count - size)) { candidates.append(entry.target) }
        }
      }
    }
  }

  @inline(__always)
  private static func shortKey(_ base: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
    let four = UnsafeRawPointer(base).loadUnaligned(as: UInt32.self)
    if count >= 4 { return four }
    return four & ((1 &<< UInt32(8 &* count)) &- 1) | UInt32(count) &<< 24
  }

  // MARK: Anywhere

  private func scan(_ line: UnsafePointer<UInt8>, _ count: Int) {
    let (long, threes, pairs) = (long, threes, pairs)
    let hasPairs = !pairs.isEmpty
    var place = 0
    while place < count {
      // Two places a turn.
      let word = UnsafeRawPointer(line + place).loadUnaligned(as: UInt64.self)
      let four = UInt32(truncatingIfNeeded: word)
      let fourHash = RunIndex.hash(four)
      if long.mayHold(fourHash) { look(in: long, four, fourHash, place, line, count) }
      let first = four & 0xFF_FFFF
      let firstHash = RunIndex.hash(first)
      if threes.mayHold(firstHash) { look(in: threes, first, firstHash, place, line, count) }
      let second = four &>> 8
      let secondHash = RunIndex.hash(second)
      if threes.mayHold(secondHash) {
        look(in: threes, second, secondHash, place &+ 1, line, count)
      }
      if hasPairs {
        let pair = four & 0xFFFF
        let pairHash = RunIndex.hash(pair)
        if pairs.mayHold(pairHash) { look(in: pairs, pair, pairHash, place, line, count) }
        let next = second & 0xFFFF
        let nextHash = RunIndex.hash(next)
        if pairs.mayHold(nextHash) { look(in: pairs, next, nextHash, place &+ 1, line, count) }
      }
      place &+= 2
    }
  }

  /// Notes the literals of an index that stand round a place.
  @inline(never)
  private func look(
    in index: Index, _ key: UInt32, _ hash: UInt32, _ place: Int, _ line: UnsafePointer<UInt8>,
    _ count: Int
  ) {
    for number in index.slot(hash) {
      let entry = index.entries[number]
      guard entry.key == key else { continue }
      let start = place &- Int(entry.offset)
      let size = entry.literalCount
      let end = start &+ size
      guard start >= 0, end <= count else { continue }
      if size >= 4 {
        let check = UnsafeRawPointer(line + (start &+ entry.checkOffset))
        guard check.loadUnaligned(as: UInt32.self) == entry.check else { continue }
      }
      if !keepsPlaces, seen[Int(entry.target)] == stamp { continue }
      let literal = literals[Int(entry.target)]
      guard size <= 4 || isEqual(literal.text, line + start) else { continue }
      if literal.isWord != 0 {
        guard !Letters.joins(line, before: start, from: 0, to: count),
          !Letters.joins(line, before: end, from: 0, to: count)
        else { continue }
      }
      note(entry.target, start)
    }
  }

  private func note(_ number: Int32, _ place: Int) {
    seen[Int(number)] = stamp
    let range = literals[Int(number)].leads
    if keepsPlaces {
      for lead in range.range { places.append((leads[lead], place)) }
    } else if range.count > 0 {
      candidates.append(
        contentsOf: UnsafeBufferPointer(start: leads + Int(range.start), count: Int(range.count)))
    }
  }

  @inline(__always)
  private func isEqual(_ range: TextRange, _ line: UnsafePointer<UInt8>) -> Bool {
    let literal = text + Int(range.start)
    let count = Int(range.count)
    var index = 0
    while index &+ 8 <= count {
      let left = UnsafeRawPointer(literal + index).loadUnaligned(as: UInt64.self)
      let right = UnsafeRawPointer(line + index).loadUnaligned(as: UInt64.self)
      if left != right { return false }
      index &+= 8
    }
    while index < count {
      if literal[index] != line[index] { return false }
      index &+= 1
    }
    return true
  }
}

extension ByteKinds {
  /// The kinds of every byte, for the inner loops.
  nonisolated(unsafe) static let table: UnsafePointer<UInt64> = {
    let table = UnsafeMutablePointer<UInt64>.allocate(capacity: 256)
    for byte in 0..<256 { (table + byte).initialize(to: of(UInt8(byte)).rawValue) }
    return UnsafePointer(table)
  }()

  /// The kinds of all bytes of a line.
  @inline(__always)
  static func ofLine(
    _ line: UnsafePointer<UInt8>, _ count: Int, _ table: UnsafePointer<UInt64>
  ) -> UInt64 {
    var (even, odd): (UInt64, UInt64) = (0, 0)
    var place = 0
    while place &+ 2 <= count {
      even |= table[Int(line[place])]
      odd |= table[Int(line[place &+ 1])]
      place &+= 2
    }
    if place < count { even |= table[Int(line[place])] }
    return even | odd
  }
}
