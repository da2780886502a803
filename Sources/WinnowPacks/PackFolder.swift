// Packs on disk: a file or a folder in, pack texts with their names out, in sorted order.
internal import WinnowRules

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Finds and reads pack files.
public enum PackFolder {
  /// Reads every `.yaml` below `path`, or the one file that `path` is.
  ///
  /// - Parameters:
  ///   - path: a file or a folder.
  ///   - isBuiltIn: whether the packs must meet what built-in packs must.
  ///   - isThorough: whether patterns are run on lines made to be slow, and traps are sought.
  /// - Returns: one reading a file, in the order of their names.
  public static func readPacks(
    at path: String, isBuiltIn: Bool = false, isThorough: Bool = false
  ) -> [PackReading] {
    var readings: [PackReading] = []
    for (file, name) in packFiles(path) {
      guard let bytes = contents(of: file), let text = String(validating: bytes, as: UTF8.self)
      else {
        readings.append(
          PackReading(
            pack: nil,
            problems: [
              Problem(
                at: Place(file: file, line: 1, column: 1), "cannot be read as UTF-8 text",
                remedy: "check the path, its permissions and its encoding")
            ]))
        continue
      }
      var reader = PackReader(name: name, file: file)
      reader.isBuiltIn = isBuiltIn
      reader.isThorough = isThorough
      readings.append(reader.read(text))
    }
    if readings.isEmpty {
      let place = Place(file: path, line: 1, column: 1)
      readings = [
        PackReading(
          pack: nil,
          problems: [
            Problem(at: place, "no packs here", remedy: "name a .yaml file or a folder of them")
          ])
      ]
    }
    return readings
  }

  /// The pack files at `path` with their names: `en/newsletter` for `…/en/newsletter.yaml`.
  static func packFiles(_ path: String) -> [(file: String, name: String)] {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if isFolder(path) { return packFiles(in: path, below: "") }
    let base = path.split(separator: "/").last.map(String.init) ?? path
    return exists(path) ? [(path, stem(base))] : []
  }

  private static func packFiles(
    in folder: String, below prefix: String
  ) -> [(file: String, name: String)] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted().flatMap { name -> [(file: String, name: String)] in
      let file = "\(folder)/\(name)"
      if isFolder(file) { return packFiles(in: file, below: "\(prefix)\(name)/") }
      let isPack = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
      return isPack ? [(file, prefix + stem(name))] : []
    }
  }

  private static func stem(_ file: String) -> String {
    file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
  }

  private static func mode(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  private static func isFolder(_ path: String) -> Bool { mode(path) == S_IFDIR }

  private static func exists(_ path: String) -> Bool { mode(path) != nil }

  private static func contents(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }
}
