import Foundation
import RotationCore

/// One search entry, copied out of libldap's memory.
struct LDAPEntry {
  let distinguishedName: String
  private let values: [String: [[UInt8]]]

  /// Attribute names are compared without regard to case.
  init(distinguishedName: String, values: [String: [[UInt8]]]) {
    self.distinguishedName = distinguishedName
    self.values = Dictionary(values.map { ($0.lowercased(), $1) }, uniquingKeysWith: +)
  }

  func all(_ attribute: String) -> [[UInt8]] { values[attribute.lowercased()] ?? [] }

  func bytes(_ attribute: String) -> [UInt8]? { all(attribute).first }

  func texts(_ attribute: String) -> [String] { all(attribute).map { String(decoding: $0, as: UTF8.self) } }

  func text(_ attribute: String) -> String? { texts(attribute).first }

  func identifier(_ attribute: String) -> UUID? { bytes(attribute).flatMap { UUID(directoryBytes: $0) } }

  func number<Number: FixedWidthInteger>(_ attribute: String, as type: Number.Type = Number.self) -> Number? {
    text(attribute).flatMap { Number($0) }
  }

  /// A 32-bit attribute, which the directory writes as a signed number whatever it means.
  func bits(_ attribute: String) -> UInt32? {
    number(attribute, as: Int64.self).map { UInt32(truncatingIfNeeded: $0) }
  }

  /// A value without which the entry is of no use.
  func required<Value>(_ attribute: String, _ value: Value?) throws(LDAPFailure) -> Value {
    guard let value else {
      throw .fault(
        OperatorFault(
          .permission, distinguishedName.isEmpty ? "RootDSE" : distinguishedName, "its \(attribute) cannot be read",
          remedy: "let whoever asks read it: the rotator's account, or yours"))
    }
    return value
  }
}
