// SIGINT, SIGTERM and SIGHUP in a batch: stop, keep what is done, say how to go on.
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A thread waits for the signals: nothing runs inside a handler.
final class Interruption: Sendable {
  private let received = Atomic<Int32>(0)

  /// The signal that came; nil while there is none.
  var signal: Int32? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Calls `stop` at the first signal. If the run is not over a second later, or at a second
  /// signal, the process ends at once: what is done is on the disk at any time.
  ///
  /// To be called before other threads start, which inherit the mask.
  init(stop: @escaping @Sendable () -> Void) {
    ignorePipes()
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGALRM] { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let awaited = signals
    _ = Thread { [self] in
      var awaited = awaited
      var signal: Int32 = 0
      guard sigwait(&awaited, &signal) == 0 else { return }
      let first = signal
      received.store(first, ordering: .relaxed)
      alarm(1)
      stop()
      guard sigwait(&awaited, &signal) == 0 else { return }
      Files.say("winnow: stopped; the same command goes on from here")
      _exit(128 + first)
    }
  }
}

private func ignorePipes() { _ = signal(SIGPIPE, SIG_IGN) }
