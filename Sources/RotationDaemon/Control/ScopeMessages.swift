import ControlProtocol
import RotationCore
import SwiftProtobuf

extension RotationScope {
  /// - Throws: `OperatorFault` of kind `.usage` unless exactly one of the three is given.
  init(_ message: Asa_Control_V1_Scope) throws(OperatorFault) {
    switch (message.entireForest, message.arrays.isEmpty, message.nodes.isEmpty) {
    case (true, true, true): self = .entireForest
    case (false, false, true): self = .arrays(message.arrays.map(NamePattern.init))
    case (false, true, false): self = .nodes(message.nodes.map(NamePattern.init))
    default:
      throw OperatorFault(
        .usage, "scope", "is not exactly one of all nodes, arrays, and nodes", remedy: "give one of them")
    }
  }
}

extension Asa_Control_V1_ScopedAccount {
  init(_ scoped: ScopedAccount) {
    self.init()
    account = scoped.account.description
    destinations = scoped.destinations.map(Asa_Control_V1_ArrayMembers.init)
    leftOut = scoped.leftOut.map(\.description)
    if let refusal = scoped.fault { fault = .init(refusal) }
  }
}
