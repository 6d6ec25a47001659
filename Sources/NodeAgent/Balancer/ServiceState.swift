import Synchronization

/// Whether the node is in service, for whoever answers a balancer.
package final class ServiceState: Sendable {
  private let inService = Mutex(false)

  /// Not in service.
  package init() {}

  /// Whether consumers on this node can be sent clients.
  package var isInService: Bool {
    get { inService.withLock { $0 } }
    set { inService.withLock { $0 = newValue } }
  }
}
