// What one thread does: portions in, what becomes of their documents out.
internal import Winnow

final class DocumentCleaner {
  private let cleaner: Cleaner
  private let worker: Worker
  private let inputs: [Input]
  private let options: Batch.Options
  private let details: Explanation.Details
  private var outcome = Outcome()
  /// Documents of the portion so far.
  private var documents = 0

  init(_ cleaner: Cleaner, _ worker: Worker, _ inputs: [Input], _ options: Batch.Options) {
    self.cleaner = cleaner
    self.worker = worker
    self.inputs = inputs
    self.options = options
    details = Explanation.Details(
      sentences: options.hasSentences
        ? Sentences(language: cleaner.configuration.language) : nil,
      hasEdits: options.hasEdits)
  }

  func clean(_ portion: Portion) -> Outcome {
    outcome = Outcome()
    documents = 0
    switch portion.content {
    case .text(let bytes): clean(bytes, of: inputs[portion.input])
    case .records(let bytes, let range):
      outcome.output.reserveCapacity(range.count)
      bytes.withUnsafeBufferPointer { clean(UnsafeBufferPointer(rebasing: $0[range]), portion) }
    case .tooLarge(let bytes, let note):
      if options.writesDocuments { outcome.output = bytes }
      if let note {
        outcome.notes.append(note)
        outcome.lines = 1
      }
    case .failure, .nothing: break
    }
    return outcome
  }

  // MARK: Text

  private func clean(_ bytes: [UInt8], of input: Input) {
    documents = 1
    let result = cleaner.clean(bytes, using: worker)
    note(result, of: bytes, document: input.path, isNamed: true)
    if options.check { return }
    if options.diff {
      outcome.output = Diff.unified(bytes, result.bytes, name: input.relativePath)
      return
    }
    switch options.emit {
    case .json:
      var fields: [(String, JSONValue)] = [("text", .bytes(result.bytes))]
      fields +=
        Explanation(result, source: bytes, rules: cleaner.rules, details: details).fields
      outcome.output = JSONValue.object(fields).utf8 + [0x0A]
    case .text, .lines, .markdown: outcome.output = text(of: result)
    }
  }

  private func text(of result: CleanedText) -> [UInt8] {
    switch options.emit {
    case .text, .json: result.bytes
    case .lines: result.paragraphLines
    case .markdown: result.markdown
    }
  }

  // MARK: Records

  private func clean(_ bytes: UnsafeBufferPointer<UInt8>, _ portion: Portion) {
    var start = 0
    while start < bytes.count {
      let newline = bytes[start...].firstIndex(of: 0x0A)
      let end = newline ?? bytes.count
      outcome.lines += 1
      clean(UnsafeBufferPointer(rebasing: bytes[start..<end]), at: start, portion)
      if newline != nil, options.writesDocuments { outcome.output.append(0x0A) }
      start = end + 1
    }
  }

  private func clean(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int, _ portion: Portion) {
    let isBlank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
    if isBlank { return pass(bytes) }
    documents += 1
    guard bytes.count <= Reading.largestDocument else {
      return reject(
        bytes, "over \(Reading.largestDocument >> 20) MiB", at: portion.offset + start)
    }
    let record: JSONRecord
    do throws(RecordFault) {
      record = try JSONRecord(
        bytes, field: options.field,
        others: options.emit == .json ? Explanation.keys.filter { $0 != options.field } : [])
    } catch {
      return reject(bytes, "\(error)", at: portion.offset + start)
    }
    let result = cleaner.clean(record.decoded, using: worker)
    let line = portion.lines + outcome.lines
    let id = record.names["id"] ?? "\(inputs[portion.input].path):\(line)"
    note(result, of: record.decoded, document: id, isNamed: record.names["id"] != nil)
    if options.check { return }
    if options.diff {
      outcome.output += Diff.unified(record.decoded, result.bytes, name: id)
      return
    }
    let text = text(of: result)
    var changes: [(bytes: Range<Int>, new: [UInt8])] = []
    if text != record.decoded {
      var quoted: [UInt8] = []
      JSONText.quote(text, to: &quoted)
      changes.append((record.text, quoted))
    }
    if options.emit == .json {
      let explanation = Explanation(
        result, source: record.decoded, rules: cleaner.rules, details: details)
      var added: [UInt8] = []
      for (key, value) in explanation.fields where key != options.field {
        // What an earlier run said of the record is said anew: no key may stand twice.
        let old = record.others.filter { $0.name == key }
        changes += old.map { ($0.value, value.utf8) }
        if old.isEmpty { added += Array(",\"\(key)\":".utf8) + value.utf8 }
      }
      changes.append((record.end..<record.end, added))
    }
    var at = 0
    for change in changes.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) {
      pass(UnsafeBufferPointer(rebasing: bytes[at..<change.bytes.lowerBound]))
      outcome.output += change.new
      at = change.bytes.upperBound
    }
    pass(UnsafeBufferPointer(rebasing: bytes[at...]))
  }

  private func pass(_ bytes: UnsafeBufferPointer<UInt8>) {
    if options.writesDocuments { outcome.output.append(contentsOf: bytes) }
  }

  private func reject(_ bytes: UnsafeBufferPointer<UInt8>, _ reason: String, at offset: Int) {
    pass(bytes)
    let id =
      options.hashesRejected
      ? (try? JSONRecord(bytes, field: "id")).map { String(decoding: $0.decoded, as: UTF8.self) }
      : nil
    outcome.notes.append(
      Note(
        document: nil, line: outcome.lines, message: ": \(reason); passed through unchanged",
        rejection: .init(
          reason: reason, id: id, offset: offset,
          sha256: options.hashesRejected ? SHA256.digest(of: bytes) : nil),
        documents: documents))
  }

  // MARK: The record of what happened

  /// `isNamed`: whether `document` is a name of its own rather than the line it stands on.
  private func note(
    _ result: CleanedText, of source: [UInt8], document: String, isNamed: Bool
  ) {
    outcome.totals.add(result, rules: cleaner.rules)
    func say(_ line: Int?, _ message: String) {
      outcome.notes.append(
        Note(
          document: isNamed ? document : nil, line: outcome.lines,
          message: (line.map { ":\($0)" } ?? "") + ": " + message, documents: documents))
    }
    if result.invalidLines > 0 {
      let lines = result.invalidLines == 1 ? "1 line is" : "\(result.invalidLines) lines are"
      say(nil, "\(lines) not UTF-8; kept byte for byte")
    }
    if result.isSuspicious {
      say(nil, "would have lost most of its text; only sure rules were used")
    }
    var seen: Set<Int> = []
    for failure in result.failures where seen.insert(failure.rule).inserted {
      let rule = cleaner.rules.describe(failure.rule).name
      say(failure.line, "rule \(visible(rule)): \(failure.reason); the text stays")
    }
    guard options.removed != nil else { return }
    for removal in result.removals {
      outcome.removed +=
        JSONValue.object(
          [("document", .bytes(Path.bytes(document)))]
            + Explanation.fields(of: removal, source: source, rules: cleaner.rules)
        ).utf8
      outcome.removed.append(0x0A)
    }
  }
}
