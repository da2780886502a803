// Problems of packs, as people and programs read them: the source line and a caret below each; or
// JSON; or SARIF 2.1.0, which code review tools show beside the line.
internal import WinnowPacks
internal import WinnowRules

struct ProblemReport {
  let problems: [Problem]
  private let sources: [String: [Substring]]

  /// - Parameter problems: in the order in which they are shown.
  init(_ problems: [Problem]) {
    self.problems = problems
    var sources: [String: [Substring]] = [:]
    for file in Set(problems.map(\.place.file)) {
      guard let bytes = try? Files.contents(of: file) else { continue }
      sources[file] = String(decoding: bytes, as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false)
    }
    self.sources = sources
  }

  // MARK: Text

  var text: String {
    problems.map { visible($0.description) + "\n" + caret($0.place) }.joined()
  }

  /// The line that a place is in, cut to what a terminal shows, and a caret below the column.
  private func caret(_ place: Place) -> String {
    guard let lines = sources[place.file], lines.indices.contains(place.line - 1) else { return "" }
    let line = Array(lines[place.line - 1].unicodeScalars)
    guard line.contains(where: { $0 != " " }), place.column <= line.count + 1 else { return "" }
    let first = max(0, place.column - 1 - 60)
    var shown = String.UnicodeScalarView()
    shown.append(contentsOf: line[first..<min(line.count, first + 96)])
    let before = line[first..<place.column - 1].reduce(into: "") {
      $0 += $1 == "\t" ? "\t" : String(repeating: " ", count: Self.width(of: $1))
    }
    return "  | \(visible(String(shown)))\n  | \(before)^\n"
  }

  /// The columns of a terminal that a character takes.
  private static func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  // MARK: JSON

  var json: [UInt8] {
    let list = JSONValue.list(
      problems.map { problem in
        .object([
          ("code", .text(problem.code.rawValue)),
          ("severity", .text(problem.severity.rawValue)),
          ("file", .text(problem.place.file)),
          ("line", .number(problem.place.line)),
          ("column", .number(problem.place.column)),
          ("message", .text(problem.message)),
          ("remedy", .text(problem.remedy)),
        ])
      })
    return JSONValue.object([("problems", list)]).utf8 + [0x0A]
  }

  // MARK: SARIF

  var sarif: [UInt8] {
    let codes = Problem.Code.allCases
    let rules = codes.map { code in
      JSONValue.object([
        ("id", .text(code.rawValue)),
        ("shortDescription", .object([("text", .text(code.summary))])),
      ])
    }
    let results = problems.map { problem in
      JSONValue.object([
        ("ruleId", .text(problem.code.rawValue)),
        ("ruleIndex", .number(codes.firstIndex(of: problem.code) ?? 0)),
        ("level", .text(problem.severity.rawValue)),
        ("message", .object([("text", .text("\(problem.message); \(problem.remedy)"))])),
        ("locations", .list([location(problem.place)])),
      ])
    }
    let driver = JSONValue.object([
      ("name", .text("winnow")), ("version", .text(WinnowCommand.version)),
      ("rules", .list(rules)),
    ])
    let run = JSONValue.object([
      ("tool", .object([("driver", driver)])),
      ("columnKind", .text("unicodeCodePoints")),
      ("results", .list(results)),
    ])
    return JSONValue.object([
      ("$schema", .text("https://json.schemastore.org/sarif-2.1.0.json")),
      ("version", .text("2.1.0")), ("runs", .list([run])),
    ]).utf8 + [0x0A]
  }

  private func location(_ place: Place) -> JSONValue {
    .object([
      (
        "physicalLocation",
        .object([
          ("artifactLocation", .object([("uri", .text(Self.uri(place.file)))])),
          (
            "region",
            .object([
              ("startLine", .number(place.line)), ("startColumn", .number(place.column)),
            ])
          ),
        ])
      )
    ])
  }

  /// A path as a relative reference.
  private static func uri(_ path: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in path.utf8 {
      let isPlain =
        byte | 0x20 &- 0x61 < 26 || byte &- 0x30 < 10
        || [0x2D, 0x2E, 0x2F, 0x5F, 0x7E].contains(byte)
      bytes += isPlain ? [byte] : [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
