// What fuzzing starts from and what it has found, tried again: Fuzz/Seeds and Fuzz/Regressions.
import Foundation
import Fuzz
import Testing

// Each target keeps one worker for all its inputs.
@Suite(.serialized) struct FuzzTests {
  struct Input: CustomTestStringConvertible {
    let target: FuzzTarget
    let file: URL
    var testDescription: String { "\(target.rawValue)/\(file.lastPathComponent)" }
  }

  static let inputs: [Input] = FuzzTarget.allCases.flatMap { target in
    ["Seeds", "Regressions"].flatMap { folder -> [Input] in
      guard let root = Corpus.packageRoot else { return [] }
      let path = root.appending(path: "Fuzz/\(folder)/\(target.rawValue)").path()
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      return names.sorted().map { Input(target: target, file: URL(filePath: "\(path)/\($0)")) }
    }
  }

  @Test("Nothing that fuzzing found once is found again", arguments: inputs)
  func replay(input: Input) throws {
    let bytes = Array(try Data(contentsOf: input.file))
    #expect(bytes.withUnsafeBufferPointer { input.target.fault(of: $0) } == nil)
  }

  @Test("Every target has seeds")
  func seeds() {
    #expect(Set(Self.inputs.map(\.target)) == Set(FuzzTarget.allCases))
  }
}
