/// What will happen in a world, by virtual time; at one instant in the order of scheduling.
struct EventQueue {
  private struct Entry {
    let time: Double
    let serial: Int
    let body: () -> Void
  }

  private var heap: [Entry] = []
  private var serial = 0

  var isEmpty: Bool { heap.isEmpty }
  var nextTime: Double? { heap.first?.time }

  mutating func add(at time: Double, _ body: @escaping () -> Void) {
    serial += 1
    heap.append(Entry(time: time, serial: serial, body: body))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard Self.isBefore(heap[child], heap[parent]) else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeFirst() -> (time: Double, body: () -> Void) {
    heap.swapAt(0, heap.count - 1)
    let first = heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && Self.isBefore(heap[child], heap[least]) {
        least = child
      }
      guard least != parent else { break }
      heap.swapAt(parent, least)
      parent = least
    }
    return (first.time, first.body)
  }

  private static func isBefore(_ left: Entry, _ right: Entry) -> Bool {
    (left.time, left.serial) < (right.time, right.serial)
  }
}
