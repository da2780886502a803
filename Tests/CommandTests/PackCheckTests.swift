// `winnow patterns check` on a pack with twenty planted faults: each is named at its line and
// column, and nothing else is.
import Foundation
import Testing

@Suite struct PackCheckTests {
  private struct Report: Decodable {
    struct Problem: Decodable {
      let code: String, severity: String, file: String, line: Int, column: Int, message: String
      let remedy: String
    }
    let problems: [Problem]
  }

  private static let check =
    "winnow patterns check faults/twenty.yaml --against faults/labelled.txt "
    + "--texts faults/scraped.txt"

  /// Line, column and kind of what was planted.
  private static let planted = [
    "5:5 key", "14:15 yaml", "23:9 pattern", "31:20 pattern", "39:9 slow", "42:5 gate",
    "50:5 example", "55:5 example", "64:14 example", "66:5 duplicate", "74:17 value",
    "84:18 value", "94:38 trap", "102:36 trap", "110:5 yaml", "113:23 yaml", "126:5 duplicate",
    "134:5 shadowed", "142:5 dead", "148:5 broad",
  ]

  @Test("Twenty planted faults are named, each at its place, and none else")
  func twenty() throws {
    let run = try Sandbox().shell("\(Self.check) --format json")
    let report = try JSONDecoder().decode(Report.self, from: Data(run.bytes))
    #expect(report.problems.map { "\($0.line):\($0.column) \($0.code)" } == Self.planted)
    #expect(report.problems.allSatisfy { !$0.message.isEmpty && !$0.remedy.isEmpty })
    #expect(run.status == 1)
  }

  @Test("SARIF says the same")
  func sarif() throws {
    struct SARIF: Decodable {
      struct Run: Decodable {
        struct Result: Decodable {
          struct Location: Decodable {
            struct Physical: Decodable {
              struct Region: Decodable { let startLine: Int, startColumn: Int }
              struct Artifact: Decodable { let uri: String }
              let region: Region, artifactLocation: Artifact
            }
            let physicalLocation: Physical
          }
          let ruleId: String, level: String, locations: [Location]
        }
        let results: [Result]
      }
      let version: String, runs: [Run]
    }
    let run = try Sandbox().shell("\(Self.check) --format sarif")
    let log = try JSONDecoder().decode(SARIF.self, from: Data(run.bytes))
    #expect(log.version == "2.1.0")
    let results = try #require(log.runs.first).results
    let places = try results.map { result in
      let place = try #require(result.locations.first).physicalLocation
      #expect(place.artifactLocation.uri == "faults/twenty.yaml")
      return "\(place.region.startLine):\(place.region.startColumn) \(result.ruleId)"
    }
    #expect(places == Self.planted)
  }

  @Test("A sound pack has no problems, in any form")
  func sound() throws {
    let sandbox = try Sandbox()
    let pack = "packs/house.yaml --no-built-in --against articles/news/quiet.txt"
    #expect(try sandbox.shell("winnow patterns check \(pack)").output == "")
    #expect(
      try sandbox.shell("winnow patterns check --format json \(pack)").output
        == "{\"problems\":[]}\n")
  }
}
