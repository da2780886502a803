import Foundation
import Testing

@testable import Winnow

/// Reads a file beside the tests.
func testFile(_ name: String, from file: String = #filePath) throws -> String {
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
  return try String(contentsOf: folder.appendingPathComponent("Cases/\(name)"), encoding: .utf8)
}

/// `⏎`, `⇥` and `<00A0>` as the characters they stand for.
func unescaped(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  var rest = Substring(text).unicodeScalars
  while let scalar = rest.popFirst() {
    switch scalar {
    case "⏎": result.append("\n")
    case "⇥": result.append("\t")
    case "<":
      let digits = rest.prefix { $0 != ">" }
      if (2...5).contains(digits.count), let value = UInt32(String(digits), radix: 16),
        let named = Unicode.Scalar(value), rest.dropFirst(digits.count).first == ">"
      {
        result.append(named)
        rest = rest.dropFirst(digits.count + 1)
      } else {
        result.append(scalar)
      }
    default: result.append(scalar)
    }
  }
  return String(result)
}

struct NormalisationCase: CustomTestStringConvertible {
  let name: String
  let text: String
  var wanted: [Normalisation.Profile: String] = [:]

  var testDescription: String { name }

  static let all: [NormalisationCase] = {
    guard let file = try? testFile("normalisation.txt") else { return [] }
    return file.components(separatedBy: "\n## ").dropFirst().map { block in
      let lines = block.split(separator: "\n")
      func value(_ key: String) -> String? {
        lines.dropFirst().first { $0.hasPrefix(key + " ") }
          .map { unescaped(String($0.dropFirst(9).dropLast())) }
      }
      var entry = NormalisationCase(name: String(lines[0]), text: value("text") ?? "")
      for profile in Normalisation.Profile.allCases {
        entry.wanted[profile] = value(profile.rawValue) ?? entry.text
      }
      return entry
    }
  }()
}

@Suite struct NormalisationCasesTests {
  @Test func theTableIsRead() {
    #expect(NormalisationCase.all.count >= 95)
  }

  @Test(arguments: NormalisationCase.all)
  func everyProfile(entry: NormalisationCase) {
    for profile in Normalisation.Profile.allCases {
      let got = normalise(Array(entry.text.utf8), Normaliser(Normalisation(profile)))
      #expect(
        got == Array((entry.wanted[profile] ?? "").utf8),
        "\(profile): \(String(decoding: got, as: UTF8.self))")
    }
  }

  @Test func switches() {
    var options = Normalisation(.standard)
    for name in Normalisation.switches {
      let isKnown = options.set(name, to: "off")
      #expect(isKnown, "\(name)")
    }
    #expect(options == Normalisation(.none))
    let isQuotes = options.set("quotes", to: "standard")
    #expect(isQuotes && normalise("“x” — y", options) == "\"x\" — y")
    let isUnknown = !options.set("quotes", to: "curly") && !options.set("colour", to: "on")
    #expect(isUnknown)
  }

  @Test func spacesBeforeStops() {
    let ascii = Normalisation(.ascii)
    #expect(normalise("Vraiment ? Oui , oui", ascii, language: "fr") == "Vraiment ? Oui , oui")
    #expect(normalise("Vraiment ? Oui", ascii, language: "fr-CA") == "Vraiment ? Oui")
    #expect(normalise("Really ? Yes", ascii, language: "en") == "Really? Yes")
    #expect(normalise("Really ? Yes", ascii) == "Really ? Yes")
    #expect(normalise("Really ? Yes , really", ascii) == "Really? Yes, really")
  }

  @Test func optionsThatNoProfileHas() {
    var options = Normalisation(.standard)
    let isSet =
      options.set("fold", to: "latin") && options.set("squeeze", to: "on")
      && options.set("bullets", to: "dash")
    #expect(isSet)
    #expect(
      normalise("• Łódź, Øre, Straße, Ænima, e\u{301}té, Tiếng Việt", options)
        == "- Lodz, Ore, Strasse, AEnima, ete, Tieng Viet")
    #expect(normalise("Ёлка, Ζεύς, 日本", options) == "Ёлка, Ζεύς, 日本")
    #expect(
      normalise("https://ex.com/é........ `é....`", options) == "https://ex.com/é........ `é....`")
    #expect(normalise("No!!!!! Why????? Hm..... ?!?!", options) == "No!!! Why??? Hm... ?!?!")
  }
}
