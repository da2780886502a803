// How far a run has come, on a terminal only: share, rate and time left on one line.
internal import Synchronization

final class Progress: Sendable {
  /// Bytes read so far, compressed ones where the input is.
  private let read = Atomic<Int>(0)

  var bytes: Int { read.load(ordering: .relaxed) }
  func add(_ bytes: Int) { read.add(bytes, ordering: .relaxed) }
}

/// The line. Only the writing thread shows it.
struct ProgressLine {
  private let progress: Progress
  /// Bytes of all inputs; nil when one of them does not tell.
  private let total: Int?
  private let start = Clock.milliseconds
  private var last = Clock.milliseconds
  private var isShown = false
  private let isWanted: Bool

  init(_ progress: Progress, total: Int?, isWanted: Bool) {
    self.progress = progress
    self.total = total
    self.isWanted = isWanted && Files.isTerminal(2) && Files.environment("TERM") != "dumb"
  }

  /// Shows how far things are, twice a second at most.
  mutating func show(documents: Int) {
    guard isWanted, Clock.milliseconds - last >= 500 else { return }
    last = Clock.milliseconds
    isShown = true
    Files.say("\r\u{1B}[K" + text(documents: documents, after: last - start), ending: "")
  }

  /// Clears the way for a message.
  mutating func clear() {
    if isShown { Files.say("\r\u{1B}[K", ending: "") }
    isShown = false
  }

  func text(documents: Int, after milliseconds: Int) -> String {
    let done = progress.bytes
    let rate = Double(done) * 1000 / Double(max(1, milliseconds))
    var text = "\(Self.size(Double(done)))"
    if let total, total > 0 {
      text = "\(min(100, done * 100 / total)) % of \(Self.size(Double(total)))"
    }
    text += ", \(documents) documents, \(Self.size(rate))/s"
    if let total, rate > 0, done > 0 {
      text += ", \(Self.time(Int(Double(max(0, total - done)) / rate))) left"
    }
    return text
  }

  private static func size(_ bytes: Double) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var (value, unit) = (bytes, 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    let tenths = Int((value * 10).rounded())
    return value < 10 && unit > 0
      ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(Int(value)) \(units[unit])"
  }

  private static func time(_ seconds: Int) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    if hours > 0 { return "\(hours) h \(minutes) min" }
    return minutes > 0 ? "\(minutes) min \(seconds % 60) s" : "\(seconds) s"
  }
}
