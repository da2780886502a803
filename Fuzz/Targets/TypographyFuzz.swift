// Typography, paragraphs and sentences of any bytes.
internal import Winnow

enum TypographyFuzz {
  private static let cleaners: [Cleaner] = (0..<20).map { index in
    var configuration = Configuration()
    configuration.normalisation = Normalisation(Normalisation.Profile.allCases[index % 4])
    let layouts = ParagraphLayout.allCases
    configuration.paragraphs = layouts[index / 4 % layouts.count]
    configuration.language = index % 7 == 0 ? "fr" : index % 7 == 1 ? "de" : nil
    return Cleaner(rules: CleanFuzz.none, configuration: configuration)
  }
  private nonisolated(unsafe) static let worker = Worker(rules: CleanFuzz.none)
  private static let sentences = Sentences()

  static func fault(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let (choice, input) = split(bytes)
    let cleaner = cleaners[choice % cleaners.count]
    let source = Array(input)
    let result = cleaner.clean(source, using: worker)
    guard result.removals.isEmpty else { return "text was removed without a rule" }
    guard result.edits.applied(to: source) == result.bytes else { return "the edits do not replay" }
    let isText = String(validating: source, as: UTF8.self) != nil
    if isText, String(validating: result.bytes, as: UTF8.self) == nil {
      return "valid text became invalid"
    }
    var end = 0
    for paragraph in result.paragraphs {
      guard paragraph.bytes.lowerBound >= end, paragraph.bytes.upperBound <= result.bytes.count
      else { return "paragraphs overlap" }
      end = paragraph.bytes.upperBound
    }
    end = 0
    for span in sentences.spans(in: result.bytes) {
      guard span.lowerBound == end, !span.isEmpty else { return "sentences leave a hole" }
      end = span.upperBound
    }
    return end == result.bytes.count ? nil : "sentences do not cover the text"
  }
}

extension CleanFuzz {
  static let none = RuleSet([])
}
