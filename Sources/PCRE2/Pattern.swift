// A regular expression, compiled: source text in, an immutable code block out.
// Patterns are shared by all workers; what a match needs to write lives in `Matcher`.
internal import CPCRE2

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Why a pattern was not accepted.
public struct PatternError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, in a sentence without the place.
  public let message: String
  /// UTF-8 byte offset into the pattern's source.
  public let offset: Int

  public init(message: String, offset: Int) {
    self.message = message
    self.offset = offset
  }

  public var description: String { "\(message) (at byte \(offset))" }
}

/// A compiled PCRE2 pattern: UTF, Unicode properties, caseless and free-spacing, always.
///
/// Immutable after `init`, so it may be shared between threads.
public final class Pattern: @unchecked Sendable {
  let code: OpaquePointer
  /// Whether the just-in-time compiler took the pattern. Some systems forbid writable code pages.
  public let isJITCompiled: Bool
  /// Matched in slices with a look at the clock: for patterns that no check has timed.
  public let isTimed: Bool

  /// Upper bounds on what a pattern may be, so that compiling is itself safe.
  public enum Bounds {
    public static let sourceBytes = 4096
    /// A pack's shared definitions come on top of the source proper.
    public static let sourceBytesWithDefinitions = 32 * 1024
    public static let compiledBytes = 32 * 1024
    public static let nesting: UInt32 = 100
    public static let captures: UInt32 = 64
    static let compilerStackBytes = 16 << 20
  }

  /// Compiles `source`.
  ///
  /// - Parameters:
  ///   - source: the pattern, free-spacing and caseless.
  ///   - definitions: text of a `(?(DEFINE)…)` group put in front; offsets in errors leave it out.
  ///   - isTrusted: the pattern was checked when the program was built: compile it on this
  ///     thread's stack and match it without looking at the clock.
  ///   - usesJIT: off only to compare the interpreter's answers.
  /// - Throws: `PatternError` when PCRE2 or Winnow does not take the pattern.
  public init(
    _ source: String, definitions: String = "", isTrusted: Bool = false, usesJIT: Bool = true
  ) throws(PatternError) {
    if !isTrusted, let refusal = PatternSyntax.refusal(of: source) { throw refusal }
    let whole = definitions + source
    guard whole.utf8.count <= Bounds.sourceBytesWithDefinitions else {
      throw PatternError(
        message: "the definitions it uses come to over \(Bounds.sourceBytesWithDefinitions) bytes",
        offset: 0)
    }
    let compiled: Compiled
    if isTrusted {
      compiled = Self.compile(whole, usesJIT: usesJIT)
    } else {
      compiled = onLargeStack(bytes: Bounds.compilerStackBytes) {
        Self.compile(whole, usesJIT: usesJIT)
      }
    }
    switch compiled {
    case .failed(let message, let offset):
      throw PatternError(message: message, offset: max(0, offset - definitions.utf8.count))
    case .done(let address, let jit):
      guard let code = OpaquePointer(bitPattern: address) else {
        throw PatternError(message: "PCRE2 returned no code", offset: 0)
      }
      if !isTrusted, let tooLarge = Self.excess(of: code, definesMuch: !definitions.isEmpty) {
        pcre2_code_free_8(code)
        throw PatternError(message: tooLarge, offset: 0)
      }
      self.code = code
      isJITCompiled = jit
      isTimed = !isTrusted
    }
  }

  deinit { pcre2_code_free_8(code) }

  /// What a matcher needs to run a pattern: no reference to count in the inner loop. Valid as long
  /// as its pattern lives.
  public struct Handle {
    let code: OpaquePointer
    let isJITCompiled: Bool
    public let isTimed: Bool
  }

  public var handle: Handle {
    Handle(code: code, isJITCompiled: isJITCompiled, isTimed: isTimed)
  }

  /// The version of the linked library, e.g. `10.42 2022-12-11`.
  public static var libraryVersion: String {
    var bytes = [CChar](repeating: 0, count: 64)
    pcre2_config_8(UInt32(PCRE2_CONFIG_VERSION), &bytes)
    return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private enum Compiled: Sendable {
    case done(address: UInt, jit: Bool)
    case failed(message: String, offset: Int)
  }

  private static func compile(_ source: String, usesJIT: Bool) -> Compiled {
    guard let context = pcre2_compile_context_create_8(nil) else {
      return .failed(message: "out of memory", offset: 0)
    }
    defer { pcre2_compile_context_free_8(context) }
    pcre2_set_parens_nest_limit_8(context, Bounds.nesting)
    let options =
      PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_EXTENDED | PCRE2_NEVER_BACKSLASH_C
      | PCRE2_USE_OFFSET_LIMIT
    var source = source
    var error: Int32 = 0
    var offset = 0
    let code = source.withUTF8 { bytes in
      pcre2_compile_8(bytes.baseAddress, bytes.count, UInt32(options), &error, &offset, context)
    }
    guard let code else { return .failed(message: message(of: error), offset: offset) }
    let jit = usesJIT && pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE)) == 0
    return .done(address: UInt(bitPattern: code), jit: jit)
  }

  /// What about a compiled pattern is too large, or nil.
  private static func excess(of code: OpaquePointer, definesMuch: Bool) -> String? {
    var size = 0
    var captures: UInt32 = 0
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_SIZE), &size)
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &captures)
    let most = definesMuch ? 4 * Bounds.compiledBytes : Bounds.compiledBytes
    if size > most { return "the compiled pattern takes \(size) bytes, over \(most)" }
    if captures > Bounds.captures {
      return "\(captures) capturing groups, over \(Bounds.captures): use (?:…)"
    }
    return nil
  }

  static func message(of error: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(error, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes.prefix(Int(count)), as: UTF8.self) : "error \(error)"
  }
}

/// Runs `body` on a thread with a stack of its own and waits for it: PCRE2's compilers recurse
/// with the pattern, and a caller's thread may have only 512 KB. Where no thread is to be had,
/// `body` runs on this one.
private func onLargeStack<T: Sendable>(bytes: Int, _ body: @escaping @Sendable () -> T) -> T {
  let result = ResultBox<T>()
  let work = Work { result.value = body() }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setstacksize(&attributes, bytes)
  #if canImport(Darwin)
    var thread: pthread_t?
  #else
    var thread = pthread_t()
  #endif
  let argument = Unmanaged.passRetained(work)
  let code = pthread_create(&thread, &attributes, runWork, argument.toOpaque())
  guard code == 0 else {
    argument.release()
    return body()
  }
  #if canImport(Darwin)
    if let thread { pthread_join(thread, nil) }
  #else
    pthread_join(thread, nil)
  #endif
  return result.value ?? body()
}

private final class ResultBox<T>: @unchecked Sendable {
  var value: T?
}

private final class Work: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

#if canImport(Darwin)
  private func runWork(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
    return nil
  }
#else
  private func runWork(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
    return nil
  }
#endif
