/// Says what an examination waits for, when that takes longer than a second.
actor ExaminationProgress {
  private var outstanding: [String] = []
  private let report: @Sendable (String) -> Void

  /// - Parameter report: Shows one line to the person who waits.
  init(_ report: @escaping @Sendable (String) -> Void) { self.report = report }

  /// Counts something as waited for while it runs.
  nonisolated func during<Value: Sendable>(_ what: String, _ body: () async -> Value) async -> Value {
    await began(what)
    let value = await body()
    await ended(what)
    return value
  }

  /// Reports every second what is waited for, until it is cancelled.
  func watch() async {
    var said = ""
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(1))
      let names = Set(outstanding).sorted().joined(separator: ", ")
      guard !Task.isCancelled, !names.isEmpty, names != said else { continue }
      said = names
      report("waiting for \(names)")
    }
  }

  private func began(_ what: String) { outstanding.append(what) }

  private func ended(_ what: String) {
    if let index = outstanding.firstIndex(of: what) { outstanding.remove(at: index) }
  }
}
