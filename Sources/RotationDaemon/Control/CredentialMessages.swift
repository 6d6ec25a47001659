import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf

// Copies, removals and prunings as messages of the control protocol.

extension Asa_Control_V1_CopyProgress {
  init(_ progress: CopyProgress) {
    self.init()
    switch progress {
    case .begun(let places): begun = .with { $0.targets = places.map(Asa_Control_V1_CopyTarget.init) }
    case .confirmed(let place, let slots):
      node = .with {
        $0.account = place.account.description
        $0.node = place.node.description
        $0.slots = slots.map(Asa_Control_V1_SlotStatus.init)
      }
    case .failed(let place, let problem):
      node = .with {
        $0.account = place.account.description
        $0.node = place.node.description
        $0.fault = .init(problem)
      }
    case .refused(let refusal): fault = .init(refusal)
    }
  }
}

extension Asa_Control_V1_CopyTarget {
  init(_ place: CredentialPlace) {
    self.init()
    account = place.account.description
    node = place.node.description
  }
}

extension Asa_Control_V1_RemoveCredentialReply {
  init(_ receipt: RemovalReceipt) {
    self.init()
    removed = receipt.items.map { item in
      .with {
        $0.account = item.place.account.description
        $0.node = item.place.node.description
        $0.versions = item.versions.map(\.number)
        $0.lostVersions = item.lost.map(\.number)
      }
    }
    warnings = receipt.warnings
  }
}

extension Asa_Control_V1_PrunedAccount {
  init(_ receipt: PruneReceipt) {
    self.init()
    account = receipt.account.description
    keys = receipt.keys.map(Asa_Control_V1_PruneStatus.init)
    away = receipt.away.map(\.description)
  }
}
