// `winnow config`: what is chosen here, and where each choice comes from.
internal import ArgumentParser
internal import WinnowPacks
internal import WinnowRules

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show what is chosen in this folder, and where.",
    discussion: """
      The nearest .winnow.yaml, in this folder or one above it, chooses what its keys say; options \
      of the same name win. What is printed can be saved as .winnow.yaml.

        patterns: [house.yaml, packs/]    # from the folder of the file
        select: [en, any]
        ignore: [related]
        confidence: high
        site: example.org
        language: en
        normalize: standard,quotes=keep
        paragraphs: auto
        built_in: true
      """)

  @OptionGroup(title: "Cleaning") var cleaning: CleaningOptions

  mutating func run() throws {
    let choices = try Choices(cleaning)
    // What is shown is what works.
    _ = try choices.makeCleaner()
    var text = choices.file.map { "# \(visible($0.path))\n" } ?? "# no .winnow.yaml here or above\n"
    for key in ConfigurationFile.Key.allCases {
      let values = choices.values(of: key)
      guard let first = values.first else { continue }
      let isList = [.patterns, .select, .ignore].contains(key)
      let words = values.map { quoted($0.text) }.joined(separator: ", ")
      let line = "\(key.rawValue): \(isList ? "[\(words)]" : words)"
      let from =
        switch first.source {
        case .option: "option"
        case .file(let value): "\(visible(value.place.file)):\(value.place.line)"
        case .default: "default"
        }
      text += line + String(repeating: " ", count: max(1, 36 - line.count)) + "# \(from)\n"
    }
    let output = Output(descriptor: 1, path: "standard output")
    try output.write(text)
    try output.flush()
  }

  /// Plain where YAML reads it as it is, else in double quotes.
  private func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      $0 &- 0x61 < 26 || $0 &- 0x41 < 26 || $0 &- 0x30 < 10
        || [0x2D, 0x2E, 0x2F, 0x3D, 0x5F].contains($0)
    }
    return isPlain && text.first != "-"
      ? text : visible(String(decoding: JSONValue.text(text).utf8, as: UTF8.self))
  }
}
