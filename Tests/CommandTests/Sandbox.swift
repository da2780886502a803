// A folder of its own for a test, and the built command to run in it.
import Foundation
import Testing

enum Fixtures {
  /// Tests/CommandTests/Fixtures, above the current folder, as in `swift test`, or above the built
  /// tests.
  static let folder: URL = {
    let starts = [FileManager.default.currentDirectoryPath, products.path()]
    for start in starts {
      var folder = URL(filePath: start, directoryHint: .isDirectory).standardizedFileURL
      while folder.path() != "/" {
        let found = folder.appending(
          path: "Tests/CommandTests/Fixtures", directoryHint: .isDirectory)
        if FileManager.default.fileExists(atPath: found.path()) { return found }
        folder = folder.deletingLastPathComponent()
      }
    }
    return URL(filePath: "Fixtures-not-found", directoryHint: .isDirectory)
  }()

  /// Where the build puts the tests and the command, side by side.
  static let products: URL = {
    #if os(macOS)
      if let bundle = Bundle.allBundles.first(where: { $0.bundlePath.hasSuffix(".xctest") }) {
        return bundle.bundleURL.deletingLastPathComponent()
      }
    #endif
    return Bundle.main.bundleURL
  }()
}

/// A fresh copy of Fixtures/files, which goes when the test is done.
final class Sandbox {
  let folder: URL

  init() throws {
    let winnow = Fixtures.products.appending(path: "winnow").path()
    try #require(FileManager.default.isExecutableFile(atPath: winnow), "no winnow beside the tests")
    folder = FileManager.default.temporaryDirectory
      .appending(path: "winnow-test-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.copyItem(at: Fixtures.folder.appending(path: "files"), to: folder)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  struct Run {
    let output: String
    let bytes: [UInt8]
    let errors: String
    let status: Int32
  }

  /// Runs `command` in the folder with `winnow` on the path.
  func shell(_ command: String, input: [UInt8] = [], mergesErrors: Bool = false) throws -> Run {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = folder
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    var environment = [
      "PATH": "\(Fixtures.products.path()):\(path)", "LC_ALL": "C", "TERM": "dumb",
    ]
    environment["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
    process.environment = environment
    // Files, because two pipes could fill while the other is read.
    func file(_ name: String) throws -> (URL, FileHandle) {
      let url = folder.deletingLastPathComponent().appending(
        path: "\(folder.lastPathComponent).\(name)")
      _ = FileManager.default.createFile(
        atPath: url.path(), contents: name == "in" ? Data(input) : nil)
      return (
        url, try name == "in" ? FileHandle(forReadingFrom: url) : FileHandle(forWritingTo: url)
      )
    }
    let (inputFile, outputFile, errorFile) = (try file("in"), try file("out"), try file("err"))
    defer {
      for (url, _) in [inputFile, outputFile, errorFile] {
        try? FileManager.default.removeItem(at: url)
      }
    }
    process.standardInput = inputFile.1
    process.standardOutput = outputFile.1
    process.standardError = mergesErrors ? outputFile.1 : errorFile.1
    try process.run()
    process.waitUntilExit()
    let bytes = try Data(contentsOf: outputFile.0)
    return Run(
      output: String(decoding: bytes, as: UTF8.self), bytes: Array(bytes),
      errors: String(decoding: try Data(contentsOf: errorFile.0), as: UTF8.self),
      status: process.terminationStatus)
  }

  func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    try Data(bytes).write(to: folder.appending(path: path))
  }

  func contents(of path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: path)))
  }
}
