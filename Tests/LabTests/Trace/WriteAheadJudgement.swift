import Foundation

/// Whether a rotation's plan was on disk before anything of it left the rotator, judged by the rotator's system calls.
struct WriteAheadJudgement {
  let trace: SystemCallTrace
  let rotation: String

  /// The line at which the flush of the transaction with the plan returned.
  var durableAt: Int? {
    let isLog = { (call: SystemCall) in call.target.hasSuffix("/rotator.db-wal") }
    let plan = trace.calls.first { call in
      isLog(call) && call.name == "pwrite64" && call.bytes.range(of: Data(rotation.utf8)) != nil
        && call.bytes.range(of: Data("password key:".utf8)) != nil
    }
    guard let plan else { return nil }
    return trace.calls.first { $0.isFlush && isLog($0) && $0.begin > plan.end }?.end
  }

  /// What is wrong; empty if every one of the calls began after the plan was durable.
  func violations(_ outgoing: [String: SystemCall?]) -> [String] {
    guard let durableAt else { return ["the plan was never flushed"] }
    return outgoing.sorted { $0.key < $1.key }.compactMap { what, call in
      guard let call else { return "\(what) is not in the trace" }
      return call.begin > durableAt ? nil : "\(what) left before the plan was flushed"
    }
  }

  /// The rotator's call that sent what another process or a proxy received: the longest that is in it, or that it is in.
  func sender(of received: Data) -> SystemCall? {
    let head = received.prefix(64)
    return trace.calls.filter { call in
      call.target.hasPrefix("TCP") && call.bytes.count > 16
        && (received.range(of: call.bytes) != nil || call.bytes.range(of: head) != nil)
    }.max { $0.bytes.count < $1.bytes.count }
  }
}

extension SystemCallTrace {
  /// What an agent had received on a connection when it first wrote a rotation's id into its slot file.
  func orderReceived(naming rotation: String, fromPort port: Int) -> Data? {
    let written = calls.first { call in
      call.target.contains("/slots/") && call.bytes.range(of: Data(rotation.utf8)) != nil
        && ["write", "pwrite64", "writev"].contains(call.name)
    }
    guard let written else { return nil }
    return calls.last { call in
      call.end < written.begin && call.result ?? 0 > 0 && ["read", "recvfrom", "recvmsg", "readv"].contains(call.name)
        && call.target.hasPrefix("TCP") && call.target.contains("127.0.0.1:\(port)]")
    }.map { $0.bytes.prefix($0.result ?? 0) }
  }
}
