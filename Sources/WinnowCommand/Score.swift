// The score of a cleaner on labelled articles, and the floors it must not fall below.
internal import Winnow
internal import WinnowRules

/// Counts over labelled articles. A line survives when at least half of its letters do.
struct Score {
  private(set) var articles = 0
  private var perfect = 0
  private var lines: [Character: Int] = [:]
  private var removed: [Character: Int] = [:]
  private var spanBytes = 0
  private var spanBytesRemoved = 0
  private var keptBytes = 0
  private var keptBytesRemoved = 0
  private var misses: [String] = []
  /// By rule: hits on noise, on kept text, on lines that are not scored.
  private var hits: [Int: [Int]] = [:]
  private var digest: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ article: LabelledArticle, _ result: CleanedText) {
    articles += 1
    for byte in article.text { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var isGone = [Bool](repeating: false, count: article.text.count)
    for removal in result.removals { for byte in removal.bytes { isGone[byte] = true } }
    var isPerfect = true
    for line in article.lines {
      digest = (digest ^ UInt64(line.label.asciiValue ?? 0)) &* 0x100_0000_01B3
      var inSpan = Set<Int>()
      for span in line.spans { inSpan.formUnion(span) }
      var (own, ownGone) = (0, 0)
      for byte in line.bytes where article.text[byte] > 0x20 {
        if inSpan.contains(byte) {
          spanBytes += 1
          spanBytesRemoved += isGone[byte] ? 1 : 0
        } else {
          own += 1
          ownGone += isGone[byte] ? 1 : 0
        }
      }
      lines[line.label, default: 0] += 1
      let goes = own > 0 && 2 * ownGone > own
      if goes { removed[line.label, default: 0] += 1 }
      if line.label == "K" {
        keptBytes += own
        keptBytesRemoved += ownGone
      }
      let isNoise = !"KN".contains(line.label)
      if (line.label == "K" && goes) || (isNoise && !goes) {
        isPerfect = false
        let text = String(decoding: article.text[line.bytes], as: UTF8.self)
        misses.append(
          "\(line.label == "K" ? "LOST" : "left") \(line.label) \(article.path):\(line.number): \(text)"
        )
      }
    }
    for removal in result.removals {
      let labels = article.lines.filter { $0.bytes.overlaps(removal.bytes) }
      for line in labels {
        let isSpan = line.spans.contains { $0.overlaps(removal.bytes) }
        let column = line.label == "N" ? 2 : line.label == "K" && !isSpan ? 1 : 0
        for rule in removal.rules { hits[rule, default: [0, 0, 0]][column] += 1 }
      }
    }
    if isPerfect { perfect += 1 }
  }

  /// Share of kept lines that went.
  var lost: Double { ratio(removed["K"], lines["K"]) }
  var wordsLost: Double { keptBytes == 0 ? 0 : Double(keptBytesRemoved) / Double(keptBytes) }
  var noiseRemoved: Double { ratio(noise(removed), noise(lines)) }
  var perfectShare: Double { Double(perfect) / Double(max(1, articles)) }
  var spansRemoved: Double { spanBytes == 0 ? 1 : Double(spanBytesRemoved) / Double(spanBytes) }
  var fingerprint: String { String(digest, radix: 16) }

  func recall(of category: Category) -> Double {
    ratio(removed[category.label], lines[category.label])
  }

  private func noise(_ counts: [Character: Int]) -> Int {
    counts.reduce(0) { "KN".contains($1.key) ? $0 : $0 + $1.value }
  }

  private func ratio(_ part: Int?, _ whole: Int?) -> Double {
    guard let whole, whole > 0 else { return 0 }
    return Double(part ?? 0) / Double(whole)
  }

  func report(errors: Bool) -> String {
    var text = """
      content lost     \(percent(lost)) of \(lines["K"] ?? 0) lines, \(percent(wordsLost)) of letters
      noise removed    \(percent(noiseRemoved)) of \(noise(lines)) lines
      noise in lines   \(percent(spansRemoved)) of letters in spans
      perfect articles \(percent(perfectShare)) of \(articles)

      """
    for category in Category.allCases {
      let name = category.rawValue.padding(to: 16)
      text += "  \(name) \(percent(recall(of: category))) of \(lines[category.label] ?? 0)\n"
    }
    if errors { for miss in misses { text += visible(miss) + "\n" } }
    return text
  }

  func ruleReport(_ rules: RuleSet) -> String {
    var text = "noise\tkept\tneutral\trule\n"
    let sorted = hits.sorted {
      ($1.value[1], $1.value[0], $0.key) < ($0.value[1], $0.value[0], $1.key)
    }
    for (rule, counts) in sorted {
      text += "\(counts[0])\t\(counts[1])\t\(counts[2])\t\(rules.describe(rule).name)\n"
    }
    return text
  }

  var json: JSONValue {
    .object(
      [
        ("articles", .number(articles)), ("content_lost", .decimal(lost)),
        ("letters_lost", .decimal(wordsLost)), ("noise_removed", .decimal(noiseRemoved)),
        ("span_letters_removed", .decimal(spansRemoved)),
        ("perfect_articles", .decimal(perfectShare)),
      ] + Category.allCases.map { ($0.rawValue, .decimal(recall(of: $0))) })
  }

  private func percent(_ share: Double) -> String {
    let thousandths = Int((share * 100_000).rounded())
    let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: 1000)
    let decimals = String(rest)
    let padded = String(repeating: "0", count: 3 - decimals.count) + decimals
    return String(repeating: " ", count: max(0, 3 - String(whole).count)) + "\(whole).\(padded) %"
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

/// The floors of Corpus/baseline.json: one number a line, so that a change is one line of a diff.
struct Baseline {
  private let values: [(name: String, value: String)]

  init(_ score: Score) {
    func thousandths(_ share: Double) -> String { String((share * 100_000).rounded() / 1000) }
    values = [
      ("articles", String(score.articles)), ("digest", "\"\(score.fingerprint)\""),
      ("content_lost_percent", thousandths(score.lost)),
      ("letters_lost_percent", thousandths(score.wordsLost)),
      ("noise_removed_percent", thousandths(score.noiseRemoved)),
      ("span_letters_removed_percent", thousandths(score.spansRemoved)),
      ("perfect_articles_percent", thousandths(score.perfectShare)),
    ]
  }

  /// Reads what `bytes` wrote: one `"name": value` a line.
  init(_ bytes: [UInt8], path: String) throws(Complaint) {
    var values: [(String, String)] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let name = parts[0].filter { $0 != "\"" && $0 != " " }
      var value = parts[1].filter { $0 != " " }
      if value.hasSuffix(",") { value.removeLast() }
      values.append((name, value))
    }
    guard values.contains(where: { $0.0 == "digest" }) else {
      throw Complaint("\(visible(path)): no baseline; write one with --write-baseline")
    }
    self.values = values
  }

  var bytes: [UInt8] {
    let lines = values.map { "  \"\($0.name)\": \($0.value)" }
    return Array("{\n\(lines.joined(separator: ",\n"))\n}\n".utf8)
  }

  /// What `score` falls short of.
  func misses(of score: Score, checksDigest: Bool = true) -> [String] {
    let now = Dictionary(uniqueKeysWithValues: Baseline(score).values.map { ($0.name, $0.value) })
    return values.compactMap { name, floor in
      guard let value = now[name] else { return nil }
      if name == "digest" || name == "articles" {
        guard checksDigest, value != floor else { return nil }
        return "\(name) is \(value), the floors are for \(floor); write them anew"
      }
      guard let was = Double(floor), let new = Double(value) else { return nil }
      let isLoss = name.contains("lost")
      guard isLoss ? new > was : new < was else { return nil }
      return "\(name) is \(value), the \(isLoss ? "ceiling" : "floor") \(floor)"
    }
  }
}
