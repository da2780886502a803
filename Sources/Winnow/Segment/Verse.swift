// Kinds of paragraph that only their wording or their shape tells.

/// Poems and songs: four or more short lines between blank lines, ragged, often ending in a
/// comma. Their line ends are the author's.
enum Verse {
  /// For every line whether it is one of verse. Only a block between blank lines can be, and
  /// only its own lines are asked: so setting a text changes no answer.
  static func lines(of lines: [Line], blankBefore: [Bool]) -> [Bool] {
    var isVerse = [Bool](repeating: false, count: lines.count)
    var start = 0
    while start < lines.count {
      var end = start + 1
      while end < lines.count, !blankBefore[end] { end += 1 }
      if end - start >= 4, isStanza(lines[start..<end]) {
        for index in start..<end { isVerse[index] = true }
      }
      start = end
    }
    return isVerse
  }

  private static func isStanza(_ lines: ArraySlice<Line>) -> Bool {
    var widest = 0
    var commas = 0
    var stops = 0
    for line in lines {
      guard line.kind == .prose, line.width <= 60, !line.opening.contains(.continuation),
        !line.hasCells, line.ending.isDisjoint(with: [.hyphen, .openBracket, .openWord])
      else { return false }
      widest = max(widest, line.width)
      commas += line.ending.contains(.comma) ? 1 : 0
      stops += line.ending.contains(.stop) ? 1 : 0
    }
    guard commas * 4 >= lines.count, stops * 2 <= lines.count, stops > 0 else { return false }
    // Wrapped lines end where the next word would not fit; verse does not care.
    let full = zip(lines, lines.dropFirst()).count { above, below in
      above.width + 1 + below.firstWordWidth > widest
    }
    return full * 2 <= lines.count
  }
}

/// Lines under pictures.
enum Caption {
  private static let openings: [StaticString] = [
    "Photo:", "Photos:", "Photograph:", "Image:", "Picture:", "Pictured:", "Caption:", "Credit:",
    "(Photo", "(Image", "Image caption", "Image copyright", "Image source", "Media caption",
    "File photo", "Foto:", "Fotos:", "Bild:", "Bildquelle:", "Abbildung:", "(Foto", "Photo :",
    "Crédit", "Imagen:", "Imagem:", "Immagine:", "Afbeelding:", "Zdjęcie:", "Fot.", "Kuva:",
    "Фото:",
  ]

  static func begins(_ paragraph: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    // Every line is asked: most are told by their first letter.
    switch paragraph.first ?? 0 {
    case 0x28, 0x41, 0x42, 0x43, 0x46, 0x49, 0x4B, 0x4D, 0x50, 0x5A, 0xD0: break
    default: return false
    }
    guard paragraph.count < 400 else { return false }
    return openings.contains { $0.withUTF8Buffer { paragraph.starts(with: $0) } }
  }
}
