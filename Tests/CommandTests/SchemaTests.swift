// What `--emit json` writes, held against Schemas/winnow.schema.json.
import Foundation
import Testing

@Suite struct SchemaTests {
  private static let article = """
    “Ships sail,” said the master… “At last!”
    Advertisement
    The pier is open again. It was shut all winter.

    - one
    - two

    """

  private func objects(_ command: String) throws -> [Any] {
    let folder = try Sandbox()
    try folder.write(Self.article.utf8, to: "article.txt")
    let run = try folder.shell(command)
    #expect(run.status == 0, "\(command): \(run.errors)")
    return try run.output.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8))
    }
  }

  private static let winnow = "winnow --no-built-in --patterns packs/house.yaml"

  @Test(arguments: [
    ("document", "\(winnow) --emit json article.txt"),
    ("document", "\(winnow) --emit json --sentences --edits article.txt"),
    ("document", "winnow --emit json --edits articles/news/pier.txt"),
    ("record", "\(winnow) --emit json --sentences --edits records.jsonl"),
    ("explanation", "winnow explain --emit json articles/ferries.txt"),
    ("cut", "\(winnow) --removed cut.jsonl article.txt > out.txt; cat cut.jsonl"),
  ])
  func output(kind: String, command: String) throws {
    let schema = try Schema()
    let found = try objects(command)
    #expect(!found.isEmpty)
    for object in found {
      #expect(schema.problems(of: object, as: kind) == [])
    }
  }

  @Test func theSchemaRefuses() throws {
    let schema = try Schema()
    let wrong: [(String, [String])] = [
      (#"{"text": "a", "paragraphs": []}"#, ["/: no removals"]),
      (#"{"text": 1, "paragraphs": [], "removals": []}"#, ["/text: no string"]),
      (#"{"text": "", "paragraphs": [], "removals": [], "x": 1}"#, ["/x: not known"]),
      (
        #"{"text": "", "paragraphs": [{"kind": "poem", "start": -1, "end": 0, "source_start": 0, "source_end": 0.5}], "removals": []}"#,
        [
          "/paragraphs/0/kind: not in the list", "/paragraphs/0/source_end: no integer",
          "/paragraphs/0/start: less than 0",
        ]
      ),
    ]
    for (json, problems) in wrong {
      let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
      #expect(schema.problems(of: object, as: "document") == problems)
    }
  }

  /// The edits put the clean text together, and take it apart again.
  @Test func editsGoBothWays() throws {
    let found = try objects("\(Self.winnow) --emit json --sentences --edits article.txt")
    let object = try #require(found.first as? [String: Any])
    let text = Array(try #require(object["text"] as? String).utf8)
    let source = Array(Self.article.utf8)
    var forth: [UInt8] = []
    var back: [UInt8] = []
    var at = (source: 0, text: 0)
    for edit in try #require(object["edits"] as? [[String: Any]]) {
      func number(_ name: String) throws -> Int { try #require(edit[name] as? Int) }
      forth += source[at.source..<(try number("source_start"))]
      forth += Array(try #require(edit["is"] as? String).utf8)
      back += text[at.text..<(try number("start"))]
      back += Array(try #require(edit["was"] as? String).utf8)
      at = (try number("source_end"), try number("end"))
    }
    #expect(forth + source[at.source...] == text)
    #expect(back + text[at.text...] == source)
    let sentences = try #require(object["sentences"] as? [[String: Int]])
    #expect(sentences.first?["start"] == 0 && sentences.last?["end"] == text.count)
    #expect(zip(sentences, sentences.dropFirst()).allSatisfy { $0["end"] == $1["start"] })
    #expect(sentences.count == 6)
  }
}

/// As much of JSON Schema as the file uses.
private struct Schema {
  private let definitions: [String: [String: Any]]

  init() throws {
    let file = Fixtures.folder.appending(path: "../../../Schemas/winnow.schema.json")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file.standardized))
    definitions = try #require((object as? [String: Any])?["$defs"] as? [String: [String: Any]])
  }

  func problems(of value: Any, as definition: String) -> [String] {
    guard let schema = definitions[definition] else { return ["no definition \(definition)"] }
    return problems(of: value, schema, at: "").sorted()
  }

  private func problems(of value: Any, _ schema: [String: Any], at path: String) -> [String] {
    var found: [String] = []
    func say(_ what: String) { found.append("\(path.isEmpty ? "/" : path): \(what)") }
    for (key, rule) in schema {
      switch key {
      case "$ref":
        let name = (rule as? String)?.split(separator: "/").last.map(String.init) ?? ""
        guard let definition = definitions[name] else { return ["no definition \(name)"] }
        found += problems(of: value, definition, at: path)
      case "type":
        if let type = rule as? String, !isType(value, type) { say("no \(type)") }
      case "enum":
        let names = rule as? [String] ?? []
        if (value as? String).map(names.contains) != true { say("not in the list") }
      case "minimum":
        if let number = value as? Int, let least = rule as? Int, number < least {
          say("less than \(least)")
        }
      case "items":
        guard let items = rule as? [String: Any] else { return ["items: not known"] }
        for (index, item) in (value as? [Any] ?? []).enumerated() {
          found += problems(of: item, items, at: "\(path)/\(index)")
        }
      case "properties":
        guard let properties = rule as? [String: [String: Any]] else { return ["properties"] }
        for (name, property) in value as? [String: Any] ?? [:] {
          if let rule = properties[name] {
            found += problems(of: property, rule, at: "\(path)/\(name)")
          } else if schema["additionalProperties"] as? Bool == false {
            found.append("\(path)/\(name): not known")
          }
        }
      case "required":
        for name in rule as? [String] ?? [] where (value as? [String: Any])?[name] == nil {
          say("no \(name)")
        }
      case "additionalProperties":
        guard let rule = rule as? [String: Any] else { break }
        for (name, property) in value as? [String: Any] ?? [:] {
          found += problems(of: property, rule, at: "\(path)/\(name)")
        }
      case "description": break
      default: say("the schema's word \(key) is not known")
      }
    }
    return found
  }

  private func isType(_ value: Any, _ type: String) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "number": value is Double
    case "integer": (value as? Double).map { $0 == $0.rounded() } ?? false
    default: false
    }
  }
}
