#if DEBUG
  import FaultHooks
  import Foundation
  import Testing

  @Suite("Fault hooks of debug builds")
  struct FaultHooksTests {
    @Test("Without the variable there are none", arguments: [[:], ["ASA_FAULT_HOOKS": ""]])
    func absent(environment: [String: String]) { #expect(FaultHooks(environment: environment) == nil) }

    @Test("The clock's offset is the file's number; while the file is absent or half written the last one stands")
    func offset() throws {
      let directory = try TemporaryDirectory()
      defer { directory.remove() }
      let hooks = try #require(FaultHooks(environment: ["ASA_FAULT_HOOKS": directory.path]))
      #expect(hooks.clockOffset == 0)
      let file = URL(fileURLWithPath: directory.file("clock-offset"))
      for (text, offset) in [("-604800\n", -604_800.0), ("", -604_800), ("nan", -604_800), ("86400.5", 86_400.5)] {
        try Data(text.utf8).write(to: file)
        #expect(hooks.clockOffset == offset)
      }
      try FileManager.default.removeItem(at: file)
      #expect(hooks.clockOffset == 86_400.5)
    }

    @Test("A thread is blocked until the file is gone")
    func block() async throws {
      let directory = try TemporaryDirectory()
      defer { directory.remove() }
      let hooks = try #require(FaultHooks(environment: ["ASA_FAULT_HOOKS": directory.path]))
      let file = directory.file("block-scheduler")
      try Data().write(to: URL(fileURLWithPath: file))
      let order = AsyncStream.makeStream(of: String.self)
      DispatchQueue.global().async {
        order.continuation.yield("waits")
        hooks.blockIfAsked()
        order.continuation.yield(FileManager.default.fileExists(atPath: file) ? "too early" : "goes on")
        order.continuation.finish()
      }
      var events = order.stream.makeAsyncIterator()
      #expect(await events.next() == "waits")
      try FileManager.default.removeItem(atPath: file)
      #expect(await events.next() == "goes on")
    }

    @Test(
      "Every boundary is traced where that is asked for; one that a file holds waits until the file is gone or names another")
    func hold() async throws {
      let directory = try TemporaryDirectory()
      defer { directory.remove() }
      let hooks = try #require(FaultHooks(environment: ["ASA_FAULT_HOOKS": directory.path]))
      let trace = directory.file("trace")
      hooks.reached("untraced")
      try Data().write(to: URL(fileURLWithPath: trace))
      try "before:claim\n".write(toFile: directory.file("hold-at"), atomically: true, encoding: .utf8)
      hooks.reached("turn")
      let order = AsyncStream.makeStream(of: Bool.self)
      DispatchQueue.global().async {
        hooks.reached("before:claim")
        order.continuation.yield(FileManager.default.fileExists(atPath: directory.file("held")))
        order.continuation.finish()
      }
      while !FileManager.default.fileExists(atPath: directory.file("held")) { try await Task.sleep(for: .milliseconds(5)) }
      try FileManager.default.removeItem(atPath: directory.file("hold-at"))
      var events = order.stream.makeAsyncIterator()
      #expect(await events.next() == false)
      let names = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").map {
        $0.split(separator: " ").last
      }
      #expect(names == ["turn", "before:claim"])
    }

    @Test(
      "A boundary that kill-at does not name, or that has more to come before it, kills nobody",
      arguments: ["turn", "turn 3", ""])
    func survives(text: String) throws {
      let directory = try TemporaryDirectory()
      defer { directory.remove() }
      let hooks = try #require(FaultHooks(environment: ["ASA_FAULT_HOOKS": directory.path]))
      try text.write(toFile: directory.file("kill-at"), atomically: true, encoding: .utf8)
      hooks.reached(text == "turn" ? "before:claim" : "turn")
      #expect(FileManager.default.fileExists(atPath: directory.file("kill-at")))
    }
  }
#endif
