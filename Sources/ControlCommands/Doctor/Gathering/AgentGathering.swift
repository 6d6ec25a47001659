import Configuration
import Glibc
import NIOCore
import NIOPosix
import PosixStatus
import RotationCore

/// Looks at this node's agent from outside.
struct AgentGathering: Sendable {
  let configuration: AgentConfiguration
  let path: String
  let lookup: SharedNameLookup
  let progress: ExaminationProgress

  private static let patience = TimeAmount.seconds(3)

  /// Looks.
  func evidence() async -> AgentEvidence {
    var rotators: [(label: String, fault: OperatorFault?)] = []
    for rotator in configuration.rotators {
      let obstacle = await progress.during("rotator \(rotator.label)") { await fault(connectingTo: rotator) }
      rotators.append((rotator.label, obstacle))
    }
    return AgentEvidence(
      node: configuration.node, configuration: path, isRunning: isRunning,
      readiness: configuration.readinessFile.map { ($0, FileStatus(path: $0) != nil) }, rotators: rotators)
  }

  /// Whether an agent holds its state directory; `nil` if we may not see that. The lock is let go at once, so that an agent that starts in
  /// this very moment hardly ever meets it.
  private var isRunning: Bool? {
    let descriptor = open("\(configuration.stateDirectory)/lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return errno == ENOENT ? false : nil }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return false }
    return errno == EWOULDBLOCK ? true : nil
  }

  private func fault(connectingTo rotator: RotatorEndpointConfiguration) async -> OperatorFault? {
    let subject = "rotator \(rotator.label) (\(rotator.host) port \(rotator.port))"
    let addresses = await lookup.addresses(of: rotator.host)
    guard !addresses.isEmpty else { return OperatorFault(.unavailable, subject, "its name does not resolve") }
    var problem = ""
    for address in addresses {
      do {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(Self.patience)
        try await bootstrap.connect(host: address, port: rotator.port).get().close()
        return nil
      } catch let error as IOError {
        problem = String(cString: strerror(error.errnoCode))
      } catch {
        problem = "no answer within \(Self.patience.nanoseconds / 1_000_000_000) s"
      }
    }
    return OperatorFault(.unavailable, subject, "cannot be connected to: \(problem)")
  }
}
