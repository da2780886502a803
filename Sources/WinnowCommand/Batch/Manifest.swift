// What a batch has done so far, in `.winnow/manifest` of its output folder: the file from which the
// same command goes on, and by which another one is refused.
//
// Lines of fields between tabs. First what the run was made with, then a line for each input that
// is done and each shard of one that is under way. A line counts when its LF is there; what a crash
// left behind the last one is cut off.

/// Counts over some documents, as they stand in a manifest.
struct Tally: Sendable {
  var totals = Totals()
  /// Messages that named a document.
  var named = 0
  /// Documents that were passed through unchanged.
  var rejected = 0

  var documents: Int { totals.documents + rejected }

  mutating func add(_ other: Tally) {
    totals.add(other.totals)
    named += other.named
    rejected += other.rejected
  }

  mutating func subtract(_ other: Tally) {
    totals.subtract(other.totals)
    named -= other.named
    rejected -= other.rejected
  }
}

/// A line of a manifest.
struct ManifestEntry {
  /// Where an input under way goes on.
  struct Shard {
    /// Of the next byte of the input's text, and the lines before it.
    let offset: Int
    let lines: Int
    /// The draft that holds what is cleaned, and how much of it counts.
    let draft: String
    let length: Int
  }

  /// The input's path below the output folder.
  let path: String
  let size: Int
  let time: Int
  /// Bytes of `--removed` and `--rejects` that belong to what is done.
  let removed: Int
  let rejects: Int
  let tally: Tally
  /// Nil when the input is done.
  let shard: Shard?

  func matches(_ stamp: FileStamp) -> Bool { size == stamp.size && time == stamp.time }
}

struct Manifest {
  static let firstLine = "winnow manifest 1"

  /// What the run was made with, in the order in which it is compared.
  private(set) var identity: [(name: String, value: String)]
  private(set) var entries: [String: ManifestEntry] = [:]
  private(set) var tally = Tally()
  private(set) var removed = 0
  private(set) var rejects = 0
  /// Bytes of the file that count.
  private(set) var length: Int

  init(identity: [(name: String, value: String)]) {
    self.identity = identity
    length = 0
    length = header.count
  }

  var header: [UInt8] {
    let lines = identity.map { "with\t\($0.name)\t\(Self.escaped($0.value))\n" }
    return Array((Self.firstLine + "\n" + lines.joined()).utf8)
  }

  /// Nil when `bytes` are no manifest, or the header of one is torn.
  init?(_ bytes: [UInt8]) {
    self.init(identity: [])
    var identity: [(name: String, value: String)] = []
    var start = 0
    while let end = Lines.end(in: bytes, from: start) {
      let line = String(decoding: bytes[start..<end - 1], as: UTF8.self)
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      if start == 0 {
        guard line == Self.firstLine else { return nil }
      } else if fields.count == 3, fields[0] == "with" {
        identity.append((fields[1], Self.unescaped(fields[2])))
      } else if let entry = ManifestEntry(fields) {
        entries[entry.path] = entry
        tally.add(entry.tally)
        removed = entry.removed
        rejects = entry.rejects
      } else {
        break
      }
      start = end
    }
    guard !identity.isEmpty else { return nil }
    self.identity = identity
    length = start
  }

  /// Tabs, line ends, `%` and what is not UTF-8 as `%` and two digits.
  static func escaped(_ text: String) -> String {
    String(
      decoding: Path.bytes(text).flatMap { byte -> [UInt8] in
        guard byte < 0x20 || byte == 0x25 || byte >= 0x7F else { return [byte] }
        let digits = String(byte, radix: 16)
        return Array("%\(digits.count < 2 ? "0" : "")\(digits)".utf8)
      }, as: UTF8.self)
  }

  static func unescaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == 0x25, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return Path.string(bytes)
  }
}

extension ManifestEntry {
  var line: [UInt8] {
    var fields = [
      shard == nil ? "done" : "part", Manifest.escaped(path), "\(size)", "\(time)", "\(removed)",
      "\(rejects)", "\(tally.named)", "\(tally.rejected)", tally.totals.packed,
    ]
    if let shard {
      fields += ["\(shard.offset)", "\(shard.lines)", shard.draft, "\(shard.length)"]
    }
    return Array((fields.joined(separator: "\t") + "\n").utf8)
  }

  init?(_ fields: [String]) {
    let isDone = fields.first == "done"
    guard isDone ? fields.count == 9 : fields.count == 13 && fields[0] == "part" else { return nil }
    let numbers = fields[2..<8].compactMap(Int.init)
    guard numbers.count == 6, numbers.allSatisfy({ $0 >= 0 }), let totals = Totals(fields[8]) else {
      return nil
    }
    var shard: Shard?
    if !isDone {
      guard let offset = Int(fields[9]), let lines = Int(fields[10]), let length = Int(fields[12]),
        offset >= 0, lines >= 0, length >= 0, Int(fields[11]) != nil
      else { return nil }
      shard = Shard(offset: offset, lines: lines, draft: fields[11], length: length)
    }
    self.init(
      path: Manifest.unescaped(fields[1]), size: numbers[0], time: numbers[1],
      removed: numbers[2], rejects: numbers[3],
      tally: Tally(totals: totals, named: numbers[4], rejected: numbers[5]), shard: shard)
  }
}
