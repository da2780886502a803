// `winnow learn`: what a site prints on article after article, as packs to read and to prune.
internal import ArgumentParser
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

struct LearnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Propose packs of the lines that sites repeat, for review.",
    discussion: """
      The articles of a site are the records with its name in publisher, site or domain (or its \
      host in url), or the files in its folder. A line counts once for each article; numbers, \
      dates and names in it may vary. Left out is what stands in running text anywhere, and articles \
      that are given twice. What the built-in rules do not know must stand in five articles. Nothing is applied: read the \
      packs, throw out what should stay, then use them with --patterns.

        winnow learn scraped.jsonl.gz -o learnt/
        winnow patterns check learnt/ --against clean/
      """)

  @Argument(help: "JSONL files, text files and folders of them; each is read twice.")
  var paths: [String]
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write a pack for each site to this folder.", valueName: "folder"))
  var output: String?
  @Option(
    help: ArgumentHelp("The field of a JSONL record that holds the text.", valueName: "name"))
  var field = "text"
  @Option(help: ArgumentHelp("Sites with fewer articles are passed by.", valueName: "number"))
  var minArticles = 4
  @Option(help: ArgumentHelp("Lines in fewer articles are passed by.", valueName: "number"))
  var minCount = 3

  mutating func run() throws {
    guard !paths.contains("-") else {
      throw Complaint("learn reads its input twice: name files, not standard input")
    }
    var lesson = Lesson(minArticles: max(2, minArticles), minCount: max(2, minCount))
    let documents = Documents(paths: paths, field: field)
    try documents.forEach { lesson.sketch($0) }
    lesson.settle()
    let quiet = Documents(paths: paths, field: field, complain: { _ in })
    try quiet.forEach { lesson.count($0) }
    let packs = lesson.packs()
    let out = Output(descriptor: 1, path: "standard output")
    if let output { try Files.makeFolder(output) }
    for pack in packs {
      if let output {
        try Files.write(Array(pack.yaml.utf8), to: "\(output)/\(pack.name).yaml")
      } else {
        try out.write("# \(pack.name).yaml\n\(pack.yaml)\n")
      }
    }
    try out.flush()
    let lines = packs.reduce(0) { $0 + $1.lines }
    Files.say("\(lesson.sites) sites, \(packs.count) packs, \(lines) lines; read them before use")
  }
}
