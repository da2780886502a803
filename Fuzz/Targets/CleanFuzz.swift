// Cleaning any bytes.
internal import Winnow
internal import WinnowPacks
internal import WinnowRules

enum CleanFuzz {
  /// A few rules of each kind, which meet often in short texts.
  static let pack = """
    language: en
    category: promo
    rules:
      - {id: label, summary: x, confidence: high, removes: "⟦x⟧", keeps: "y",
         line: {equals: "Ad\\nShare\\nMail"}}
      - {id: signup, summary: x, confidence: high, removes: "⟦x⟧", keeps: "y",
         line: {contains: "sign up", unless: {contains: "said"}}}
      - {id: tags, summary: x, confidence: medium, removes: "⟦x⟧", keeps: "y",
         line: {starts_with: "Tags:\\nBy\\n©"}}
      - {id: photo, summary: x, confidence: high, removes: "⟦x⟧", keeps: "y",
         span: {regex: "\\\\h? \\\\( photo \\\\)"}}
      - {id: more, summary: x, confidence: high, removes: "⟦x⟧", keeps: "y",
         span: {ends_with: "Read more"}}
      - {id: wide, summary: x, confidence: high, removes: "⟦x⟧", keeps: "y",
         span: {regex: "[\\"'] .{0,3} é"}}
      - {id: read, summary: x, confidence: high, removes: "⟦x⟧", keeps: "y",
         block: {start: {equals: "Most read"}, continue: {regex: "^ \\\\d \\\\."}, max_lines: 4}}
      - {id: letter, summary: x, confidence: high, removes: "⟦x⟧", keeps: "y",
         block: {start: {contains: "letter"}, end: {ends_with: "letters"}, max_lines: 3}}
      - {id: number, summary: x, confidence: high, removes: "⟦x⟧", keeps: "y",
         line: {regex: "^ \\\\d \\\\. .{1,40} $"}, where: {after: removed}}
      - {id: tail, summary: x, confidence: high, removes: "⟦x⟧", keeps: "y",
         line: {starts_with: "Related"}, where: {position: tail}}
    """

  static let rules: RuleSet = {
    let reading = PackReader(name: "fuzz", file: "fuzz.yaml").read(pack)
    precondition(reading.errors.isEmpty, "\(reading.errors)")
    return RuleSet([RuleSource(rules: reading.pack?.rules ?? [], isTrusted: true)])
  }()

  private struct Setup {
    let cleaner: Cleaner
    let worker: Worker
    let isUntouched: Bool
  }

  /// Built-in rules are slow to run: one setting in sixteen.
  private nonisolated(unsafe) static let setups: [Setup] = (0..<16).map { index in
    let rules = index == 15 ? RuleSet() : rules
    var configuration = Configuration()
    let isUntouched = index < 4
    if isUntouched {
      configuration.normalisation = Normalisation(.none)
      configuration.paragraphs = .keep
    } else {
      configuration.normalisation = Normalisation(Normalisation.Profile.allCases[index % 4])
      let layouts = ParagraphLayout.allCases
      configuration.paragraphs = index == 15 ? .auto : layouts[index % layouts.count]
      configuration.language = index % 3 == 0 ? "fr" : nil
    }
    return Setup(
      cleaner: Cleaner(rules: rules, configuration: configuration), worker: Worker(rules: rules),
      isUntouched: isUntouched)
  }

  static func fault(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let (choice, input) = split(bytes)
    let setup = setups[choice % setups.count]
    let source = Array(input)
    let result = setup.cleaner.clean(source, using: setup.worker)
    var end = 0
    for edit in result.edits {
      guard edit.bytes.lowerBound >= end, edit.bytes.upperBound <= source.count else {
        return "edits overlap at \(edit.bytes)"
      }
      end = edit.bytes.upperBound
    }
    guard result.edits.applied(to: source) == result.bytes else { return "the edits do not replay" }
    for paragraph in result.paragraphs where paragraph.bytes.upperBound > result.bytes.count {
      return "a paragraph ends behind the text"
    }
    return setup.isUntouched ? putBackFault(result, source) : nil
  }

  /// What cleaning the clean text changes.
  static func twiceFault(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let (choice, input) = split(bytes)
    let setup = setups[choice % setups.count]
    let once = setup.cleaner.clean(Array(input), using: setup.worker)
    let twice = setup.cleaner.clean(once.bytes, using: setup.worker)
    return twice.bytes == once.bytes
      ? nil : "setting \(choice % setups.count): once \(once.text), twice \(twice.text)"
  }

  /// What is kept and what was removed, in order, are the source.
  private static func putBackFault(_ result: CleanedText, _ source: [UInt8]) -> String? {
    var rebuilt: [UInt8] = []
    var kept = result.bytes[...]
    for removal in result.removals {
      let gap = removal.bytes.lowerBound - rebuilt.count
      guard gap >= 0, gap <= kept.count else { return "removals out of order" }
      rebuilt += kept.prefix(gap) + source[removal.bytes]
      kept = kept.dropFirst(gap)
    }
    return rebuilt + kept == source ? nil : "what was removed cannot be put back"
  }
}
