// Build tool: the folder Patterns/ in, one Swift file with the rule table as a string literal out.
// A fault in a built-in pack stops the build with its place.
internal import WinnowPacks
internal import WinnowRules

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

@main
struct EmbedPatterns {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else { fail("usage: EmbedPatterns PATTERNS OUTPUT.swift") }
    // Places are given from the package's root: no path of the building machine is embedded.
    guard let folder = lastPart(of: arguments[1]), chdir(arguments[1] + "/..") == 0 else {
      fail("no folder \(arguments[1])")
    }
    let readings = PackFolder.readPacks(at: folder, isBuiltIn: true)
    let errors = readings.flatMap(\.errors)
    for error in errors { complain("\(error.place): error: \(error.message); \(error.remedy)") }
    guard errors.isEmpty else { exit(1) }
    let rules = readings.compactMap(\.pack).flatMap(\.rules)
    let table = RunTableBuilder.table(of: rules.map { ($0, true) })
    let source = """
      // Made by EmbedPatterns from Patterns/. Do not edit.
      enum EmbeddedPatterns {
        static let rules: StaticString = "\(literal(RuleTable.encode(rules)))"
        static let runNumbers: StaticString = "\(literal(RunHead.packed(table.numbers)))"
        static let runText: StaticString = "\(literal(table.text))"
        static let evidence: StaticString = "\(literal(contents(of: "\(folder)/evidence.tsv")))"
        static let examples: StaticString = "\(literal(RuleTable.encodeExamples(of: rules)))"
      }

      """
    guard let file = fopen(arguments[2], "w") else { fail("cannot write \(arguments[2])") }
    let bytes = Array(source.utf8)
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
      fail("cannot write \(arguments[2])")
    }
  }

  /// `bytes`, valid UTF-8, as the inside of a Swift string literal.
  private static func literal(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + bytes.count / 4)
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\\"), UInt8(ascii: "\""): text += [UInt8(ascii: "\\"), byte]
      case 0x20...0x7E, 0x80...: text.append(byte)
      default: text += Array("\\u{\(String(byte, radix: 16))}".utf8)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A file's bytes; none when there is no such file.
  private static func contents(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  private static func lastPart(of path: String) -> String? {
    path.split(separator: "/").last.map(String.init)
  }

  private static func complain(_ message: String) {
    let line = Array((message + "\n").utf8)
    _ = write(2, line, line.count)
  }

  private static func fail(_ message: String) -> Never {
    complain(message)
    exit(2)
  }
}
