// In: replacements, appended from the start of a text to its end. Out: the other text, the way
// from any byte of one to the bytes of the other, and one list for two steps made one after
// another. This is what carries provenance: every change to a document is an edit in here.

/// Disjoint, sorted replacements that turn one text into another.
///
/// All offsets are UTF-8 bytes; an edit's range is of the text before.
public struct Edits: Sendable {
  /// One replacement.
  public struct Edit: Sendable {
    /// What is replaced, in bytes of the text before; empty for an insertion.
    public let bytes: Range<Int>
    /// Which steps asked for it.
    public let causes: Causes
    /// The index of the removal in the caller's list of removals, -1 when this is none.
    public let removal: Int32

    /// Where the new bytes stand in `Edits.pool`.
    fileprivate let replacement: Range<Int32>
    /// How far bytes right before this edit have moved: offset after minus offset before.
    fileprivate let shift: Int

    /// Where the new bytes stand in the text after.
    public var outputBytes: Range<Int> {
      let start = bytes.lowerBound + shift
      return start..<start + replacement.count
    }
  }

  private var edits: [Edit] = []
  /// The new bytes of all edits, one after another.
  private var pool: [UInt8] = []

  public init() {}

  /// How far the end of the text moves.
  var endShift: Int {
    guard let last = edits.last else { return 0 }
    return last.shift + last.replacement.count - last.bytes.count
  }
}

// MARK: Building

extension Edits {
  /// Appends a replacement. Edits come in order; one that overlaps an earlier one is left out,
  /// because any doubt keeps the text.
  mutating func replace(
    _ bytes: Range<Int>, with new: UnsafeBufferPointer<UInt8>, causes: Causes, removal: Int32 = -1
  ) {
    let start = pool.count
    pool.append(contentsOf: new)
    append(bytes, poolFrom: start, causes: causes, removal: removal)
  }

  mutating func replace(_ bytes: Range<Int>, with new: StaticString, causes: Causes) {
    // One byte is the common case, and three times as fast alone.
    if new.utf8CodeUnitCount == 1, new.hasPointerRepresentation {
      replace(bytes, with: new.utf8Start.pointee, causes: causes)
    } else {
      new.withUTF8Buffer { replace(bytes, with: $0, causes: causes) }
    }
  }

  mutating func replace(_ bytes: Range<Int>, with new: [UInt8], causes: Causes) {
    new.withUnsafeBufferPointer { replace(bytes, with: $0, causes: causes) }
  }

  mutating func replace(_ bytes: Range<Int>, with byte: UInt8, causes: Causes) {
    let start = pool.count
    pool.append(byte)
    append(bytes, poolFrom: start, causes: causes, removal: -1)
  }

  /// Appends a deletion.
  mutating func delete(_ bytes: Range<Int>, causes: Causes, removal: Int32 = -1) {
    append(bytes, poolFrom: pool.count, causes: causes, removal: removal)
  }

  /// Closes an edit whose new bytes were just appended to the pool.
  private mutating func append(
    _ bytes: Range<Int>, poolFrom start: Int, causes: Causes, removal: Int32
  ) {
    guard bytes.lowerBound >= edits.last?.bytes.upperBound ?? 0 else {
      assertionFailure("edits out of order")
      pool.removeSubrange(start...)
      return
    }
    guard !bytes.isEmpty || pool.count > start else { return }
    edits.append(
      Edit(
        bytes: bytes, causes: causes, removal: removal,
        replacement: Int32(truncatingIfNeeded: start)..<Int32(truncatingIfNeeded: pool.count),
        shift: endShift))
  }

  /// Forgets all edits but the first `count`.
  mutating func truncate(to count: Int) {
    guard count < edits.count else { return }
    pool.removeSubrange(Int(edits[count].replacement.lowerBound)...)
    edits.removeSubrange(count...)
  }
}

// MARK: Reading

extension Edits: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { edits.count }

  public subscript(position: Int) -> Edit {
    edits[position]
  }

  /// The bytes that stand in the place of an edit of this list.
  public func replacement(of edit: Edit) -> ArraySlice<UInt8> {
    pool[Int(edit.replacement.lowerBound)..<Int(edit.replacement.upperBound)]
  }

  /// The text after: `source` with every edit made.
  public func applied(to source: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    source.withUnsafeBufferPointer { apply(to: $0, appendingTo: &output) }
    return output
  }

  /// The text after, from bytes in memory.
  func applied(to source: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    apply(to: source, appendingTo: &output)
    return output
  }

  /// Appends the text after to `output`: one copy for each run between edits.
  func apply(to source: UnsafeBufferPointer<UInt8>, appendingTo output: inout [UInt8]) {
    output.reserveCapacity(output.count + Swift.max(0, source.count + endShift))
    // Pointers: an append of a slice of the pool for each edit took three times as long.
    pool.withUnsafeBufferPointer { pool in
      var copied = 0
      for edit in edits {
        guard edit.bytes.upperBound <= source.count else { break }
        output.append(
          contentsOf: UnsafeBufferPointer(rebasing: source[copied..<edit.bytes.lowerBound]))
        output.append(
          contentsOf: UnsafeBufferPointer(
            rebasing: pool[Int(edit.replacement.lowerBound)..<Int(edit.replacement.upperBound)]))
        copied = edit.bytes.upperBound
      }
      output.append(contentsOf: UnsafeBufferPointer(rebasing: source[copied...]))
    }
  }
}

