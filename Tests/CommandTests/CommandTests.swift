// What a transcript cannot show: bytes, offsets, pipes, permissions.
import Foundation
import Testing

@Suite struct JSONLinesTests {
  private static let house =
    "winnow --format jsonl --no-built-in --patterns packs/house.yaml --normalize none --paragraphs keep"

  private func clean(_ record: [UInt8]) throws -> Sandbox.Run {
    try Sandbox().shell(Self.house, input: record)
  }

  /// What stands before and behind a text.
  static let surroundings: [(String, String)] = [
    (#"{"text":""#, #"","n":1.0,"m":1e400,"k":-0.0,"big":123456789012345678901234567890}"#),
    (#"  {  "a" : [ 1 , {"text":"Advertisement\n"} ] , "text" : ""#, #""  }  "#),
    (#"{"x":"Advertisement\n","x":"twice","\u0078":"\ud83c\udf88\/\u00e9","text":""#, #""}"#),
    (#"{"\u0074ext":""#, #"","e":[],"o":{},"t":true,"f":false,"z":null}"#),
    ("{\"raw\":\"é 日本 🎈 \u{2028}\",\"text\":\"", "\"}\r"),
    (#"{"lone":"\ud800","text":""#, #""}"#),
    (#"{"deep":[[[[[[[[[[{"a":[[[[[[]]]]]]}]]]]]]]]]],"text":""#, #""}"#),
  ]

  @Test("Every byte outside the text field stays", arguments: surroundings)
  func otherBytes(before: String, after: String) throws {
    let run = try clean(Array("\(before)Advertisement\\nIt rained.\(after)\n".utf8))
    #expect(run.bytes == Array("\(before)It rained.\(after)\n".utf8))
    #expect(run.errors == "")
    #expect(run.status == 0)
  }

  @Test(
    "A text that does not change keeps its own escapes",
    arguments: [
      #"It \u0072ained\/, \"twice\" \ud83c\udf88"#, "", #"\b\f\n\r\t\\"#, "\u{7F}é",
    ])
  func untouched(text: String) throws {
    let record = Array("{\"text\":\"\(text)\"}\n".utf8)
    #expect(try clean(record).bytes == record)
  }

  @Test("Escapes of a text that changes stand for the same characters")
  func escapes() throws {
    let run = try clean(
      Array(#"{"text":"Advertisement\nA \"b\" \\ \/ \t \u0001 \u00e9 \ud83c\udf88 \u007f"}"#.utf8))
    let record = try #require(
      try JSONSerialization.jsonObject(with: Data(run.bytes)) as? [String: String])
    #expect(record["text"] == "A \"b\" \\ / \t \u{1} é 🎈 \u{7F}")
  }

  @Test("A phrase written in escapes is found")
  func escapedPhrase() throws {
    let run = try clean(Array(#"{"text":"\u0041dvertisement\nIt rained."}"#.utf8))
    #expect(run.output == #"{"text":"It rained."}"#)
  }

  /// Records that are not to be read, and why.
  static let unreadable: [(record: String, reason: String)] = [
    (#"{"text":"Advertisement\n\ud800"}"#, #"the field "text" holds a broken escape"#),
    (#"{"text":"\udc00\ud800Advertisement"}"#, #"the field "text" holds a broken escape"#),
    (#"{"text":"Advertisement","text":"Advertisement"}"#, #"the field "text" stands twice"#),
    (#"{"text":"Advertisement","\u0074ext":"Advertisement"}"#, #"the field "text" stands twice"#),
    ("{\"text\":\"Advertisement\u{1}\"}", "not JSON (byte 23)"),
    ("{\"other\":\"\t\",\"text\":\"Advertisement\"}", "not JSON (byte 11)"),
    (#"{"text":"Advertisement",}"#, "not JSON (byte 25)"),
    (#"{"text":"Advertisement" "a":1}"#, "not JSON (byte 25)"),
    (#"{"n":.5,"text":"Advertisement"}"#, "not JSON (byte 6)"),
    (#"{"n":NaN,"text":"Advertisement"}"#, "not JSON (byte 6)"),
    (#"{"text":"Advertisement"#, "not JSON (byte 23)"),
    (#"{"text":["Advertisement"]}"#, #"the field "text" is not a text"#),
    (#"{"text":null}"#, #"the field "text" is not a text"#),
    (#"{"Text":"Advertisement"}"#, #"no field "text""#),
    ("{}", #"no field "text""#),
    (#""Advertisement""#, "not a JSON object"),
    ("\u{FEFF}{\"text\":\"Advertisement\"}", "not a JSON object"),
  ]

  @Test(
    "What cannot be read is passed through, byte for byte, and named; the records round it are cleaned",
    arguments: unreadable)
  func passedThrough(record: String, reason: String) throws {
    let run = try clean(Array("\(Self.good)\n\(record)\n\(Self.good)\n".utf8))
    #expect(run.output == "\(Self.cleaned)\n\(record)\n\(Self.cleaned)\n")
    #expect(run.errors == "winnow: -:2: \(reason); passed through unchanged\n")
    #expect(run.status == 3)
  }

  private static let good = #"{"text":"Advertisement\nIt rained."}"#
  private static let cleaned = #"{"text":"It rained."}"#

  @Test("100,000 brackets in a record are no trouble", arguments: ["[", #"{"a":"#])
  func deepNesting(open: String) throws {
    let deep = #"{"deep":"# + String(repeating: open, count: 100_000)
    let run = try clean(Array("\(Self.good)\n\(deep)\n\(Self.good)\n".utf8))
    #expect(run.output == "\(Self.cleaned)\n\(deep)\n\(Self.cleaned)\n")
    #expect(run.errors == "winnow: -:2: nested deeper than 512; passed through unchanged\n")
  }

  @Test("Lines that are not UTF-8 stay byte for byte in a record, too")
  func brokenText() throws {
    let broken = [0xFF, 0xC3] + Array(" is the mark on the door of the ferry office".utf8)
    let run = try clean(
      Array(#"{"text":"Advertisement\n"#.utf8) + broken + Array(#"\nAdvertisement"}"#.utf8))
    #expect(run.bytes == Array(#"{"text":""#.utf8) + broken + Array(#"\n"}"#.utf8))
    #expect(run.errors == "winnow: -:1: 1 line is not UTF-8; kept byte for byte\n")
    #expect(run.status == 3)
  }

  @Test("Blank lines, CRLF and a missing last line end stay")
  func lineEnds() throws {
    let run = try clean(Array("\n{\"text\":\"a\"}\r\n \n\(Self.good)".utf8))
    #expect(run.output == "\n{\"text\":\"a\"}\r\n \n\(Self.cleaned)")
    #expect(run.errors == "")
  }

  @Test("A file of records cleaned at once and one by one give the same")
  func concatenation() throws {
    let records = (0..<40).map {
      #"{"id":\#($0),"text":"Line \#($0).\nAdvertisement\nEnd (photo: Jane Roe)."}"# + "\n"
    }
    let sandbox = try Sandbox()
    let whole = try sandbox.shell(Self.house, input: Array(records.joined().utf8)).output
    try sandbox.write(records[7].utf8, to: "one.jsonl")
    let one = try sandbox.shell(Self.house, input: Array(records[7].utf8)).output
    #expect(whole.split(separator: "\n")[7] + "\n" == one)
    #expect(whole.split(separator: "\n").count == 40)
  }
}

@Suite struct EmittedJSONTests {
  private struct Document: Decodable {
    struct Paragraph: Decodable {
      let kind: String, start: Int, end: Int, source_start: Int, source_end: Int
    }
    struct Removal: Decodable {
      let rules: [String], category: String, start: Int, end: Int, line: Int, text: String
    }
    let text: String?
    let paragraphs: [Paragraph]
    let removals: [Removal]
  }

  private func document(_ run: Sandbox.Run) throws -> Document {
    try JSONDecoder().decode(Document.self, from: Data(run.bytes))
  }

  @Test("Offsets are bytes: of the source for removals, of the text for paragraphs")
  func offsets() throws {
    let sandbox = try Sandbox()
    let source = try sandbox.contents(of: "articles/ferries.txt")
    let found = try document(
      sandbox.shell(
        "winnow --emit json --no-built-in --patterns packs/house.yaml articles/ferries.txt"))
    #expect(found.removals.map(\.rules) == [["house/photo"], ["house/newsletter"]])
    #expect(found.removals.map(\.category) == ["attribution", "signup"])
    #expect(found.removals.map(\.line) == [2, 3])
    for removal in found.removals {
      #expect(String(decoding: source[removal.start..<removal.end], as: UTF8.self) == removal.text)
    }
    let text = Array(try #require(found.text).utf8)
    #expect(found.paragraphs.count == 4)
    for paragraph in found.paragraphs {
      let own = String(decoding: text[paragraph.start..<paragraph.end], as: UTF8.self)
      #expect(!own.isEmpty && !own.contains("\n"))
      let there = String(
        decoding: source[paragraph.source_start..<paragraph.source_end], as: UTF8.self)
      #expect(there.prefix(10) == own.prefix(10))
    }
  }

  @Test(
    "The removed text of `explain --emit json`, put back, gives the input",
    arguments: [
      "articles/ferries.txt", "articles/news/pier.txt", "articles/news/quiet.txt",
    ])
  func putBack(path: String) throws {
    let sandbox = try Sandbox()
    let options = "--no-built-in --patterns packs/house.yaml --normalize none --paragraphs keep"
    let found = try document(sandbox.shell("winnow explain --emit json \(options) \(path)"))
    var rest = try sandbox.shell("winnow \(options) \(path)").bytes[...]
    var rebuilt: [UInt8] = []
    for removal in found.removals {
      let gap = removal.start - rebuilt.count
      rebuilt += rest.prefix(gap) + Array(removal.text.utf8)
      rest = rest.dropFirst(gap)
    }
    #expect(rebuilt + rest == (try sandbox.contents(of: path)))
  }

  @Test("Names of controls, quotes and broken bytes are valid JSON")
  func hostileText() throws {
    let run = try Sandbox().shell(
      "winnow --emit json --normalize none --paragraphs keep",
      input: Array("\u{0}\u{1}\u{1F}\"\\\u{7F}\u{2028}\n".utf8) + [0xFF, 0x0A])
    #expect(try document(run).text == "\u{0}\u{1}\u{1F}\"\\\u{7F}\u{2028}\n\u{FFFD}\n")
  }

  @Test(
    "Fields that a record has already are replaced where they stand",
    arguments: [
      (
        #"{"removals":1, "text":"It rained.", "paragraphs" : {"a":[2]}}"#,
        #"{"removals":[], "text":"It rained.", "paragraphs" : [P]}"#
      ),
      (
        #"{"paragraphs":[],"paragraphs":0,"text":"It rained."}"#,
        #"{"paragraphs":[P],"paragraphs":[P],"text":"It rained.","removals":[]}"#
      ),
      (
        #"{"x":{"removals":3},"text":"It rained."}"#,
        #"{"x":{"removals":3},"text":"It rained.","paragraphs":[P],"removals":[]}"#
      ),
    ])
  func replaced(record: String, wanted: String) throws {
    let run = try Sandbox().shell(
      "winnow --format jsonl --emit json --no-built-in", input: Array(record.utf8))
    let paragraph =
      #"{"kind":"paragraph","start":0,"end":10,"source_start":0,"source_end":10}"#
    #expect(run.output == wanted.replacing("P", with: paragraph))
  }

  @Test("`--removed` is one JSON object a line")
  func removed() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.shell(
      "winnow --removed cut.jsonl --no-built-in --patterns packs/house.yaml records.jsonl articles/ferries.txt > out.txt"
    )
    let lines = try sandbox.contents(of: "cut.jsonl").split(separator: 0x0A)
    let documents = try lines.map {
      try #require(JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])["document"]
        as? String
    }
    #expect(
      documents == ["plain", "records.jsonl:2", "articles/ferries.txt", "articles/ferries.txt"])
  }
}

@Suite struct PipeTests {
  @Test("A reader that leaves early ends the run quietly")
  func brokenPipe() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      Array(repeating: Array("It rained on the pier.\n".utf8), count: 200_000).joined(),
      to: "long.txt")
    let run = try sandbox.shell(
      "{ winnow --no-built-in --normalize none --paragraphs keep long.txt; echo status $? > status; } | head -1"
    )
    #expect(run.output == "It rained on the pier.\n")
    #expect(run.errors == "")
    #expect(try sandbox.contents(of: "status") == Array("status 141\n".utf8))
  }

  @Test("Where the reader's leaving is no signal, it is an error; so is a closed output")
  func closedOutput() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      Array(repeating: Array("It rained on the pier.\n".utf8), count: 200_000).joined(),
      to: "long.txt")
    let run = try sandbox.shell(
      """
      { (trap '' PIPE; winnow --no-built-in long.txt --paragraphs keep; echo $? >&2); } | head -1
      winnow articles/news/pier.txt >&-; echo $?; winnow articles/news/pier.txt --removed cut >&-
      cat cut | wc -l; (ulimit -f 1; winnow --no-built-in long.txt > out); echo $?; winnow <&-
      """)
    #expect(run.output == "It rained on the pier.\n2\n0\n2\n")
    #expect(
      run.errors == """
        winnow: standard output: cannot write: Broken pipe
        2
        winnow: standard output: cannot write: Bad file descriptor
        winnow: standard output: cannot write: Bad file descriptor
        winnow: standard output: cannot write: File too large
        winnow: -: cannot read: Bad file descriptor

        """)
  }

  @Test(
    "A full disk is an error with its reason",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() throws {
    let run = try Sandbox().shell("winnow articles/ferries.txt > /dev/full")
    #expect(run.errors == "winnow: standard output: cannot write: No space left on device\n")
    #expect(run.status == 2)
  }

  @Test("Messages go to standard error alone, data to standard output alone")
  func streams() throws {
    let run = try Sandbox().shell(
      "winnow --stats --no-built-in --patterns packs/house.yaml articles/news/latin.txt articles/news/pier.txt"
    )
    #expect(
      run.errors.hasPrefix(
        "winnow: articles/news/latin.txt: 1 line is not UTF-8; kept byte for byte\n2 documents,"))
    #expect(
      run.bytes == Array("From Monday the caf".utf8) + [0xE9]
        + Array(" is open again.\nThe pier is shut.\n\nIt opens in May.\n".utf8))
    #expect(run.status == 3)
  }

  @Test("A path that holds controls is shown, never sent raw")
  func hostilePath() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.shell("winnow \"$(printf 'no\\033[31m\\342\\200\\256where')\"")
    #expect(
      run.errors == "winnow: no\\x1b[31m\\u{202e}where: cannot open: No such file or directory\n")
  }

  @Test("An unreadable file is named, and the rest goes on")
  func unreadable() throws {
    let sandbox = try Sandbox()
    // Root reads everything: there the command runs as nobody.
    let isRoot = getuid() == 0
    let prefix = isRoot ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
    if isRoot, try sandbox.shell("\(prefix)winnow --version").status != 0 { return }
    let run = try sandbox.shell(
      "chmod 000 articles/news/pier.txt; chmod 777 .; "
        + "\(prefix)winnow --no-built-in --patterns packs/house.yaml articles -o clean; s=$?; "
        + "find clean -type f ! -path '*/.winnow/*' | sort; exit $s")
    #expect(
      run.errors == """
        winnow: articles/news/latin.txt: 1 line is not UTF-8; kept byte for byte
        winnow: articles/news/pier.txt: cannot open: Permission denied

        """)
    #expect(
      run.output
        == "clean/ferries.txt\nclean/news/batch.jsonl\nclean/news/latin.txt\nclean/news/quiet.txt\n"
    )
    #expect(run.status == 3)
  }

  @Test("Many files come out in order, each whole")
  func batch() throws {
    let sandbox = try Sandbox()
    try FileManager.default.createDirectory(
      at: sandbox.folder.appending(path: "many"), withIntermediateDirectories: false)
    for number in 100..<300 {
      try sandbox.write("Page \(number).\nAdvertisement\nThe end.\n".utf8, to: "many/\(number).txt")
    }
    let options = "--no-built-in --patterns packs/house.yaml --normalize none --paragraphs keep"
    let run = try sandbox.shell(
      "winnow \(options) many -o clean && cat clean/*.txt && ls clean | wc -l")
    #expect(
      run.output.filter { $0 != " " } == (100..<300).map { "Page\($0).\nTheend.\n" }.joined()
        + "200\n")
    #expect(
      try sandbox.shell("winnow \(options) many").output
        == (100..<300).map { "Page \($0).\nThe end.\n" }.joined())
  }

  @Test("A hostile rule is named with its document and line; the text stays")
  func hostileRule() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      """
      language: en
      category: promo
      rules:
        - id: hostile
          summary: Too many ways.
          confidence: high
          line:
            regex: "^ (a|aa)+ $"
          removes: "⟦aaa⟧"
          keeps: "b"
      """.utf8, to: "hostile.yaml")
    try sandbox.write((String(repeating: "a", count: 5000) + "!a\n").utf8, to: "long.txt")
    let run = try sandbox.shell(
      "winnow --no-built-in --patterns hostile.yaml --normalize none --paragraphs keep long.txt | cmp - long.txt"
    )
    #expect(run.errors == "winnow: long.txt:1: rule hostile/hostile: match limit; the text stays\n")
    #expect(run.status == 0)
  }
}
