// `winnow`: what people type. This file is the table of contents.
internal import ArgumentParser
internal import PCRE2
internal import WinnowPacks

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

@main
struct WinnowCommand: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "winnow",
    abstract: "Takes the chaff out of scraped article text.",
    discussion: """
      With no arguments it is a filter: text in on standard input, clean text out on standard \
      output.

        winnow < article.txt > clean.txt
        winnow articles/ -o clean/
        winnow --format jsonl < scraped.jsonl > clean.jsonl
        winnow explain article.txt

      Exit status:
        0  done
        1  --check, patterns check, patterns test or eval found something
        2  wrong usage, rule pack, input or output
        3  done, but some documents were passed through unchanged or in part, each named
      """,
    version: "winnow \(version) (PCRE2 \(Pattern.libraryVersion))",
    subcommands: [
      CleanCommand.self,
      ExplainCommand.self, PatternsCommand.self, LearnCommand.self,
      ReportCommand.self, ConfigCommand.self,
      EvalCommand.self,
      EvidenceCommand.self,
    ],
    defaultSubcommand: CleanCommand.self)

  static func main() {
    Files.guardStandardStreams()
    do {
      var command = try parseAsRoot(Files.arguments)
      try command.run()
    } catch let error as Status {
      leave(error)
    } catch let error as Complaint {
      Files.say("winnow: \(error.message)")
      leave(.unusable)
    } catch let error as Problem {
      Files.say(visible(error.description))
      leave(.unusable)
    } catch let error as Problems {
      for problem in error.all { Files.say(visible(problem.description)) }
      leave(.unusable)
    } catch let error as Interrupted {
      _exit(128 + error.signal)
    } catch let error as FileError {
      Files.say("winnow: \(error)")
      leave(.unusable)
    } catch {
      let code = exitCode(for: error)
      guard code != .success else { exit(withError: error) }
      Files.say(fullMessage(for: error))
      leave(.unusable)
    }
  }
}

/// How a run ends when it does not simply end.
enum Status: Int32, Error {
  case found = 1
  case unusable = 2
  case partial = 3
}

/// Something the person can mend: a message with its place, the thing and the way out.
struct Complaint: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

private func leave(_ status: Status) -> Never { exit(status.rawValue) }
