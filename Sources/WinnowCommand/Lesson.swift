// What sites repeat: documents in twice, packs out. The first time round a sketch of fixed size
// counts the forms of all lines, never too low; the second time those that may be often enough are
// counted exactly. So memory does not grow with the texts.
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

struct Lesson {
  struct Pack {
    let name: String
    let yaml: String
    let lines: Int
  }

  private let minArticles: Int
  private let minCount: Int
  private var counts = CountSketch()
  /// Articles of a site, without those given twice.
  private var articles: [String: Int] = [:]
  /// By place in the input: whether an article was there before.
  private var isDouble: [Bool] = []
  private var next = 0
  private var candidates: [UInt64: Candidate] = [:]
  /// Forms that stand as sentences in running text.
  private var prose: Set<UInt64> = []
  private var wanted: Set<UInt64> = []

  private let cleaner: Cleaner
  private let worker: Worker

  /// A form of a line on a site, counted exactly.
  private struct Candidate {
    let site: String
    let form: UInt64
    let first: String
    var samples: [String]
    var count = 1
    /// How often the built-in rules took it.
    var taken = 0

    /// Whether the built-in rules take it for noise.
    var isKnown: Bool { taken * 2 > count }
  }

  /// Bounds that keep memory in proportion.
  private static let mostCandidates = 400_000
  private static let longestLine = 600
  private static let leastUnknown = 5

  init(minArticles: Int, minCount: Int) {
    self.minArticles = minArticles
    self.minCount = minCount
    var configuration = Configuration()
    configuration.normalisation = Normalisation(.none)
    configuration.paragraphs = .keep
    cleaner = Cleaner(configuration: configuration)
    worker = Worker(rules: cleaner.rules)
  }

  /// Sites with articles enough.
  var sites: Int { articles.values.count { $0 >= minArticles } }

  // MARK: First time round

  mutating func sketch(_ document: Document) {
    guard let site = document.site else {
      isDouble.append(true)
      return
    }
    var forms: Set<UInt64> = []
    var (long, known) = (0, 0)
    for line in Self.lines(of: document.text) {
      let hash = Self.hash(LineForm(line.folded).key, on: site)
      guard forms.insert(hash).inserted else { continue }
      guard line.folded.utf8.count >= 80 else { continue }
      long += 1
      if counts[hash] > 0 { known += 1 }
    }
    // Half of the paragraphs were there before: the same article again, or a copy of it.
    let isCopy = long > 0 && known * 2 >= long
    isDouble.append(isCopy)
    if isCopy { return }
    articles[site, default: 0] += 1
    for form in forms { counts.add(form) }
  }

  /// Between the two.
  mutating func settle() { next = 0 }

  // MARK: Second time round

  mutating func count(_ document: Document) {
    defer { next += 1 }
    guard isDouble.indices.contains(next), !isDouble[next], let site = document.site,
      (articles[site] ?? 0) >= minArticles
    else { return }
    let removals = cleaner.clean(document.text, using: worker).removals
    let lines = Self.lines(of: document.text)
    var forms: Set<UInt64> = []
    for line in lines {
      let key = LineForm(line.folded).key
      let hash = Self.hash(key, on: site)
      noteProse(line.folded)
      guard counts[hash] >= minCount, forms.insert(hash).inserted else { continue }
      let isTaken = removals.contains { $0.bytes.overlaps(line.bytes) && !$0.isSpan }
      if candidates[hash] == nil {
        guard candidates.count < Self.mostCandidates else { continue }
        candidates[hash] = Candidate(
          site: site, form: Self.hash(key, on: ""), first: line.folded, samples: [line.text],
          taken: isTaken ? 1 : 0)
      } else {
        candidates[hash]?.count += 1
        candidates[hash]?.taken += isTaken ? 1 : 0
        if let samples = candidates[hash]?.samples, samples.count < 3, !samples.contains(line.text)
        {
          candidates[hash]?.samples.append(line.text)
        }
      }
    }
  }

  /// A line of several sentences is running text: what they say is no furniture.
  private mutating func noteProse(_ line: String) {
    let sentences = line.split { ".!?".contains($0) }
    guard sentences.count > 1, line.utf8.count >= 80, prose.count < 4_000_000 else { return }
    for sentence in sentences {
      let text = FoldedText.trimmed(String(sentence))
      if text.utf8.count >= 3 { prose.insert(Self.hash(LineForm(text).key, on: "")) }
    }
  }

  // MARK: Packs

