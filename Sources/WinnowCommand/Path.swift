// Paths that are not UTF-8, as strings that lose nothing.

/// A path is bytes, and not all of them need be UTF-8. As a `String` each byte that is not stands
/// as U+10FF00 + byte, so that no name is lost between reading a folder and opening a file.
enum Path {
  static let escapes: ClosedRange<UInt32> = 0x10FF80...0x10FFFF

  static func string(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self),
      !text.unicodeScalars.contains(where: { escapes.contains($0.value) })
    {
      return text
    }
    var text = ""
    var rest = Array(bytes)[...]
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      if let scalar = String(validating: rest.prefix(length), as: UTF8.self)?.unicodeScalars.first,
        !escapes.contains(scalar.value)
      {
        text.unicodeScalars.append(scalar)
        rest = rest.dropFirst(length)
      } else {
        text.unicodeScalars.append(Unicode.Scalar(0x10FF00 + UInt32(first)) ?? "?")
        rest = rest.dropFirst()
      }
    }
    return text
  }

  static func bytes(_ path: String) -> [UInt8] {
    guard path.unicodeScalars.contains(where: { escapes.contains($0.value) }) else {
      return Array(path.utf8)
    }
    var bytes: [UInt8] = []
    for scalar in path.unicodeScalars {
      if escapes.contains(scalar.value) {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else {
        bytes += UTF8.encode(scalar).map(Array.init) ?? []
      }
    }
    return bytes
  }
}

extension String {
  /// Calls `body` with the bytes of this path for the system.
  func withPath<T>(_ body: (UnsafePointer<CChar>) -> T) -> T {
    let bytes = Path.bytes(self).map { CChar(bitPattern: $0) } + [0]
    return bytes.withUnsafeBufferPointer { bytes in
      bytes.baseAddress.map(body) ?? withCString(body)
    }
  }
}
