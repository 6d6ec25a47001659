import Foundation
package import RotationCore
package import SecretMemory
import SwiftProtobuf

/// An account that a node holds, as the rotator's configuration has it.
package struct AccountBinding: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// Its realm.
  package var realm: Realm
  /// The SPNs that clients use.
  package var servicePrincipalNames: [ServicePrincipalName]
  /// How the node can look at the account in the directory by itself; `nil`: it cannot.
  package var watch: DirectoryWatch?

  /// Makes a binding from its parts.
  package init(account: AccountName, realm: Realm, servicePrincipalNames: [ServicePrincipalName], watch: DirectoryWatch? = nil)
  {
    self.account = account
    self.realm = realm
    self.servicePrincipalNames = servicePrincipalNames
    self.watch = watch
  }
}

/// The rotator's acceptance of a stream.
package struct AttachWelcome: Sendable, Equatable {
  /// The rotator's store.
  package var rotator: RotatorID
  /// The secret under which key fingerprints are computed; 32 bytes.
  package var fingerprintSecret: SecretBytes
  /// The accounts that the node holds.
  package var accounts: [AccountBinding]

  /// Makes a welcome from its parts.
  package init(rotator: RotatorID, fingerprintSecret: SecretBytes, accounts: [AccountBinding]) {
    self.rotator = rotator
    self.fingerprintSecret = fingerprintSecret
    self.accounts = accounts
  }

  /// Reads a welcome from the wire.
  ///
  /// - Throws: ``OperatorFault`` of kind `.protocol` naming the malformed field.
  package init(_ wire: Asa_Agent_V1_Welcome) throws(OperatorFault) {
    let reader = WireReader(message: "welcome")
    guard let rotator = RotatorID(wire.rotator) else { throw reader.fault("rotator", "is not a rotator id") }
    guard wire.fingerprintSecret.count == 32 else { throw reader.fault("fingerprint_secret", "is not 32 bytes long") }
    self.init(
      rotator: rotator, fingerprintSecret: wire.fingerprintSecret.withUnsafeBytes { SecretBytes(copying: $0) },
      accounts: try reader.list(wire.accounts, "accounts", limit: WireLimits.accounts, reader.binding))
  }

  /// The welcome as it travels. The secret is copied into `Data`, which protobuf demands: build this last and let go of it.
  package var wire: Asa_Agent_V1_Welcome {
    .with {
      $0.rotator = rotator.description
      $0.fingerprintSecret = fingerprintSecret.withUnsafeBytes { Data($0) }
      $0.accounts = accounts.map(\.wire)
    }
  }
}

extension AccountBinding {
  fileprivate var wire: Asa_Agent_V1_AccountBinding {
    .with {
      $0.account = account.description
      $0.realm = realm.description
      $0.servicePrincipalNames = servicePrincipalNames.map(\.description)
      if let watch { $0.watch = watch.wire }
    }
  }
}

extension WireReader {
  fileprivate func binding(_ wire: Asa_Agent_V1_AccountBinding, _ field: String) throws(OperatorFault) -> AccountBinding {
    AccountBinding(
      account: try account(wire.account, "\(field).account"), realm: try realm(wire.realm, "\(field).realm"),
      servicePrincipalNames: try list(
        wire.servicePrincipalNames, "\(field).service_principal_names", limit: WireLimits.servicePrincipalNames,
        servicePrincipalName),
      watch: wire.hasWatch ? try DirectoryWatch(wire.watch, field: "\(field).watch", reader: self) : nil)
  }
}