  func packs() -> [Pack] {
    var bySite: [String: [Candidate]] = [:]
    for (_, candidate) in candidates where isNoise(candidate) {
      bySite[candidate.site, default: []].append(candidate)
    }
    return bySite.keys.sorted().map { site in
      let found = (bySite[site] ?? []).sorted { ($1.count, $0.first) < ($0.count, $1.first) }
      return Pack(name: Self.fileName(site), yaml: yaml(of: found, site), lines: found.count)
    }
  }

  private func isNoise(_ candidate: Candidate) -> Bool {
    // What no rule knows must stand more often: three articles of a series share lines, too.
    let least = candidate.isKnown ? minCount : max(minCount, Self.leastUnknown)
    guard candidate.count >= least else { return false }
    let sentence = candidate.first.split { ".!?".contains($0) }.map {
      Self.hash(LineForm(FoldedText.trimmed(String($0))).key, on: "")
    }
    return !sentence.contains { prose.contains($0) }
  }

  private func yaml(of candidates: [Candidate], _ site: String) -> String {
    var yaml = """
      # Lines that \(visible(site)) repeats, in \(articles[site] ?? 0) articles.
      # Proposed by `winnow learn`: read each, throw out what should stay.
      language: any
      category: chrome

      """
    if site.contains("."), !site.contains(where: { $0.isUppercase || $0 == "/" || $0 == " " }) {
      yaml += "sites: \(site)\n"
    }
    yaml += "rules:\n"
    var ids: Set<String> = []
    for candidate in candidates {
      yaml += "  # \(candidate.count) of \(articles[site] ?? 0) articles"
      yaml += candidate.isKnown ? "; the built-in rules take it, too\n" : "\n"
      for sample in candidate.samples.dropFirst() {
        yaml += "  #   \(visible(sample.prefix(120)))\n"
      }
      yaml += LearntRule(candidate.first, sample: candidate.samples[0], ids: &ids).yaml
    }
    return yaml
  }

  private static func fileName(_ site: String) -> String {
    let name = String(
      site.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    return name.isEmpty ? "site" : String(name.prefix(80))
  }

  // MARK: Lines

  private struct Line {
    let text: String
    let folded: String
    let bytes: Range<Int>
  }

  private static func lines(of text: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: 0x0A) ?? text.count
      if end - start <= longestLine, let own = String(validating: text[start..<end], as: UTF8.self)
      {
        let folded = FoldedText.folding(own)
        if folded.contains(where: \.isLetter), !folded.contains("⟦"), !folded.contains("⟧") {
          lines.append(Line(text: FoldedText.trimmed(own), folded: folded, bytes: start..<end))
        }
      }
      start = end + 1
    }
    return lines
  }

  /// FNV-1a.
  private static func hash(_ key: String, on site: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in site.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}

/// Counts of hashes in fixed memory: never too low, seldom too high (a count-min sketch).
struct CountSketch {
  private static let bits = 21
  private static let rows = 4
  private var cells = [UInt16](repeating: 0, count: rows << bits)

  private static func places(_ hash: UInt64) -> [Int] {
    let step = (hash >> 32) | 1
    return (0..<rows).map { row in
      let mixed = (hash &+ UInt64(row) &* step) &* 0x9E37_79B9_7F4A_7C15
      return row << bits | Int(mixed >> UInt64(64 - bits))
    }
  }

  subscript(hash: UInt64) -> Int {
    Self.places(hash).reduce(Int(UInt16.max)) { min($0, Int(cells[$1])) }
  }

  mutating func add(_ hash: UInt64) {
    for place in Self.places(hash) where cells[place] < .max { cells[place] += 1 }
  }
}

/// A learnt line as a rule.
private struct LearntRule {
  let yaml: String

  init(_ line: String, sample: String, ids: inout Set<String>) {
    let form = LineForm(line)
    let words = line.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let stem = words.prefix(4).joined(separator: "-")
    var id = stem.isEmpty ? "line" : stem
    var number = 2
    while !ids.insert(id).inserted {
      id = "\(stem.isEmpty ? "line" : stem)-\(number)"
      number += 1
    }
    func quoted(_ text: some StringProtocol) -> String {
      String(decoding: JSONValue.text(String(text)).utf8, as: UTF8.self)
    }
    let matcher =
      form.isFixed ? "equals: \(quoted(line))" : "regex: |\n        ^ \(form.pattern) $"
    let cue = line.filter { $0 != "\"" }.prefix(40)
    yaml = """
        - id: \(id)
          summary: \(quoted(line.count > 60 ? "\(line.prefix(57))…" : line))
          confidence: medium
          line:
            \(matcher)
          removes: \(quoted("⟦\(sample)⟧"))
          keeps: \(quoted("Nobody knew who had painted '\(cue)' on the harbour wall."))

      """
  }
}
