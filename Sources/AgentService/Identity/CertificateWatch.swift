import Foundation
import Logging
import RotationCore

/// Looks at the rotator's certificate files again and again, so that a renewed certificate serves without anybody's doing.
actor CertificateWatch {
  /// How often a fault that stays is said again.
  private static let reminder: Duration = .seconds(3600)

  private let credentials: CredentialsInForce
  private let nodes: AttachedNodes
  private let interval: Duration
  private let logger: Logger
  private let executor = BlockingExecutor(label: "certificate-watch")
  private var fault: (said: OperatorFault, at: ContinuousClock.Instant)?

  init(_ credentials: CredentialsInForce, nodes: AttachedNodes, interval: Duration, logger: Logger) {
    self.credentials = credentials
    self.nodes = nodes
    self.interval = interval
    self.logger = logger
  }

  /// Files are read.
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Runs until the task is cancelled.
  func run() async {
    while (try? await Task.sleep(for: interval)) != nil { await look() }
  }

  private func look() async {
    do throws(OperatorFault) {
      let found = try ServerCredentials(credentials.files, now: Date())
      fault = nil
      guard let hasOtherAuthorities = credentials.renew(found) else { return }
      logger.notice(
        "The certificate files have changed and are in force", metadata: ["expires": "\(found.notAfter.formatted(.iso8601))"])
      if hasOtherAuthorities { await nodes.reverify() }
    } catch {
      say(error)
    }
  }

  // What was read before stays in force: a renewal may be half done.
  private func say(_ fault: OperatorFault) {
    if let last = self.fault, last.said == fault, ContinuousClock.now - last.at < Self.reminder { return }
    self.fault = (fault, .now)
    logger.warning("\(fault); the certificates read before stay in force")
  }
}
