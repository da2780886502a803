// A labelled article: the file in, its text and what each line is out.
internal import WinnowRules

/// An article with a label on every line.
struct LabelledArticle {
  struct Line {
    let label: Character
    /// Its line in the file, from 1.
    let number: Int
    /// Bytes of the text, without the line end.
    let bytes: Range<Int>
    /// Bytes of noise inside a kept line.
    let spans: [Range<Int>]
  }

  let path: String
  let text: [UInt8]
  let lines: [Line]

  static let labels = "KPSRACN"

  /// Reads `LABEL<tab>text` lines; blank lines and lines starting with `# ` before the first label
  /// are no part of the article.
  init(_ file: [UInt8], path: String) throws(Complaint) {
    guard let content = String(validating: file, as: UTF8.self) else {
      throw Complaint("\(visible(path)): not UTF-8; save the article as UTF-8")
    }
    var text: [UInt8] = []
    var lines: [Line] = []
    for (index, line) in content.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      if line.hasPrefix("# "), lines.isEmpty { continue }
      if line.isEmpty {
        if !lines.isEmpty { text.append(0x0A) }
        continue
      }
      guard let label = line.first, Self.labels.contains(label), line.dropFirst().first == "\t"
      else {
        throw Complaint(
          "\(visible(path)):\(index + 1):1: no label; start the line with one of K P S R A C N "
            + "and a tab")
      }
      let start = text.count
      var spans: [Range<Int>] = []
      var open: Int?
      for scalar in line.dropFirst(2).unicodeScalars {
        if scalar == "⟦" {
          open = text.count
        } else if scalar == "⟧" {
          guard let from = open else {
            throw Complaint("\(visible(path)):\(index + 1):1: ⟧ without ⟦; close what is open")
          }
          spans.append(from..<text.count)
          open = nil
        } else {
          text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.EncodedScalar())
        }
      }
      guard open == nil else {
        throw Complaint("\(visible(path)):\(index + 1):1: ⟦ is never closed; add ⟧")
      }
      lines.append(Line(label: label, number: index + 1, bytes: start..<text.count, spans: spans))
      text.append(0x0A)
    }
    self.path = path
    self.text = text
    self.lines = lines
  }
}
