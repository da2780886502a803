// Tells one version of many bytes from another, for a manifest. No defence against forgery: whoever
// can change the packs can change the manifest.

struct Fingerprint {
  private var first: UInt64 = 0xCBF2_9CE4_8422_2325
  private var second: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
    mix(UInt64(bytes.count))
    let raw = UnsafeRawBufferPointer(bytes)
    var index = 0
    while index + 8 <= raw.count {
      mix(raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    var rest: UInt64 = 0
    while index < raw.count {
      rest = rest << 8 | UInt64(raw[index])
      index += 1
    }
    mix(rest)
  }

  private mutating func mix(_ word: UInt64) {
    first = (first ^ UInt64(littleEndian: word)) &* 0x100_0000_01B3
    first ^= first >> 29
    second = (second &+ UInt64(littleEndian: word)) &* 0xBF58_476D_1CE4_E5B9
    second ^= second >> 32
  }

  /// In hexadecimal.
  var text: String {
    [first, second].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
