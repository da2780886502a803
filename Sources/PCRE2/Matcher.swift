// Runs patterns over bytes: one matcher a thread, with its match data, JIT stack and limits.
// Bytes are not checked here: whoever calls has validated them as UTF-8 once a document.
internal import CPCRE2

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Why a match was given up. A failure is never "no match": the text stays.
public enum MatchFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// PCRE2 backtracked more often than the limit allows.
  case matchLimit
  /// The interpreter nested deeper, or took more memory, than the limit allows.
  case depthLimit, heapLimit
  /// The JIT stack ran over.
  case jitStack
  /// The deadline of a rule for one document passed.
  case deadline
  /// The match would end before it starts.
  case reversedRange
  /// Any other code below -1.
  case other(Int32)

  init(code: Int32) {
    switch code {
    case PCRE2_ERROR_MATCHLIMIT: self = .matchLimit
    case PCRE2_ERROR_DEPTHLIMIT: self = .depthLimit
    case PCRE2_ERROR_HEAPLIMIT: self = .heapLimit
    case PCRE2_ERROR_JIT_STACKLIMIT: self = .jitStack
    default: self = .other(code)
    }
  }

  public var description: String {
    switch self {
    case .matchLimit: "match limit"
    case .depthLimit: "depth limit"
    case .heapLimit: "heap limit"
    case .jitStack: "JIT stack limit"
    case .deadline: "time limit"
    case .reversedRange: "match ends before it starts"
    case .other(let code): "PCRE2 error \(code): \(Pattern.message(of: code))"
    }
  }
}

/// What one try found. Ranges are byte offsets of the subject.
public enum MatchOutcome: Equatable, Sendable {
  case noMatch
  case match(Range<Int>)
  case failed(MatchFailure)
}

/// A thread's own means of matching. Not to be shared between threads.
public final class Matcher {
  /// Bounds on one match and on one rule over one document.
  public struct Limits: Sendable, Equatable {
    /// Backtracks of one start offset.
    public var backtracks: UInt32 = 100_000
    public var heapKiB: UInt32 = 16 * 1024
    public var depth: UInt32 = 10_000
    /// Time one timed pattern may take for one document.
    public var nanoseconds: UInt64 = 100_000_000
    /// Start offsets tried between two looks at the clock.
    public var slice: Int = 16

    public init() {}
  }

  private let data: OpaquePointer
  private let context: OpaquePointer
  private let jitStack: OpaquePointer?
  private let offsets: UnsafeMutablePointer<Int>
  private let limits: Limits

  /// - Throws: `MatchFailure.heapLimit` when PCRE2 gets no memory.
  public init(limits: Limits = Limits()) throws(MatchFailure) {
    guard let data = pcre2_match_data_create_8(1, nil),
      let context = pcre2_match_context_create_8(nil),
      let offsets = pcre2_get_ovector_pointer_8(data)
    else { throw .heapLimit }
    pcre2_set_match_limit_8(context, limits.backtracks)
    pcre2_set_heap_limit_8(context, limits.heapKiB)
    pcre2_set_depth_limit_8(context, limits.depth)
    let stack = pcre2_jit_stack_create_8(32 * 1024, 1 << 20, nil)
    pcre2_jit_stack_assign_8(context, nil, stack.map { UnsafeMutableRawPointer($0) })
    self.data = data
    self.context = context
    self.offsets = offsets
    jitStack = stack
    self.limits = limits
  }

  deinit {
    pcre2_match_data_free_8(data)
    pcre2_match_context_free_8(context)
    if let jitStack { pcre2_jit_stack_free_8(jitStack) }
  }

  /// The first match of `pattern`, which must live on meanwhile; see below.
  public func firstMatch(
    of pattern: Pattern, in subject: UnsafeBufferPointer<UInt8>, from start: Int = 0,
    spent: inout UInt64
  ) -> MatchOutcome {
    withExtendedLifetime(pattern) {
      firstMatch(of: pattern.handle, in: subject, from: start, spent: &spent)
    }
  }

  /// The first match of `pattern` in `subject` at or after byte `start`.
  ///
  /// `subject` is valid UTF-8 and `start` a character's border. `spent` collects the time a timed
  /// pattern takes, for its limit over one document.
  public func firstMatch(
    of pattern: Pattern.Handle, in subject: UnsafeBufferPointer<UInt8>, from start: Int = 0,
    spent: inout UInt64
  ) -> MatchOutcome {
    guard pattern.isTimed else { return match(pattern, subject, start) }
    return timedMatch(pattern, subject, start, &spent)
  }

  private func match(
    _ pattern: Pattern.Handle, _ subject: UnsafeBufferPointer<UInt8>, _ start: Int
  ) -> MatchOutcome {
    let code: Int32
    if pattern.isJITCompiled {
      // 15–18 ns a call cheaper than pcre2_match: it checks none of its arguments.
      code = pcre2_jit_match_8(
        pattern.code, subject.baseAddress, subject.count, start, UInt32(PCRE2_NO_UTF_CHECK), data,
        context)
    } else {
      code = pcre2_match_8(
        pattern.code, subject.baseAddress, subject.count, start, UInt32(PCRE2_NO_UTF_CHECK), data,
        context)
    }
    if code == PCRE2_ERROR_NOMATCH { return .noMatch }
    return outcome(code: code)
  }

  /// Turns a return code into an outcome: only -1 means "no match".
  func outcome(code: Int32) -> MatchOutcome {
    if code == PCRE2_ERROR_NOMATCH { return .noMatch }
    guard code >= 0 else { return .failed(MatchFailure(code: code)) }
    let (lower, upper) = (offsets[0], offsets[1])
    guard lower <= upper, upper != winnow_pcre2_unset() else { return .failed(.reversedRange) }
    return .match(lower..<upper)
  }

  /// A match limit binds each start offset anew, so the clock is read between slices of them.
  private func timedMatch(
    _ pattern: Pattern.Handle, _ subject: UnsafeBufferPointer<UInt8>, _ start: Int,
    _ spent: inout UInt64
  ) -> MatchOutcome {
    let began = Self.now()
    defer {
      spent += Self.now() - began
      pcre2_set_offset_limit_8(context, winnow_pcre2_unset())
    }
    var from = start
    while true {
      if spent + (Self.now() - began) > limits.nanoseconds { return .failed(.deadline) }
      var next = min(from + limits.slice, subject.count + 1)
      while next < subject.count, subject[next] & 0xC0 == 0x80 { next += 1 }
      pcre2_set_offset_limit_8(context, next - 1)
      let result = match(pattern, subject, from)
      guard case .noMatch = result, next <= subject.count else { return result }
      from = next
    }
  }

  /// Nanoseconds of a clock that only goes forward.
  public static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
