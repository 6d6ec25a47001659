import RotationCore
import Testing

@Suite("Blocking calls")
struct BlockingExecutorTests {
  /// An actor whose calls may block its thread.
  private actor Library {
    private let executor = BlockingExecutor(label: "test")
    private(set) var calls: [Int] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func call(_ number: Int) {
      executor.preconditionIsolated()
      calls.append(number)
    }
  }

  @Test("An actor on the blocking executor runs all its calls there, none of them beside another")
  func serial() async {
    let library = Library()
    await withDiscardingTaskGroup { group in
      for number in 1...200 { group.addTask { await library.call(number) } }
    }
    #expect(await library.calls.sorted() == Array(1...200))
  }
}
