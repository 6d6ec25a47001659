import ControlProtocol
import GRPCCore

extension FakeDaemon {
  /// One that has an answer to everything, and everything in each answer.
  static func filled() -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.status = { _ in try .filled() }
    daemon.history = { _ in try .filled() }
    daemon.nodes = { try .filled() }
    daemon.health = { try .filled() }
    daemon.schedule = { _ in try .filled() }
    daemon.pause = { _ in try .filled() }
    daemon.resume = { _ in try .filled() }
    daemon.acknowledge = { _ in try .filled() }
    daemon.reload = { try .filled() }
    daemon.revoke = { _ in try .filled() }
    daemon.exclude = { _ in try .filled() }
    daemon.decommission = { _ in try .filled() }
    daemon.adopt = { _ in try .filled() }
    daemon.forget = { _ in try .filled() }
    daemon.encryption = { _ in try .filled() }
    // One that nothing stands in the way of.
    daemon.resolveScope = { _ in
      var reply = try Asa_Control_V1_ScopeReply.filled()
      for index in reply.accounts.indices { reply.accounts[index].clearFault() }
      return reply
    }
    daemon.remove = { _ in try .filled() }
    daemon.prune = { _ in try .filled() }
    // What has happened, each kind once, and the end.
    daemon.copy = { _, events in
      for kind in 1...3 { try await events.write(.filled(through: kind)) }
    }
    daemon.rotate = { _, events in
      for kind in 2...5 { try await events.write(.filled(through: kind)) }
    }
    daemon.verify = { _, events in
      for kind in 1...2 { try await events.write(.filled(through: kind)) }
    }
    return daemon
  }
}
