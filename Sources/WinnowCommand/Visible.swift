// Foreign text on its way to a message, a terminal or a report: what could steer a terminal, or
// turn the reading order round, is shown as an escape.

/// Foreign text for a message: controls and direction marks are shown, never sent raw.
func visible(_ text: some StringProtocol) -> String {
  var shown = ""
  for scalar in text.unicodeScalars {
    if scalar == "\t" {
      shown += "\t"
    } else if Path.escapes.contains(scalar.value) {
      shown += "\\x" + hex(scalar.value & 0xFF, 2)
    } else if !scalar.steers {
      shown.unicodeScalars.append(scalar)
    } else if scalar.isASCII {
      shown += "\\x" + hex(scalar.value, 2)
    } else {
      shown += "\\u{" + hex(scalar.value, 4) + "}"
    }
  }
  return shown
}

/// The same for bytes; those above 127 of a text that is not UTF-8 are shown one by one.
func visible(_ bytes: ArraySlice<UInt8>) -> String {
  if let text = String(validating: bytes, as: UTF8.self) { return visible(text) }
  return bytes.map { byte in
    byte < 0x80 ? visible(String(Unicode.Scalar(byte))) : "\\x" + hex(UInt32(byte), 2)
  }.joined()
}

extension Unicode.Scalar {
  /// Whether it is a control, or breaks lines or turns the reading order where it is shown.
  var steers: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

private func hex(_ value: UInt32, _ width: Int) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
