// `winnow eval`: how much noise goes and how many article words go with it, on labelled articles.
internal import ArgumentParser
internal import Winnow
internal import WinnowRules

struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Score against labelled articles; what is lost comes first.",
    discussion: """
      A labelled article is a text file with one line of the article a line: a label (K keep; \
      P S R A C noise; N not scored), a tab, the text. Noise inside a kept line stands in ⟦…⟧. \
      See Corpus/README.md.
      """)

  @Argument(help: "Labelled articles, and folders of them.") var paths: [String]
  @OptionGroup(title: "Cleaning") var cleaning: CleaningOptions
  @Option(help: ArgumentHelp("Fail when a floor of this file is not reached.", valueName: "file"))
  var baseline: String?
  @Option(
    help: ArgumentHelp(
      "Write the floors and the digest of the articles to this file.", valueName: "file"))
  var writeBaseline: String?
  @Flag(help: "With --write-baseline: floors may fall.") var lower = false
  @Flag(help: "Per rule: hits on noise, on kept text, on lines that are not scored.") var rules =
    false
  @Flag(help: "Show every line that is lost or left.") var errors = false
  @Flag(help: "The totals as JSON.") var json = false

  mutating func run() throws {
    let cleaner = try cleaning.makeCleaner()
    var score = Score()
    let worker = Worker(rules: cleaner.rules)
    for path in paths {
      for input in try Input.inputs(at: path, complain: { Files.say("winnow: \($0)") })
      where input.path.hasSuffix(".txt") {
        let article = try LabelledArticle(
          Files.contents(of: input.path), path: input.path)
        score.add(article, cleaner.clean(article.text, using: worker))
      }
    }
    guard score.articles > 0 else {
      throw Complaint("no labelled articles (.txt) at \(paths.joined(separator: ", "))")
    }
    let output = Output(descriptor: 1, path: "standard output")
    if json {
      try output.write(score.json.utf8 + [0x0A])
    } else {
      try output.write(score.report(errors: errors))
      if rules { try output.write(score.ruleReport(cleaner.rules)) }
    }
    try output.flush()
    if let writeBaseline {
      if !lower, let old = try? Baseline(Files.contents(of: writeBaseline), path: writeBaseline),
        let fallen = old.misses(of: score, checksDigest: false).first
      {
        throw Complaint("\(fallen); give --lower if it is meant to fall")
      }
      try Files.write(Baseline(score).bytes, to: writeBaseline)
    }
    if let baseline {
      let misses = try Baseline(Files.contents(of: baseline), path: baseline).misses(of: score)
      for miss in misses { Files.say("\(visible(baseline)): \(miss)") }
      if !misses.isEmpty { throw Status.found }
    }
  }
}
