// Threads, and a line of work that keeps its order: the reader puts portions in, workers take
// them in any order, the writer gets their results in the order in which they were put.
#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A mutex with what its holders wait for.
final class Lock: @unchecked Sendable {
  fileprivate let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func callAsFunction<T>(_ body: () -> T) -> T {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}

/// Something that a holder of `lock` waits for.
final class Condition: @unchecked Sendable {
  private let lock: Lock
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init(_ lock: Lock) {
    self.lock = lock
    condition.initialize(to: pthread_cond_t())
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  /// The caller holds the lock.
  func wait() { pthread_cond_wait(condition, lock.mutex) }
  func signal() { pthread_cond_signal(condition) }
  func broadcast() { pthread_cond_broadcast(condition) }
}

/// A thread that runs to its end. What it does must not throw: results and errors are values.
struct Thread {
  private let handle: pthread_t

  /// Nil where the system has no thread to give.
  init?(_ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 8 * 1024 * 1024)
    #if canImport(Darwin)
      var made: pthread_t?
    #else
      var made = pthread_t()
    #endif
    let argument = Unmanaged.passRetained(Body(run: body))
    guard pthread_create(&made, &attributes, runBody, argument.toOpaque()) == 0 else {
      argument.release()
      return nil
    }
    #if canImport(Darwin)
      guard let made else { return nil }
    #endif
    handle = made
  }

  func join() { pthread_join(handle, nil) }
}

private final class Body: Sendable {
  let run: @Sendable () -> Void
  init(run: @escaping @Sendable () -> Void) { self.run = run }
}

#if canImport(Darwin)
  private func runBody(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
    return nil
  }
#else
  private func runBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
    return nil
  }
#endif

/// Work on its way from one reader through many workers to one writer, in order and bounded.
final class Pipeline<Work, Result>: @unchecked Sendable {
  final class Ticket: @unchecked Sendable {
    let work: Work
    fileprivate let weight: Int
    fileprivate var result: Result?

    fileprivate init(_ work: Work, weight: Int) {
      self.work = work
      self.weight = weight
    }
  }

  private let lock = Lock()
  private let hasRoom: Condition
  private let hasWork: Condition
  private let hasResult: Condition
  private let most: Int
  /// Tickets from the oldest without a reader of its result; those before `taken` are with workers.
  private var tickets = Queue<Ticket>()
  private var taken = 0
  private var weight = 0
  private var isEnded = false
  private var isCancelled = false

  /// - Parameter most: the weight of all work under way is kept below it; a heavier portion goes
  ///   alone.
  init(most: Int) {
    self.most = most
    hasRoom = Condition(lock)
    hasWork = Condition(lock)
    hasResult = Condition(lock)
  }

  /// Waits for room; false when the work is no longer wanted.
  func put(_ work: Work, weight added: Int) -> Bool {
    lock {
      while !isCancelled, weight > 0, weight + added > most { hasRoom.wait() }
      if isCancelled { return false }
      weight += added
      tickets.append(Ticket(work, weight: added))
      hasWork.signal()
      return true
    }
  }

  /// No more work comes.
  func end() {
    lock {
      isEnded = true
      hasWork.broadcast()
      hasResult.broadcast()
    }
  }

  /// Nothing more is wanted: all who wait are let go.
  func cancel() {
    lock {
      isCancelled = true
      hasRoom.broadcast()
      hasWork.broadcast()
      hasResult.broadcast()
    }
  }

  /// For a worker: the next work; nil when there is no more.
  func take() -> Ticket? {
    lock {
      while !isCancelled, !isEnded, taken == tickets.count { hasWork.wait() }
      guard !isCancelled, taken < tickets.count else { return nil }
      taken += 1
      return tickets[taken - 1]
    }
  }

  /// For a worker: what came of the work.
  func finish(_ ticket: Ticket, _ result: Result) {
    lock {
      ticket.result = result
      if tickets.first === ticket { hasResult.signal() }
    }
  }

  /// For the writer: the next work in order with its result; nil at the end.
  func next() -> (work: Work, result: Result)? {
    lock {
      while true {
        if isCancelled { return nil }
        if let first = tickets.first {
          if let result = first.result {
            tickets.removeFirst()
            taken -= 1
            weight -= first.weight
            hasRoom.signal()
            return (first.work, result)
          }
        } else if isEnded {
          return nil
        }
        hasResult.wait()
      }
    }
  }
}

/// First in, first out.
struct Queue<Element> {
  private var items: [Element?] = []
  private var start = 0

  var count: Int { items.count - start }
  var first: Element? { start < items.count ? items[start] : nil }

  subscript(index: Int) -> Element? { items[start + index] }

  mutating func append(_ item: Element) { items.append(item) }

  mutating func removeFirst() {
    items[start] = nil
    start += 1
    if start > 64, start * 2 > items.count {
      items.removeFirst(start)
      start = 0
    }
  }
}

/// Values from one thread to another, a few at a time.
final class Channel<Element>: @unchecked Sendable {
  private let lock = Lock()
  private let hasRoom: Condition
  private let hasItem: Condition
  private let most: Int
  private var items = Queue<Element>()
  private var isEnded = false
  private var isCancelled = false

  init(most: Int) {
    self.most = most
    hasRoom = Condition(lock)
    hasItem = Condition(lock)
  }

  /// Waits for room; false when nothing more is wanted.
  func send(_ item: Element) -> Bool {
    lock {
      while !isCancelled, items.count >= most { hasRoom.wait() }
      if isCancelled { return false }
      items.append(item)
      hasItem.signal()
      return true
    }
  }

  /// Nil at the end.
  func receive() -> Element? {
    lock {
      while !isCancelled, !isEnded, items.count == 0 { hasItem.wait() }
      guard !isCancelled, let item = items.first else { return nil }
      items.removeFirst()
      hasRoom.signal()
      return item
    }
  }

  /// No more comes.
  func end() {
    lock {
      isEnded = true
      hasItem.signal()
    }
  }

  /// No more is wanted.
  func cancel() {
    lock {
      isCancelled = true
      hasRoom.signal()
      hasItem.signal()
    }
  }
}
