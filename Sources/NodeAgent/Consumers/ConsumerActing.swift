package import Configuration
import Foundation
import Logging
package import RotationCore
import Systemd

/// Makes a consumer read its keytab again.
package protocol ConsumerActing: Sendable {
  /// Reloads or restarts it, and returns when it serves again.
  ///
  /// - Throws: ``OperatorFault`` naming the consumer, if it did not come back.
  func renew(_ consumer: ConsumerConfiguration) async throws(OperatorFault)
}

/// Renews consumers through systemd, or by the command that the node's own file names.
package struct SystemConsumers: ConsumerActing {
  private let units = ConsumerUnits()
  private let environment: [String]

  /// Nothing is connected yet.
  ///
  /// - Parameter environment: What commands are started with, `NAME=VALUE` each: the agent's own is cut off from the site's Kerberos configuration.
  package init(environment: [String]) { self.environment = environment }

  /// Does what the configuration says, and waits.
  package func renew(_ consumer: ConsumerConfiguration) async throws(OperatorFault) {
    switch consumer.action {
    case .reload(let unit): try await units.renew(unit, by: .reload, within: consumer.timeout)
    case .restart(let unit): try await units.renew(unit, by: .restart, within: consumer.timeout)
    case .command(let words): try await ConsumerCommand(words: words, environment: environment, timeout: consumer.timeout).run()
    }
  }
}
