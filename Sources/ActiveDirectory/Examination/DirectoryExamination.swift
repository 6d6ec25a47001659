package import RotationCore

/// What to look at on a domain controller.
package struct ExaminationQuery: Sendable, Equatable {
  /// The accounts whose passwords are rotated.
  package var accounts: [AccountName]
  /// The rotator's own principal, without the realm.
  package var rotator: String
  /// The attribute that carries the stamp; `nil` where there is none.
  package var stampAttribute: String?

  /// Makes a query from its parts.
  package init(accounts: [AccountName], rotator: String, stampAttribute: String?) {
    self.accounts = accounts
    self.rotator = rotator
    self.stampAttribute = stampAttribute
  }
}

/// One account as a domain controller has it.
package struct ExaminedAccount: Sendable, Equatable {
  /// The account.
  package var principal: ExaminedPrincipal
  /// What the rotator may do to it; `nil` if that could not be found out.
  package var rights: TrusteeRights?

  /// Pairs an account with the rights on it.
  package init(principal: ExaminedPrincipal, rights: TrusteeRights?) {
    self.principal = principal
    self.rights = rights
  }
}

/// What a domain controller has of the things that rotations depend on.
package struct DirectoryExamination: Sendable, Equatable {
  /// The controller.
  package var server: DirectoryServer
  /// The controllers of its domain as it lists them.
  package var controllers: [ListedController]
  /// The accounts that it has; one that it does not have is missing here.
  package var accounts: [AccountName: ExaminedAccount]
  /// The rotator's own account; `nil` if it has none.
  package var rotator: ExaminedPrincipal?

  /// Makes an examination from its parts.
  package init(
    server: DirectoryServer, controllers: [ListedController], accounts: [AccountName: ExaminedAccount],
    rotator: ExaminedPrincipal?
  ) {
    self.server = server
    self.controllers = controllers
    self.accounts = accounts
    self.rotator = rotator
  }

  /// Whether it takes no writes (RODC).
  package var isReadOnly: Bool {
    controllers.contains { $0.isReadOnly && $0.dnsHostName.comparableHostName == server.dnsHostName.comparableHostName }
  }
}
