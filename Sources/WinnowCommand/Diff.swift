// A unified diff of two texts by line, for reading: controls and direction marks of the texts are
// shown as escapes.

enum Diff {
  private static let context = 3

  static func unified(_ before: [UInt8], _ after: [UInt8], name: String) -> [UInt8] {
    let old = lines(of: before)
    let new = lines(of: after)
    guard old != new else { return [] }
    var steps: [(sign: UInt8, line: ArraySlice<UInt8>)] = []
    let difference = new.difference(from: old)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
      if i < old.count, removed.contains(i) {
        steps.append((UInt8(ascii: "-"), old[i]))
        i += 1
      } else if j < new.count, inserted.contains(j) {
        steps.append((UInt8(ascii: "+"), new[j]))
        j += 1
      } else {
        steps.append((UInt8(ascii: " "), old[i]))
        i += 1
        j += 1
      }
    }
    var output = Array("--- \(visible(name))\n+++ \(visible(name)) (clean)\n".utf8)
    var at = 0
    var (oldLine, newLine) = (1, 1)
    let space = UInt8(ascii: " ")
    while let first = steps[at...].firstIndex(where: { $0.sign != space }) {
      let start = max(at, first - context)
      var end = first
      var last = first
      while end < steps.count, end - last <= 2 * context {
        if steps[end].sign != space { last = end }
        end += 1
      }
      end = min(steps.count, last + context + 1)
      for step in steps[at..<start] where step.sign == space {
        oldLine += 1
        newLine += 1
        _ = step
      }
      let oldCount = steps[start..<end].count { $0.sign != UInt8(ascii: "+") }
      let newCount = steps[start..<end].count { $0.sign != UInt8(ascii: "-") }
      output += Array("@@ -\(oldLine),\(oldCount) +\(newLine),\(newCount) @@\n".utf8)
      for step in steps[start..<end] {
        output.append(step.sign)
        output += visible(step.line).utf8
        output.append(0x0A)
      }
      oldLine += oldCount
      newLine += newCount
      at = end
    }
    return output
  }

  private static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}
