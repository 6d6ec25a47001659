/// A domain as one of its controllers describes it.
package struct AdministeredDomain: Sendable, Equatable {
  /// The NetBIOS name, which stands before the backslash of an account's name.
  package var netBIOSName: String
  /// The distinguished name of its head.
  package var distinguishedName: String
  /// The DNS name of the controller that answered.
  package var server: String
  /// Whether that one takes no writes (RODC).
  package var isReadOnly: Bool
  /// The DNS name of the holder of the PDC emulator role; `nil` where it cannot be read.
  package var pdcEmulator: String?
  /// The controllers of the domain as the one that answered lists them.
  package var controllers: [ListedController]

  /// Makes a description from its parts.
  package init(
    netBIOSName: String, distinguishedName: String, server: String, isReadOnly: Bool, pdcEmulator: String?,
    controllers: [ListedController]
  ) {
    self.netBIOSName = netBIOSName
    self.distinguishedName = distinguishedName
    self.server = server
    self.isReadOnly = isReadOnly
    self.pdcEmulator = pdcEmulator
    self.controllers = controllers
  }
}
