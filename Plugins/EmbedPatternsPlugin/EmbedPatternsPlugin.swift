import Foundation
import PackagePlugin

/// Runs EmbedPatterns over Patterns/ before the library is compiled, and again when a pack changes.
@main
struct EmbedPatternsPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let patterns = context.package.directoryURL.appending(path: "Patterns")
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedPatterns.swift")
    let packs = try files(in: patterns)
    return [
      .buildCommand(
        displayName: "Embedding the rule packs of Patterns/",
        executable: try context.tool(named: "EmbedPatterns").url,
        arguments: [patterns.path(), output.path()],
        inputFiles: packs, outputFiles: [output])
    ]
  }

  private func files(in folder: URL) throws -> [URL] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path())
      .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".tsv") }
      .sorted()
      .map { folder.appending(path: $0) }
  }
}
