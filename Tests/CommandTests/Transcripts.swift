// The command as people use it: each transcript in Fixtures/transcripts holds commands and what
// they print. Lines that start with `  $ ` are commands, indented lines below them are their output
// (standard output and errors together) and, in brackets, an exit status other than 0. All else is
// prose. The commands of one transcript run in order in a fresh copy of Fixtures/files.
//
// `WINNOW_RECORD=1 swift test --filter Transcripts` writes the outputs anew, to be read as a diff.
import Foundation
import Testing

@Suite struct Transcripts {
  @Test("The transcripts are found")
  func found() {
    #expect(Transcript.all.count >= 8)
    #expect(Transcript.all.allSatisfy { !$0.steps.isEmpty })
  }

  @Test("A transcript comes out as written", arguments: Transcript.all)
  func run(transcript: Transcript) throws {
    let folder = try Sandbox()
    var recorded = transcript.lines
    for step in transcript.steps {
      let run = try folder.shell(step.command, mergesErrors: true)
      var output = run.output.split(separator: "\n", omittingEmptySubsequences: false).map {
        "  \($0)"
      }
      if output.last == "  " { output.removeLast() } else { output.append("  (no line end)") }
      output = output.map { $0 == "  " ? "" : $0 }
      if run.status != 0 { output.append("  [\(run.status)]") }
      if output != step.output {
        Issue.record(
          """
          $ \(step.command)
          printed
          \(output.joined(separator: "\n"))
          instead of
          \(step.output.joined(separator: "\n"))
          """, sourceLocation: transcript.location(line: step.line))
      }
      recorded[step.line - 1] = ([recorded[step.line - 1]] + output).joined(separator: "\n")
      for line in step.line..<step.line + step.output.count { recorded[line] = "\0" }
    }
    if ProcessInfo.processInfo.environment["WINNOW_RECORD"] == "1" {
      try recorded.filter { $0 != "\0" }.joined(separator: "\n")
        .write(to: transcript.url, atomically: true, encoding: .utf8)
    }
  }
}

struct Transcript: Sendable, CustomTestStringConvertible {
  struct Step: Sendable {
    let command: String
    /// Of the command, from 1.
    let line: Int
    let output: [String]
  }

  let url: URL
  let lines: [String]
  let steps: [Step]

  var testDescription: String { url.lastPathComponent }

  /// All transcripts, in the order of their names; none when they are not found.
  static let all = (try? readAll()) ?? []

  private static func readAll() throws -> [Transcript] {
    let folder = Fixtures.folder.appending(path: "transcripts")
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "txt" }
      .sorted { $0.path() < $1.path() }
      .map(Transcript.init)
  }

  init(_ url: URL) throws {
    self.url = url
    lines = try String(contentsOf: url, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var steps: [Step] = []
    for (index, line) in lines.enumerated() where line.hasPrefix("  $ ") {
      var output = Array(
        lines[(index + 1)...].prefix { ($0.hasPrefix("  ") || $0.isEmpty) && !$0.hasPrefix("  $ ") }
      )
      // Blank lines before prose or the next command are no output.
      while output.last?.isEmpty == true { output.removeLast() }
      steps.append(Step(command: String(line.dropFirst(4)), line: index + 1, output: output))
    }
    self.steps = steps
  }

  func location(line: Int) -> SourceLocation {
    let path = "Tests/CommandTests/Fixtures/transcripts/\(url.lastPathComponent)"
    return SourceLocation(fileID: path, filePath: path, line: line, column: 1)
  }
}
