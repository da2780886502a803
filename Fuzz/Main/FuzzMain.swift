// `winnow-fuzz TARGET [libFuzzer's arguments]`
import Fuzz

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private nonisolated(unsafe) var target = FuzzTarget.clean

@main
enum FuzzMain {
  static func main() {
    let name = CommandLine.arguments.dropFirst().first ?? ""
    guard let chosen = FuzzTarget(rawValue: name) else {
      let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
      fatalError("name one of the targets first: \(names)")
    }
    target = chosen
    // libFuzzer sees the program's name and what follows the target.
    var count = CommandLine.argc - 1
    var arguments = CommandLine.unsafeArgv + 1
    exit(
      runDriver(&count, &arguments) { start, count in
        if let fault = target.fault(of: UnsafeBufferPointer(start: start, count: count)) {
          fatalError(fault)
        }
        return 0
      })
  }
}
