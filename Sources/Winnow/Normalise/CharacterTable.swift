// In: the chosen switches. Out: for every character below U+10000, what the scan does with it.
// Each step below lists its characters as data; the table is made once for a Normaliser.

/// What the scan does at a character.
enum CharacterAction: Sendable {
  /// Written as something else, wherever it stands (but not in code or an address).
  case replace(StaticString, Causes)
  /// Taken away.
  case delete(Causes)
  /// Taken away between letters.
  case softHyphen
  /// A kind of space: part of a run of spaces.
  case space
  /// A space of a full-width line: a plain space elsewhere.
  case wideSpace
  /// A line end.
  case lineEnd
  /// A paragraph end.
  case paragraphEnd
  /// A byte of Windows-1252 that was read as a control character.
  case windows1252
  /// A straight quote when it stands between letters.
  case accentQuote
  /// ASCII outside CJK lines.
  case wide(UInt8)
  /// A letter without its marks.
  case fold(UInt8)
  /// A quotation mark with a space inside: opening (`«`) or closing (`»`) by custom.
  case guillemet(UInt8)
  /// A dash that joins clauses.
  case emDash
  /// A fraction, kept apart from digits beside it.
  case fraction(StaticString)
  /// A bullet, at the start of a line.
  case bullet
  /// A direction mark that needs a partner.
  case direction
}

/// The steps that change characters, in one visible list.
enum CharacterStep {
  typealias Entry = (scalars: [ClosedRange<UInt32>], action: CharacterAction)

  /// All characters that some step changes.
  static func entries(for options: Normalisation) -> [Entry] {
    var all: [Entry] = []
    if options.controls { all += controls }
    if options.mojibake { all += windows1252 }
    if options.lineEnds { all += lineEnds }
    if options.invisibles != .keep { all += invisibles(options.invisibles) }
    if options.bidi != .keep { all += bidi(options.bidi) }
    if options.spaces == .plain { all += spaces }
    if options.widths { all += widths }
    if options.fold == .latin { all += fold }
    if options.ligatures { all += ligatures }
    if options.quotes != .keep { all += quotes }
    if options.quotes == .ascii { all += guillemets + primes }
    if options.dashes == .ascii { all += dashes }
    if options.hyphens != .keep { all += hyphens }
    if options.hyphens == .ascii { all += minus }
    if options.ellipsis { all += ellipsis }
    if options.bullets { all += bullets }
    if options.fractions { all += fractions }
    if options.cjk { all += cjk }
    return all
  }

  /// Noncharacters, the object replacement character, controls without a meaning anywhere.
  static let controls: [Entry] = [
    ([0xFDD0...0xFDEF, 0xFFFE...0xFFFF, 0xFFFC...0xFFFC], .delete(.controls)),
    ([0x81...0x81, 0x8D...0x8D, 0x8F...0x90, 0x9D...0x9D], .delete(.controls)),
  ]

  /// C1 controls stand for Windows-1252 characters; U+0085 is a line end.
  static let windows1252: [Entry] = [
    (
      [0x80...0x80, 0x82...0x84, 0x86...0x8C, 0x8E...0x8E, 0x91...0x9C, 0x9E...0x9F],
      .windows1252
    )
  ]

  /// Next line, line separator, paragraph separator. (CR is ASCII: see the scan.)
  static let lineEnds: [Entry] = [
    ([0x85...0x85, 0x2028...0x2028], .lineEnd),
    ([0x2029...0x2029], .paragraphEnd),
  ]

  /// Byte order mark, word joiner, zero-width space, soft hyphen; never ZWJ and ZWNJ.
  static func invisibles(_ level: Normalisation.Invisibles) -> [Entry] {
    [
      ([0xFEFF...0xFEFF, 0x2060...0x2060, 0x200B...0x200B], .delete(.invisibles)),
      ([0xAD...0xAD], level == .remove ? .delete(.invisibles) : .softHyphen),
    ]
  }

  /// Direction marks, embeddings, overrides, isolates.
  static func bidi(_ level: Normalisation.Level) -> [Entry] {
    level == .ascii
      ? [
        (
          [0x200E...0x200F, 0x061C...0x061C, 0x202A...0x202E, 0x2066...0x2069],
          .delete(.bidi)
        )
      ]
      : [([0x202A...0x202E, 0x2066...0x2069], .direction)]
  }