extension Edits: Equatable {
  public static func == (left: Edits, right: Edits) -> Bool {
    left.count == right.count
      && zip(left, right).allSatisfy { a, b in
        a.bytes == b.bytes && a.causes == b.causes && a.removal == b.removal
          && left.replacement(of: a) == right.replacement(of: b)
      }
  }
}

// MARK: Offsets

extension Edits {
  /// The bytes of the text before from which bytes of the text after were made. A byte of a
  /// replacement comes from the whole range it replaced; an empty range comes from what was
  /// taken out at that place.
  public func sourceBytes(ofOutput output: Range<Int>) -> Range<Int> {
    guard !output.isEmpty else { return source(at: output.lowerBound) }
    let lower = sourceOfByte(at: output.lowerBound).lowerBound
    return lower..<Swift.max(lower, sourceOfByte(at: output.upperBound - 1).upperBound)
  }

  /// The bytes of the text after that were made from bytes of the text before. What was taken
  /// out has an empty range, at the place where it stood.
  public func outputBytes(ofSource source: Range<Int>) -> Range<Int> {
    guard !source.isEmpty else {
      let place = outputOfByte(at: source.lowerBound).lowerBound
      return place..<place
    }
    let lower = outputOfByte(at: source.lowerBound).lowerBound
    return lower..<Swift.max(lower, outputOfByte(at: source.upperBound - 1).upperBound)
  }

  private func sourceOfByte(at offset: Int) -> Range<Int> {
    // The last edit that starts at or before the byte; deletions before it hold no byte.
    let next = firstIndex { $0.bytes.lowerBound + $0.shift > offset }
    guard next > 0 else { return offset..<offset + 1 }
    let edit = edits[next - 1]
    if edit.outputBytes.contains(offset) { return edit.bytes }
    let source = offset - edit.outputBytes.upperBound + edit.bytes.upperBound
    return source..<source + 1
  }

  private func source(at offset: Int) -> Range<Int> {
    let first = firstIndex { $0.outputBytes.upperBound >= offset }
    guard first < edits.count, edits[first].outputBytes.lowerBound <= offset else {
      let place = offset - (first > 0 ? shift(after: first - 1) : 0)
      return place..<place
    }
    var range = edits[first].bytes
    var next = first + 1
    while next < edits.count, edits[next].outputBytes.lowerBound <= offset,
      edits[next].bytes.lowerBound == range.upperBound
    {
      range = range.lowerBound..<edits[next].bytes.upperBound
      next += 1
    }
    return range
  }

  private func outputOfByte(at offset: Int) -> Range<Int> {
    let next = firstIndex { $0.bytes.lowerBound > offset }
    guard next > 0 else { return offset..<offset + 1 }
    let edit = edits[next - 1]
    if edit.bytes.contains(offset) { return edit.outputBytes }
    let output = offset + shift(after: next - 1)
    return output..<output + 1
  }

  private func shift(after index: Int) -> Int {
    let edit = edits[index]
    return edit.shift + edit.replacement.count - edit.bytes.count
  }

