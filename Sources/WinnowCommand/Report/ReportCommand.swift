// `winnow report`: what went from many documents, as one page that needs nothing else.
internal import ArgumentParser
internal import Winnow
internal import WinnowRules

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write one HTML page that shows what goes from given texts.",
    discussion: """
      Totals by class and rule, and each document with what goes in its place; of long stretches \
      that stay, only the ends are shown. The page loads nothing: it can be sent and kept.
      """)

  @Argument(help: "Text files, JSONL files and folders.") var paths: [String]
  @Option(
    name: .shortAndLong, help: ArgumentHelp("The page to write.", valueName: "file"))
  var output: String
  @Option(
    help: ArgumentHelp("The field of a JSONL record that holds the text.", valueName: "name"))
  var field = "text"
  @OptionGroup(title: "Cleaning") var cleaning: CleaningOptions

  mutating func run() throws {
    let cleaner = try cleaning.makeCleaner()
    let worker = Worker(rules: cleaner.rules)
    var report = Report(cleaner.rules)
    try Documents(paths: paths, field: field).forEach { document in
      let text = LabelledArticle(ifLabelled: document)?.text ?? document.text
      report.add(text, named: document.name, cleaner.clean(text, using: worker).removals)
    }
    try Files.write(report.page, to: output)
    Files.say(report.totals)
  }
}

/// Removals of many documents in, a page out.
struct Report {
  private let rules: RuleSet
  private var texts: [UInt8] = []
  private var documents: [JSONValue] = []
  private var count = 0
  private var cuts = 0
  private var bytes = 0
  private var cutBytes = 0
  private var hits: [Int: Int] = [:]
  /// A cut counts once, for the class of its surest rule.
  private var classes: [String: Int] = [:]
  /// By rule, its place in the page; evidence is rule -1.
  private var places: [Int: Int] = [:]
  private var order: [Int] = []

  /// Of a stretch that stays, so many bytes are shown before and after a cut.
  private static let shownBytes = 240

  init(_ rules: RuleSet) { self.rules = rules }

  var totals: String {
    "\(count) documents, \(documents.count) with noise: \(cuts) cuts, \(cutBytes) of \(bytes) bytes"
  }

  mutating func add(_ text: [UInt8], named name: String, _ removals: [Removal]) {
    count += 1
    bytes += text.count
    guard !removals.isEmpty else { return }
    var pieces: [JSONValue] = []
    var own: Set<Int> = []
    var at = 0
    for removal in removals {
      keep(text, at..<removal.bytes.lowerBound, isFirst: at == 0, isLast: false, &pieces)
      let rules = removal.rules.isEmpty ? [-1] : removal.rules
      for rule in rules {
        if places[rule] == nil {
          places[rule] = order.count
          order.append(rule)
        }
        hits[rule, default: 0] += 1
      }
      let surest = removal.rules.map(self.rules.describe(_:)).max { $0.confidence < $1.confidence }
      classes[surest?.category.rawValue ?? "evidence", default: 0] += 1
      let numbers = rules.compactMap { places[$0] }
      own.formUnion(numbers)
      pieces.append(
        .list([.bytes(Array(text[removal.bytes])), .list(numbers.map { .number($0) })]))
      at = removal.bytes.upperBound
      cuts += 1
      cutBytes += removal.bytes.count
    }
    keep(text, at..<text.count, isFirst: false, isLast: true, &pieces)
    documents.append(
      .list([
        .text(visible(name)), .number(removals.count), .list(own.sorted().map { .number($0) }),
      ]))
    texts += Self.inert(JSONValue.list(pieces).utf8) + [0x0A]
  }

  /// Text that stays: its ends beside cuts, and how much is between.
  private func keep(
    _ text: [UInt8], _ range: Range<Int>, isFirst: Bool, isLast: Bool, _ pieces: inout [JSONValue]
  ) {
    guard !range.isEmpty else { return }
    let most = Self.shownBytes * 2 + 80
    guard range.count > most else { return pieces.append(.bytes(Array(text[range]))) }
    var head = range.lowerBound + (isFirst ? 0 : Self.shownBytes)
    var tail = range.upperBound - (isLast ? 0 : Self.shownBytes)
    while head > range.lowerBound, text[head] & 0xC0 == 0x80 { head -= 1 }
    while tail < range.upperBound, text[tail] & 0xC0 == 0x80 { tail += 1 }
    if head > range.lowerBound { pieces.append(.bytes(Array(text[range.lowerBound..<head]))) }
    pieces.append(.number(tail - head))
    if tail < range.upperBound { pieces.append(.bytes(Array(text[tail..<range.upperBound]))) }
  }

  /// JSON in which nothing can end the script that holds it: `<`, `>` and `&` stand in strings
  /// only, and there as escapes.
  private static func inert(_ json: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(json.count + json.count / 32)
    for byte in json {
      switch byte {
      case 0x3C: output += Array("\\u003c".utf8)
      case 0x3E: output += Array("\\u003e".utf8)
      case 0x26: output += Array("\\u0026".utf8)
      default: output.append(byte)
      }
    }
    return output
  }

  var page: [UInt8] {
    // The page numbers rules as they came; it shows the most frequent first.
    let ranked = order.indices.sorted {
      (hits[order[$1]] ?? 0, order[$0]) < (hits[order[$0]] ?? 0, order[$1])
    }
    let known = order.map { rule -> JSONValue in
      let about = rule < 0 ? nil : rules.describe(rule)
      let category = about?.category.rawValue ?? "evidence"
      return .list([
        .text(visible(about?.name ?? "evidence")), .text(category), .number(hits[rule] ?? 0),
        .text(visible(about?.summary ?? "Lines that no rule decides, by their weight.")),
      ])
    }
    let sorted = classes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let index = JSONValue.object([
      ("totals", .text(totals)),
      ("classes", .list(sorted.map { .list([.text($0.key), .number($0.value)]) })),
      ("rules", .list(known)),
      ("order", .list(ranked.map { .number($0) })),
      ("documents", .list(documents)),
    ])
    let head = ReportPage.head(
      style: Self.digest(ReportPage.style), script: Self.digest(ReportPage.script))
    return Array(head.utf8) + texts + Array(ReportPage.middle.utf8) + Self.inert(index.utf8)
      + Array(ReportPage.tail.utf8)
  }

  /// SHA-256 in base64, as a content security policy names what may run.
  private static func digest(_ text: String) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let hex = Array(SHA256.digest(of: text.utf8))
    var bits: [UInt8] = []
    for digit in hex {
      let value = UInt8(digit.hexDigitValue ?? 0)
      bits += [value >> 3 & 1, value >> 2 & 1, value >> 1 & 1, value & 1]
    }
    while bits.count % 6 != 0 { bits.append(0) }
    var output = stride(from: 0, to: bits.count, by: 6).map { start in
      letters[Int(bits[start..<start + 6].reduce(0) { $0 << 1 | $1 })]
    }
    while output.count % 4 != 0 { output.append(UInt8(ascii: "=")) }
    return String(decoding: output, as: UTF8.self)
  }
}