  /// No-break spaces, the typographic widths, the ideographic space.
  static let spaces: [Entry] = [
    ([0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x202F...0x202F, 0x205F...0x205F], .space),
    ([0x3000...0x3000], .wideSpace),
  ]

  /// Full-width digits and letters, U+FF10 and on.
  static let widths: [Entry] = [(0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A)]
    .flatMap { first, last in
      (first...last).map { ([$0...$0], .wide(UInt8(truncatingIfNeeded: $0 - 0xFEE0))) }
    }

  /// Latin letters whose canonical decomposition begins with an ASCII letter, and those with a
  /// stroke, joined letters and the dotless i, which have none.
  static let fold: [Entry] = {
    var letters: [UInt8: [ClosedRange<UInt32>]] = [:]
    for scalar: UInt32 in [0xC0...0x24F, 0x1E00...0x1EFF].joined() {
      if let base = FormC.shared.base(of: scalar), (base | 0x20) &- 0x61 < 26 {
        letters[UInt8(base), default: []].append(scalar...scalar)
      }
    }
    return letters.sorted { $0.key < $1.key }.map { ($0.value, .fold($0.key)) } + [
      ([0x110...0x110], .fold(0x44)), ([0x111...0x111], .fold(0x64)),
      ([0x126...0x126], .fold(0x48)), ([0x127...0x127], .fold(0x68)),
      ([0x131...0x131], .fold(0x69)), ([0x141...0x141], .fold(0x4C)),
      ([0x142...0x142], .fold(0x6C)), ([0xD8...0xD8], .fold(0x4F)),
      ([0xF8...0xF8], .fold(0x6F)), ([0xD0...0xD0], .fold(0x44)), ([0xF0...0xF0], .fold(0x64)),
      ([0xDF...0xDF], .replace("ss", .fold)), ([0x1E9E...0x1E9E], .replace("SS", .fold)),
      ([0xC6...0xC6], .replace("AE", .fold)), ([0xE6...0xE6], .replace("ae", .fold)),
      ([0x152...0x152], .replace("OE", .fold)), ([0x153...0x153], .replace("oe", .fold)),
      ([0xDE...0xDE], .replace("Th", .fold)), ([0xFE...0xFE], .replace("th", .fold)),
    ]
  }()

  static let ligatures: [Entry] = [
    ([0xFB00...0xFB00], .replace("ff", .ligatures)),
    ([0xFB01...0xFB01], .replace("fi", .ligatures)),
    ([0xFB02...0xFB02], .replace("fl", .ligatures)),
    ([0xFB03...0xFB03], .replace("ffi", .ligatures)),
    ([0xFB04...0xFB04], .replace("ffl", .ligatures)),
    ([0xFB05...0xFB06], .replace("st", .ligatures)),
  ]

  /// “ ” „ ‟ and ‘ ’ ‚ ‛ ʼ; ´ between letters.
  static let quotes: [Entry] = [
    ([0x201C...0x201F], .replace("\"", .quotes)),
    ([0x2018...0x201B, 0x02BC...0x02BC], .replace("'", .quotes)),
    ([0xB4...0xB4], .accentQuote),
  ]

  /// « » ‹ ›, with the space inside.
  static let guillemets: [Entry] = [
    ([0xAB...0xAB, 0xBB...0xBB], .guillemet(UInt8(ascii: "\""))),
    ([0x2039...0x203A], .guillemet(UInt8(ascii: "'"))),
  ]

  /// ′ ″
  static let primes: [Entry] = [
    ([0x2032...0x2032], .replace("'", .primes)),
    ([0x2033...0x2033], .replace("\"", .primes)),
  ]

  /// – becomes a hyphen; — and ― a hyphen between spaces.
  static let dashes: [Entry] = [
    ([0x2013...0x2013], .replace("-", .dashes)),
    ([0x2014...0x2015], .emDash),
  ]

  /// ‐ ‑
  static let hyphens: [Entry] = [([0x2010...0x2011], .replace("-", .hyphens))]

  /// −
  static let minus: [Entry] = [([0x2212...0x2212], .replace("-", .minus))]

  /// …
  static let ellipsis: [Entry] = [([0x2026...0x2026], .replace("...", .ellipsis))]

  /// • ● ▪ ‣ ► ▸ ◦
  static let bullets: [Entry] = [
    (
      [
        0x2022...0x2023, 0x25CF...0x25CF, 0x25AA...0x25AA, 0x25BA...0x25BA, 0x25B8...0x25B8,
        0x25E6...0x25E6,
      ], .bullet
    )
  ]