  /// The first edit for which a condition holds that holds for all after it, too.
  private func firstIndex(where condition: (Edit) -> Bool) -> Int {
    var low = 0
    var high = edits.count
    while low < high {
      let middle = (low + high) / 2
      if condition(edits[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

// MARK: One after another

extension Edits {
  /// The edits that do these and then `next`, whose offsets are of the text after these.
  ///
  /// Where the second touches a replacement of the first, both become one edit with the causes
  /// of both. A removal stays an edit of its own with its exact range: an edit of `next` that
  /// reaches over the place is cut in two there, and its new bytes stand before it.
  func followed(by next: Edits) -> Edits {
    guard !next.isEmpty else { return self }
    guard !isEmpty else { return next }
    var composition = Composition(first: self, second: next)
    return composition.run()
  }

  /// Walks both lists along the text between them.
  private struct Composition {
    let first: Edits
    let second: Edits
    var result = Edits()
    /// The next edits to look at.
    var i = 0
    var j = 0
    /// How much of `second[j]` has been dealt with, up to a removal that cut it.
    var cut = -1
    /// A removal, with none between it and `i`.
    var removal = 0

    init(first: Edits, second: Edits) {
      self.first = first
      self.second = second
    }

    mutating func run() -> Edits {
      result.edits.reserveCapacity(first.count + second.count)
      while i < first.count || j < second.count {
        if i < first.count, first[i].causes.contains(.removal), !secondComesBefore(first[i]) {
          takeRemoval()
        } else {
          takeGroup()
        }
      }
      return result
    }

    /// What is left of `second[j]`, in bytes of the text between.
    var pending: Range<Int>? {
      guard j < second.count else { return nil }
      let bytes = second[j].bytes
      return Swift.max(bytes.lowerBound, cut)..<bytes.upperBound
    }

    func secondComesBefore(_ removal: Edit) -> Bool {
      guard let pending else { return false }
      let place = removal.outputBytes.lowerBound
      return pending.lowerBound < place || pending.lowerBound == place && pending.isEmpty
    }

    /// Offset in the text before of a byte in the text between that lies before `first[i]`.
    func source(_ offset: Int) -> Int {
      offset - (i < first.count ? first[i].shift : first.endShift)
    }

    /// The new bytes of `second[j]`: they stand where its first piece stands.
    var pendingReplacement: ArraySlice<UInt8> {
      cut > second[j].bytes.lowerBound ? [] : second.replacement(of: second[j])
    }

    /// Deals with `second[j]` up to `limit`, appending its new bytes.
    mutating func takePending(upTo limit: Int) -> Causes {
      let causes = second[j].causes
      result.pool.append(contentsOf: pendingReplacement)
      if second[j].bytes.upperBound > limit {
        cut = limit
      } else {
        j += 1
        cut = -1
      }
      return causes
    }

    /// Appends what the first list put at `range` of the text between, and was not edited again.
    mutating func copy(_ range: Range<Int>, from edits: Range<Int>) {
      for edit in first.edits[edits] {
        let kept = edit.outputBytes.clamped(to: range)
        guard !kept.isEmpty else { continue }
        let base = Int(edit.replacement.lowerBound) - edit.outputBytes.lowerBound
        result.pool.append(
          contentsOf: first.pool[base + kept.lowerBound..<base + kept.upperBound])
      }
    }

    /// A removal: alone, whatever stands beside it. Its own new bytes, if it has any, can
    /// be edited again.
    mutating func takeRemoval() {
      let removal = first[i]
      let output = removal.outputBytes
      let poolStart = result.pool.count
      var causes = removal.causes
      var position = output.lowerBound
      while let pending, pending.lowerBound < output.upperBound {
        copy(position..<pending.lowerBound, from: i..<i + 1)
        position = Swift.min(pending.upperBound, output.upperBound)
        causes.formUnion(takePending(upTo: output.upperBound))
      }
      copy(position..<output.upperBound, from: i..<i + 1)
      result.append(
        removal.bytes, poolFrom: poolStart, causes: causes, removal: removal.removal)
      i += 1
    }

    /// The next edit, and all of both lists that touch it, up to the next removal.
    mutating func takeGroup() {
      let start = i
      let poolStart = result.pool.count
      let output = i < first.count ? first[i].outputBytes : nil
      let low = Swift.min(output?.lowerBound ?? .max, pending?.lowerBound ?? .max)
      let sourceLow = source(low)
      var end = low
      var position = low
      var causes: Causes = []
      while true {
        if i < first.count, !first[i].causes.contains(.removal),
          first[i].outputBytes.lowerBound <= end
        {
          causes.formUnion(first[i].causes)
          end = Swift.max(end, first[i].outputBytes.upperBound)
          i += 1
        } else if let pending, pending.lowerBound <= end {
          let limit = nextRemoval()
          // What starts at a removal lies behind it.
          guard pending.lowerBound < limit || pending.isEmpty && pending.lowerBound == limit
          else { break }
          copy(position..<pending.lowerBound, from: start..<i)
          position = Swift.min(pending.upperBound, limit)
          end = Swift.max(end, position)
          causes.formUnion(takePending(upTo: limit))
        } else {
          break
        }
      }
      copy(position..<Swift.max(position, end), from: start..<i)
      result.append(
        sourceLow..<source(end), poolFrom: poolStart, causes: causes, removal: -1)
    }

    /// Where the next removal stands in the text between.
    mutating func nextRemoval() -> Int {
      removal = Swift.max(removal, i)
      while removal < first.count, !first[removal].causes.contains(.removal) { removal += 1 }
      return removal < first.count ? first[removal].outputBytes.lowerBound : .max
    }
  }
}
