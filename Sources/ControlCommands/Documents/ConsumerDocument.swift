package import ControlProtocol

/// One program on a node that caches a keytab, in `asactl status`.
package struct ConsumerDocument: Encodable, Sendable, Equatable {
  /// Its unit, or its command.
  package var name: String
  /// `current`, `pending`, `acting` or `failed`.
  package var state: String
  /// Why it failed.
  @NullIfAbsent package var problem: String?

  /// Reads the daemon's message.
  package init(_ consumer: Asa_Control_V1_ConsumerStatus) {
    name = consumer.name.visible
    state = consumer.state.visible
    problem = consumer.problem.visibleOrNil
  }
}
