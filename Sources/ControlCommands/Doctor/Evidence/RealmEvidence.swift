package import ActiveDirectory
package import Configuration
package import Foundation
package import RotationCore

/// What was seen of one realm's domain controllers.
package struct RealmEvidence: Sendable {
  /// The realm.
  package var realm: Realm
  /// Which of the controllers the configuration has passwords set on.
  package var writer: DirectoryConfiguration.Writer
  /// Whether the configuration names the controllers; if not, DNS does.
  package var namesControllers: Bool
  /// The controllers, as far as they were asked.
  package var controllers: [ControllerEvidence]
  /// Why there are none.
  package var discoveryFault: OperatorFault?
  /// As whom they were asked, and whether they took it.
  package var signOn: SignOnEvidence
  /// The rotator's own principal, without the realm.
  package var rotator: String
  /// Its keytab.
  package var rotatorKeytab: String
  /// The attribute that carries the rotator's claim; `nil` where rotations leave none.
  package var stampAttribute: String?
  /// Who in the forest has SPNs of the configuration; `nil` where no global catalog could be asked.
  package var holders: [ServicePrincipalNameHolder]?
  /// How far clocks may differ, in seconds.
  package var clockSkew: TimeInterval

  /// Makes evidence from its parts.
  package init(
    realm: Realm, writer: DirectoryConfiguration.Writer, namesControllers: Bool, controllers: [ControllerEvidence],
    discoveryFault: OperatorFault? = nil, signOn: SignOnEvidence, rotator: String, rotatorKeytab: String,
    stampAttribute: String?, holders: [ServicePrincipalNameHolder]? = nil, clockSkew: TimeInterval
  ) {
    self.realm = realm
    self.writer = writer
    self.namesControllers = namesControllers
    self.controllers = controllers
    self.discoveryFault = discoveryFault
    self.signOn = signOn
    self.rotator = rotator
    self.rotatorKeytab = rotatorKeytab
    self.stampAttribute = stampAttribute
    self.holders = holders
    self.clockSkew = clockSkew
  }

  /// The controller that passwords are set on; `nil` if it is not known, or was not named.
  package var writingController: ControllerEvidence? {
    switch writer {
    case .named(let name): controllers.first { $0.name.comparableHostName == name.comparableHostName }
    case .pdcEmulator: controllers.first { $0.examined?.server.isPDCEmulator == true }
    }
  }

  /// The controller whose word counts: the one that is written to, or another that answers.
  package var authority: ControllerEvidence? {
    if let writer = writingController, writer.examined != nil { return writer }
    return controllers.first { $0.examined != nil }
  }
}

/// As whom the controllers were asked.
package enum SignOnEvidence: Sendable, Equatable {
  /// They took it.
  case taken
  /// This controller says that the keytab's key is not the account's.
  case keyRefused(by: String)
  /// This controller does not let the account sign on, whatever its key.
  case accountRefused(by: String, OperatorFault)
  /// The keytab cannot be read, or has no key of the principal.
  case withoutKey(OperatorFault)
  /// The person who asks has no ticket, or may not read the keytab.
  case impossible(OperatorFault)
  /// None that could have said so answered.
  case unanswered
}

/// What was seen of one domain controller.
package struct ControllerEvidence: Sendable {
  /// Its name in the configuration or in DNS.
  package var name: String
  /// What it says to anybody.
  package var greeting: Result<ControllerGreeting, OperatorFault>
  /// What it says to whom it knows; `nil`: nobody signed on to it.
  package var examination: Result<DirectoryExamination, OperatorFault>?
  /// The tickets that it issued.
  package var tickets: [ServicePrincipalName: Result<TicketEvidence, OperatorFault>]

  /// Makes evidence from its parts.
  package init(
    name: String, greeting: Result<ControllerGreeting, OperatorFault>,
    examination: Result<DirectoryExamination, OperatorFault>? = nil,
    tickets: [ServicePrincipalName: Result<TicketEvidence, OperatorFault>] = [:]
  ) {
    self.name = name
    self.greeting = greeting
    self.examination = examination
    self.tickets = tickets
  }

  /// What it says to whom it knows, if it does.
  package var examined: DirectoryExamination? { try? examination?.get() }
}

/// One service ticket, as far as its envelope tells.
package struct TicketEvidence: Sendable, Equatable {
  /// The kvno of the key that it is encrypted under.
  package var version: KeyVersion
  /// The encryption type (RFC 3961 number).
  package var encryptionType: Int32

  /// Makes evidence from its parts.
  package init(version: KeyVersion, encryptionType: Int32) {
    self.version = version
    self.encryptionType = encryptionType
  }
}
