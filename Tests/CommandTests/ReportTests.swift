// `winnow report`: the page is whole, says what it may run, and holds foreign text as text.
import Foundation
import Testing

@Suite struct ReportTests {
  /// Texts and names that try to become markup or script.
  private static let hostile = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--<script>",
    "]]><svg onload=alert(1)>", "\" onmouseover=alert(1) x=\"", "javascript:alert(1)",
    "\u{2028}alert(1)\u{2029}", "${alert(1)}", "\\u003cscript>alert(1)", "&lt;script&gt;",
    "<style>*{display:none}</style>", "<meta http-equiv=refresh content=0>", "<base href=//x>",
    "\u{202E}txt.exe", "<iframe srcdoc='<script>alert(1)</script>'>", "{{constructor}}",
  ]

  private func page(_ sandbox: Sandbox) throws -> String {
    var records = ""
    for (number, text) in Self.hostile.enumerated() {
      let record = [
        "id": "\(number) \(text)", "text": "\(text)\nAdvertisement\n\(text) (Photo: Jane Roe)",
      ]
      records +=
        String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self) + "\n"
    }
    try sandbox.write(records.utf8, to: "hostile.jsonl")
    let options = "--no-built-in --patterns packs/house.yaml"
    let run = try sandbox.shell("winnow report hostile.jsonl articles \(options) -o report.html")
    #expect(run.output == "")
    return String(decoding: try sandbox.contents(of: "report.html"), as: UTF8.self)
  }

  @Test("Nothing foreign is markup")
  func inert() throws {
    let page = try page(Sandbox())
    #expect(page.components(separatedBy: "<script").count - 1 == 3)
    #expect(page.components(separatedBy: "</script").count - 1 == 3)
    for mark in [
      "<img", "<svg", "<iframe", "<base", "<!--", "<style>*", "<meta http-equiv=refresh",
    ] {
      #expect(!page.contains(mark), "\(mark)")
    }
    for sink in ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval("] {
      #expect(!page.contains(sink), "\(sink)")
    }
  }

  @Test("It loads nothing, and runs nothing but its own script")
  func policy() throws {
    let page = try page(Sandbox())
    #expect(page.contains("content=\"default-src 'none'; style-src 'sha256-"))
    #expect(!page.contains("unsafe-inline"))
    #expect(!page.contains("src=\"") && !page.contains("href=\"") && !page.contains("url("))
  }

  @Test("The data are JSON: totals, rules and a line for each document")
  func data() throws {
    let page = try page(Sandbox())
    let parts = page.components(separatedBy: "<script type=\"application/json\" id=\"")
    try #require(parts.count == 3)
    func json(_ part: String) throws -> String {
      let start = try #require(part.firstRange(of: ">")).upperBound
      let end = try #require(part.firstRange(of: "</script>")).lowerBound
      return String(part[start..<end])
    }
    let lines = try json(parts[1]).split(separator: "\n")
    #expect(lines.count == Self.hostile.count + 4)
    for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    let index = try #require(
      JSONSerialization.jsonObject(with: Data(json(parts[2]).utf8)) as? [String: Any])
    #expect((index["documents"] as? [Any])?.count == lines.count)
    #expect((index["rules"] as? [Any])?.count == 3)
  }
}
