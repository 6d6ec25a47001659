import ActiveDirectory
import Configuration
import RotationCore

/// What domain controllers have, and say, of an account that this node holds keys of.
struct NodeAccountEvidence: Sendable {
  let account: AccountName
  /// The SPNs that clients ask for, as far as this node tells.
  let servicePrincipalNames: [ServicePrincipalName]
  /// Whether the account may sign on.
  let signOn: SignOnEvidence
  /// The account; `nil` if nobody told.
  let found: AdministeredAccount?
  /// Who in the forest has the SPNs; `nil` if nobody told.
  let holders: [ServicePrincipalNameHolder]?

  init(_ keytab: KeytabConfiguration, _ names: [ServicePrincipalName], _ answers: DirectoryTrial.Answers) {
    account = keytab.account
    servicePrincipalNames = names
    signOn = answers.signOn
    found = answers.account
    holders = answers.holders
  }
}

extension DirectoryTrial.Answers {
  /// Why no ticket was asked for.
  var obstacle: String? {
    switch signOn {
    // The rotator may know them by its configuration.
    case .taken, .keyRefused, .unanswered: discoveryFault.map { "\($0.problem); name one with --dc" }
    case .accountRefused(let controller, let fault): "\(controller): \(fault.problem)"
    case .withoutKey(let fault), .impossible(let fault): "\(fault.problem), and you have no Kerberos ticket of your own (kinit)"
    }
  }
}
