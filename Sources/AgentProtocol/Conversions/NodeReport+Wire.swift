import Foundation
package import RotationCore
import SwiftProtobuf

extension NodeReport {
  /// Reads a report from the wire.
  ///
  /// - Throws: ``OperatorFault`` of kind `.protocol` naming the malformed field.
  package init(_ wire: Asa_Agent_V1_NodeReport) throws(OperatorFault) {
    let reader = WireReader(message: "node report")
    self.init(
      account: try reader.account(wire.account, "account"),
      epoch: try reader.epoch(wire.hasEpoch ? wire.epoch : nil, "epoch"), version: wire.version,
      refusal: wire.hasRefusal ? try reader.refusal(wire.refusal, "refusal") : nil,
      slots: try reader.list(wire.slots, "slots", limit: WireLimits.slots, reader.slotReport),
      checksums: try reader.list(wire.checksums, "checksums", limit: WireLimits.checksums, reader.checksum),
      nonce: try reader.bytes(wire.nonce, "nonce", limit: WireLimits.nonceBytes),
      keytabs: try reader.list(wire.keytabs, "keytabs", limit: WireLimits.keytabs, reader.keytab),
      drift: try reader.list(wire.drift, "drift", limit: WireLimits.keytabs, reader.drift),
      consumers: try reader.list(wire.consumers, "consumers", limit: WireLimits.consumers, reader.consumer))
  }

  /// The report as it travels.
  package var wire: Asa_Agent_V1_NodeReport {
    .with { report in
      report.account = account.description
      report.epoch = epoch.wire
      report.version = version
      if let refusal { report.refusal = refusal.wire }
      report.slots = slots.map(\.wire)
      report.checksums = checksums.map(\.wire)
      report.nonce = Data(nonce)
      report.keytabs = keytabs.map(\.wire)
      report.drift = drift.map(\.wire)
      report.consumers = consumers.map(\.wire)
    }
  }
}

extension SlotReport {
  fileprivate var wire: Asa_Agent_V1_SlotState {
    .with { state in
      state.rotation = rotation.description
      state.version = version.number
      state.position = position.wire
      state.fingerprint = fingerprint.description
      state.encryptionTypes = encryptionTypes
      state.setAt = Google_Protobuf_Timestamp(date: setAt)
      state.proven = isProven
      if let retireAfter { state.retireAfter = Google_Protobuf_Timestamp(date: retireAfter) }
    }
  }
}

extension KeyChecksum {
  fileprivate var wire: Asa_Agent_V1_Checksum {
    .with {
      $0.rotation = rotation.description
      $0.encryptionType = encryptionType
      $0.checksum = Data(bytes)
    }
  }
}

extension OrderRefusal {
  fileprivate var wire: Asa_Agent_V1_OrderRefusal {
    .with {
      $0.reason = reason.rawValue
      $0.message = message.clippedToWire
      $0.epoch = epoch.wire
      $0.version = version
    }
  }
}

extension KeytabDrift {
  fileprivate var wire: Asa_Agent_V1_KeytabDrift {
    .with {
      $0.path = path
      $0.kind = kind.rawValue
      $0.problem = problem.clippedToWire
      $0.foundAt = Google_Protobuf_Timestamp(date: foundAt)
    }
  }
}

extension ConsumerReport {
  fileprivate var wire: Asa_Agent_V1_ConsumerState {
    .with {
      $0.name = name
      $0.state = state.rawValue
      $0.problem = (problem ?? "").clippedToWire
      $0.turnSeconds = UInt32(clamping: turnSeconds)
    }
  }
}

extension KeytabReport {
  fileprivate var wire: Asa_Agent_V1_KeytabState {
    .with {
      $0.path = path
      $0.fault = (fault ?? "").clippedToWire
    }
  }
}

extension WireReader {
  fileprivate func slotReport(_ wire: Asa_Agent_V1_SlotState, _ field: String) throws(OperatorFault) -> SlotReport {
    SlotReport(
      rotation: try rotation(wire.rotation, "\(field).rotation"), version: KeyVersion(wire.version),
      position: try position(wire.position, "\(field).position"),
      fingerprint: try fingerprint(wire.fingerprint, "\(field).fingerprint"),
      encryptionTypes: try list(
        wire.encryptionTypes, "\(field).encryption_types", limit: WireLimits.encryptionTypes
      ) { (number, _) throws(OperatorFault) in number },
      setAt: try date(wire.hasSetAt ? wire.setAt : nil, "\(field).set_at"), isProven: wire.proven,
      retireAfter: wire.hasRetireAfter ? try date(wire.retireAfter, "\(field).retire_after") : nil)
  }

  fileprivate func checksum(_ wire: Asa_Agent_V1_Checksum, _ field: String) throws(OperatorFault) -> KeyChecksum {
    KeyChecksum(
      rotation: try rotation(wire.rotation, "\(field).rotation"), encryptionType: wire.encryptionType,
      bytes: try bytes(wire.checksum, "\(field).checksum", limit: WireLimits.checksumBytes))
  }

  fileprivate func keytab(_ wire: Asa_Agent_V1_KeytabState, _ field: String) throws(OperatorFault) -> KeytabReport {
    let fault = try text(wire.fault, "\(field).fault")
    return KeytabReport(path: try text(wire.path, "\(field).path"), fault: fault.isEmpty ? nil : fault)
  }

  // A state that this rotator does not know is one that it cannot wait for.
  fileprivate func consumer(_ wire: Asa_Agent_V1_ConsumerState, _ field: String) throws(OperatorFault) -> ConsumerReport {
    let problem = try text(wire.problem, "\(field).problem")
    return ConsumerReport(
      name: try text(wire.name, "\(field).name"),
      state: ConsumerReport.State(rawValue: try text(wire.state, "\(field).state")) ?? .failed,
      problem: problem.isEmpty ? nil : problem, turnSeconds: min(Int(wire.turnSeconds), WireLimits.turnSeconds))
  }

  // A newer agent may know kinds that this rotator does not.
  fileprivate func drift(_ wire: Asa_Agent_V1_KeytabDrift, _ field: String) throws(OperatorFault) -> KeytabDrift {
    KeytabDrift(
      path: try text(wire.path, "\(field).path"),
      kind: KeytabDrift.Kind(rawValue: try text(wire.kind, "\(field).kind")) ?? .contents,
      problem: try text(wire.problem, "\(field).problem"),
      foundAt: try date(wire.hasFoundAt ? wire.foundAt : nil, "\(field).found_at"))
  }

  // A newer agent may have reasons that this rotator does not know: they are `.other`, with the agent's own sentence.
  fileprivate func refusal(_ wire: Asa_Agent_V1_OrderRefusal, _ field: String) throws(OperatorFault) -> OrderRefusal {
    OrderRefusal(
      OrderRefusal.Reason(rawValue: try text(wire.reason, "\(field).reason")) ?? .other,
      try text(wire.message, "\(field).message"),
      epoch: try epoch(wire.hasEpoch ? wire.epoch : nil, "\(field).epoch"), version: wire.version)
  }
}
