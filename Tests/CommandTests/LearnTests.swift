// `winnow learn` on a made-up site: what was planted is found, and nothing else.
import Foundation
import Testing

@Suite struct LearnTests {
  private static let nouns = [
    "harbour", "ferry", "council", "lamp", "pier", "captain", "tide", "market", "rope", "school",
    "engine", "letter", "storm", "bridge", "garden", "clock", "window", "baker", "island", "road",
  ]
  private static let verbs = [
    "opened", "closed", "passed", "mended", "sold", "painted", "found", "left", "moved", "lost",
    "counted", "carried", "rented", "cleaned", "watched", "praised",
  ]

  /// What the site prints, and in how many of a hundred articles. `#` is a number, `@` a name.
  private static let planted: [(line: String, share: UInt64)] = [
    ("Moor your boat with us", 60), ("More from the Ellery desk", 40),
    ("Page # of the evening edition", 50), ("Tide table no. # is out", 30),
    ("Seen by the night editor: @", 35), ("Harbour log kept by @", 20),
    ("To the top of the quay", 90), ("Buy the lighthouse mug", 10), ("Ring the bell for more", 5),
    ("# people walked this pier today", 70), ("Our rope shop opens at #:30", 15),
    ("The Ellery Courier is printed on sailcloth", 25),
  ]

  /// Says the same in every run.
  private static func site(articles: Int) -> String {
    var state: UInt64 = 42
    func roll(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    func word(_ words: [String]) -> String { words[Int(roll(UInt64(words.count)))] }
    func sentence() -> String {
      let words = [
        "The", word(nouns), "near", "the", word(nouns), word(verbs), "a", word(nouns), "and", "the",
        word(nouns), word(verbs), "the", word(nouns), "of", "the", word(nouns),
      ]
      return words.joined(separator: " ") + "."
    }
    var records = ""
    for number in 0..<articles {
      var lines = [
        "\(word(nouns).capitalized) \(word(verbs)) \(word(nouns)) and \(word(nouns)) \(number)"
      ]
      for _ in 0..<6 { lines.append((0..<4).map { _ in sentence() }.joined(separator: " ")) }
      // A sentence that the paper likes: alone in some articles, in running text in others.
      if roll(10) == 0 { lines.insert("Nobody on the quay had slept.", at: 3) }
      if roll(10) == 0 { lines[2] += " Nobody on the quay had slept. " + sentence() }
      for (template, share) in planted where roll(100) < share {
        let line = template.map { character -> String in
          switch character {
          case "#": "\(1 + roll(90))"
          case "@":
            "\(["Jane", "Tom", "Nora"][Int(roll(3))]) \(["Roe", "Aske", "Quill"][Int(roll(3))])"
          default: String(character)
          }
        }.joined()
        lines.insert(line, at: 1 + Int(roll(UInt64(lines.count))))
      }
      let text = lines.joined(separator: "\\n")
      records += "{\"url\":\"https://www.ellery.example/\(number)\",\"text\":\"\(text)\"}\n"
    }
    return records
  }

  @Test("All twelve templates of a site of 500 articles are found, and nothing else")
  func templates() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.site(articles: 500).utf8, to: "site.jsonl")
    let run = try sandbox.shell("winnow learn site.jsonl -o learnt")
    #expect(run.errors == "1 sites, 1 packs, 12 lines; read them before use\n")
    let pack = String(
      decoding: try sandbox.contents(of: "learnt/ellery-example.yaml"), as: UTF8.self)
    let samples = pack.split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("    removes: \"⟦") else { return nil }
      let sample = String(line.dropFirst("    removes: \"⟦".count).dropLast(2))
      return sample.replacing(/[0-9]+/, with: "#")
        .replacing(/(Jane|Tom|Nora) (Roe|Aske|Quill)/, with: "@")
    }
    let expected = Self.planted.map { $0.line.replacing("#:30", with: "#:#") }
    #expect(samples.sorted() == expected.sorted())
    // The same again, and a pack that can be used as it is.
    let again = try sandbox.shell("winnow learn site.jsonl")
    #expect(again.output == "# ellery-example.yaml\n\(pack)\n")
    let test = try sandbox.shell("winnow patterns test learnt")
    #expect(test.errors == "12 rules, 24 examples: 0 failures\n")
  }

  @Test("Standard input is read once, which is not enough")
  func standardInput() throws {
    let run = try Sandbox().shell("winnow learn -")
    #expect(
      run.errors
        == "winnow: learn reads its input twice: name files, not standard input\n")
    #expect(run.status == 2)
  }
}
