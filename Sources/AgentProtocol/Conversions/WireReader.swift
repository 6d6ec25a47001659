import Foundation
import RotationCore
import SwiftProtobuf

/// Turns wire fields into core values. Every fault is of kind `.protocol` and names the message and the field, never the content.
struct WireReader {
  /// The message being read, as a person would call it.
  let message: String

  func fault(_ field: String, _ problem: String) -> OperatorFault {
    OperatorFault(
      .protocol, "\(message), field \(field)", problem, remedy: "run versions of the rotator and the agent that fit each other")
  }

  func text(_ value: String, _ field: String) throws(OperatorFault) -> String {
    guard value.utf8.count <= WireLimits.textBytes else { throw fault(field, "is longer than \(WireLimits.textBytes) bytes") }
    return value
  }

  func bytes(_ value: Data, _ field: String, limit: Int) throws(OperatorFault) -> [UInt8] {
    guard value.count <= limit else { throw fault(field, "is longer than \(limit) bytes") }
    return Array(value)
  }

  func list<Wire, Value>(
    _ items: [Wire], _ field: String, limit: Int, _ read: (Wire, String) throws(OperatorFault) -> Value
  ) throws(OperatorFault) -> [Value] {
    guard items.count <= limit else { throw fault(field, "has \(items.count) entries, more than the \(limit) allowed") }
    var values: [Value] = []
    for (index, item) in items.enumerated() { values.append(try read(item, "\(field)[\(index)]")) }
    return values
  }

  func account(_ value: String, _ field: String) throws(OperatorFault) -> AccountName {
    guard let account = try? AccountName(text(value, field)) else { throw fault(field, "is not of the form DOMAIN\\name") }
    return account
  }

  func realm(_ value: String, _ field: String) throws(OperatorFault) -> Realm {
    guard !value.isEmpty, try text(value, field).utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw fault(field, "is not a realm")
    }
    return Realm(value)
  }

  func servicePrincipalName(_ value: String, _ field: String) throws(OperatorFault) -> ServicePrincipalName {
    guard let name = try? ServicePrincipalName(text(value, field)) else {
      throw fault(field, "is not of the form service/host")
    }
    return name
  }

  /// An SPN, or the own name of the account.
  func ticketName(_ value: String, of account: AccountName, _ field: String) throws(OperatorFault) -> ServicePrincipalName {
    value == account.samAccountName
      ? ServicePrincipalName(ownNameOf: account) : try servicePrincipalName(value, field)
  }

  func rotation(_ value: String, _ field: String) throws(OperatorFault) -> RotationID {
    guard let rotation = RotationID(value) else { throw fault(field, "is not a rotation id") }
    return rotation
  }

  func fingerprint(_ value: String, _ field: String) throws(OperatorFault) -> KeyFingerprint {
    guard let fingerprint = KeyFingerprint(value) else { throw fault(field, "is not a key fingerprint") }
    return fingerprint
  }

  func epoch(_ value: Asa_Agent_V1_Epoch?, _ field: String) throws(OperatorFault) -> Epoch {
    guard let value else { throw fault(field, "is missing") }
    return Epoch(era: value.era, number: value.number)
  }

  func date(_ value: Google_Protobuf_Timestamp?, _ field: String) throws(OperatorFault) -> Date {
    guard let value else { throw fault(field, "is missing") }
    // The range of google.protobuf.Timestamp: years 1 to 9999.
    guard (-62_135_596_800...253_402_300_799).contains(value.seconds), (0...999_999_999).contains(value.nanos) else {
      throw fault(field, "is not a time")
    }
    return value.date
  }

  func position(_ value: Asa_Agent_V1_SlotPosition, _ field: String) throws(OperatorFault) -> SlotPosition {
    switch value {
    case .next: return .next
    case .latest: return .latest
    case .previous: return .previous
    case .retiring: return .retiring
    case .unspecified, .UNRECOGNIZED: throw fault(field, "is not a slot position")
    }
  }
}

extension SlotPosition {
  var wire: Asa_Agent_V1_SlotPosition {
    switch self {
    case .next: .next
    case .latest: .latest
    case .previous: .previous
    case .retiring: .retiring
    }
  }
}

extension Epoch {
  var wire: Asa_Agent_V1_Epoch {
    .with {
      $0.era = era
      $0.number = number
    }
  }
}
