// The labelled articles of the repository, and places in its packs.
import Foundation
import Testing
import WinnowRules

enum Corpus {
  struct Article: Sendable, CustomTestStringConvertible {
    /// From the package's root.
    let path: String
    /// The article as a scraper would have left it, without labels and brackets.
    let text: [UInt8]

    var testDescription: String { path }
  }

  /// All articles, in the order of their paths; none when they are not found, which a test tells.
  static let articles = (try? readArticles()) ?? []

  private static func readArticles() throws -> [Article] {
    guard let folder = packageRoot?.appending(path: "Corpus") else { return [] }
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
    return try names.filter { $0.hasSuffix(".txt") }.sorted().map { name in
      let file = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      let lines = file.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
        line.hasPrefix("# ") ? nil : line.dropFirst(2).filter { $0 != "⟦" && $0 != "⟧" }
      }
      return Article(path: "Corpus/\(name)", text: Array(lines.joined(separator: "\n").utf8))
    }
  }

  /// The nearest folder with a Package.swift and a Corpus: above the current folder, as in `swift
  /// test`, or above the built tests.
  static var packageRoot: URL? {
    let starts = [FileManager.default.currentDirectoryPath, Bundle.main.bundlePath]
    for start in starts {
      var folder = URL(filePath: start, directoryHint: .isDirectory).standardizedFileURL
      while folder.path() != "/" {
        let files = ["Package.swift", "Corpus"].map { folder.appending(path: $0).path() }
        if files.allSatisfy(FileManager.default.fileExists(atPath:)) { return folder }
        folder = folder.deletingLastPathComponent()
      }
    }
    return nil
  }
}

@Suite struct CorpusTests {
  @Test("The articles are found")
  func articles() {
    #expect(Corpus.articles.count >= 20)
  }
}

extension Place {
  /// For issues that are shown where the YAML stands.
  var sourceLocation: SourceLocation {
    SourceLocation(
      fileID: file.contains("/") ? file : "Patterns/\(file)", filePath: file, line: line,
      column: column)
  }
}