  /// The vulgar fractions, and the trade mark sign.
  static let fractions: [Entry] =
    ([
      (0xBC, "1/4"), (0xBD, "1/2"), (0xBE, "3/4"), (0x2150, "1/7"), (0x2151, "1/9"),
      (0x2152, "1/10"), (0x2153, "1/3"), (0x2154, "2/3"), (0x2155, "1/5"), (0x2156, "2/5"),
      (0x2157, "3/5"), (0x2158, "4/5"), (0x2159, "1/6"), (0x215A, "5/6"), (0x215B, "1/8"),
      (0x215C, "3/8"), (0x215D, "5/8"), (0x215E, "7/8"), (0x2189, "0/3"),
    ] as [(UInt32, StaticString)]).map { ([$0...$0], .fraction($1)) } + [
      ([0x2122...0x2122], .replace("(TM)", .symbols))
    ]

  /// CJK punctuation that has a plain counterpart.
  static let cjk: [Entry] =
    ([
      (0x3001, ","), (0x3002, "."), (0xFF0C, ","), (0xFF0E, "."), (0xFF01, "!"), (0xFF1F, "?"),
      (0xFF1A, ":"), (0xFF1B, ";"), (0xFF08, "("), (0xFF09, ")"), (0xFF3B, "["), (0xFF3D, "]"),
      (0x300C, "\""), (0x300D, "\""), (0x300E, "\""), (0x300F, "\""), (0x300A, "\""),
      (0x300B, "\""), (0x3010, "["), (0x3011, "]"), (0xFF5E, "~"), (0xFF05, "%"),
    ] as [(UInt32, StaticString)]).map { ([$0...$0], .replace($1, .cjk)) }
}

/// The action of every character below U+10000, in pages of 64: two loads a character.
struct CharacterTable: Sendable {
  /// The page of a character by its number divided by 64; page 0 is empty.
  private(set) var pages = [UInt8](repeating: 0, count: 1024)
  /// The pages one after another: an index of `actions` for each character, 0 for none.
  private(set) var cells = [UInt8](repeating: 0, count: 64)
  private(set) var actions: [CharacterAction] = [.delete([])]

  /// The cell of a character that may not be in form C, and of one that has a place among marks.
  static let unsettled: UInt8 = 255
  static let mark: UInt8 = 254

  /// The table with nothing but the characters that form C asks about; read once a process.
  private static let form: CharacterTable = {
    var table = CharacterTable()
    for range in ranges(FormTables.unsettled) { table.set(range, to: unsettled) }
    for range in ranges(FormTables.marks) { table.set(range, to: mark) }
    return table
  }()

  private init() {}

  init(_ options: Normalisation) {
    if options.form == .nfc { self = Self.form }
    for entry in CharacterStep.entries(for: options) {
      actions.append(entry.action)
      for range in entry.scalars { set(range, to: UInt8(truncatingIfNeeded: actions.count - 1)) }
    }
  }

  /// Ranges written as `300-304 374`.
  private static func ranges(_ table: StaticString) -> [ClosedRange<UInt32>] {
    table.withUTF8Buffer { text in
      text.split { $0 <= 0x20 }.compactMap { entry in
        let ends = entry.split(separator: UInt8(ascii: "-")).map { digits in
          digits.reduce(UInt32(0)) { $0 << 4 | UInt32($1 < 0x3A ? $1 - 0x30 : $1 - 0x37) }
        }
        guard let first = ends.first, let last = ends.last, first <= last else { return nil }
        return first...last
      }
    }
  }

  private mutating func set(_ range: ClosedRange<UInt32>, to action: UInt8) {
    for scalar in range where scalar < 0x10000 {
      let page = Int(scalar >> 6)
      if pages[page] == 0 {
        pages[page] = UInt8(truncatingIfNeeded: cells.count / 64)
        cells.append(contentsOf: repeatElement(0, count: 64))
      }
      cells[Int(pages[page]) << 6 | Int(scalar & 63)] = action
    }
  }

  /// The table as the scan reads it.
  func withUnsafeTables<Result>(_ body: (UnsafeTables) -> Result) -> Result {
    pages.withUnsafeBufferPointer { pages in
      cells.withUnsafeBufferPointer { cells in
        guard let pages = pages.baseAddress, let cells = cells.baseAddress else {
          preconditionFailure("the tables are never empty")
        }
        return body(UnsafeTables(pages: pages, cells: cells, actions: actions))
      }
    }
  }
}
