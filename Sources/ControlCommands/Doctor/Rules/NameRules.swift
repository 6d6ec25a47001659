import RotationCore

/// Judges who has the SPNs of an account.
struct NameRules {
  private let account: AccountEvidence
  private let holders: [ServicePrincipalNameHolder]?
  private let found: AdministeredAccount

  /// - Parameter holders: Who in the forest has the SPNs; `nil` where no global catalog could be asked.
  init(_ account: AccountEvidence, holders: [ServicePrincipalNameHolder]?, _ found: AdministeredAccount) {
    self.account = account
    self.holders = holders
    self.found = found
  }

  /// One check for each SPN of the configuration, and one for those that it does not name.
  var checks: [DoctorCheck] { named + [unconfigured] }

  /// One check for each SPN of the configuration.
  var named: [DoctorCheck] { account.servicePrincipalNames.map(check) }

  private func check(_ name: ServicePrincipalName) -> DoctorCheck {
    let subject = "SPN \(name)"
    let claim = "is on \(account.name) and on no other object of the forest"
    let isRegistered = Self.holds(found.servicePrincipalNames, name)
    guard let holders else {
      guard isRegistered else { return DoctorCheck(subject, claim, missing(name, subject)) }
      return DoctorCheck(subject, claim, impossible: "no global catalog could be searched for other objects with it")
    }
    let others = holders.filter { $0.objectGUID != found.objectGUID && Self.holds($0.servicePrincipalNames, name) }
    if others.isEmpty { return DoctorCheck(subject, claim, isRegistered ? nil : missing(name, subject)) }
    return DoctorCheck(subject, claim, misplaced(name, subject, others, isRegistered: isRegistered))
  }

  private static func holds(_ names: [String], _ name: ServicePrincipalName) -> Bool {
    names.contains { $0.lowercased() == name.description.lowercased() }
  }

  private func missing(_ name: ServicePrincipalName, _ subject: String) -> DoctorFinding {
    DoctorFinding(.nameUnregistered, subject, "no object has it registered", words(name))
  }

  private func misplaced(
    _ name: ServicePrincipalName, _ subject: String, _ others: [ServicePrincipalNameHolder], isRegistered: Bool
  ) -> DoctorFinding {
    let places = others.map(\.distinguishedName).joined(separator: ", ")
    let evidence =
      isRegistered ? "besides \(found.distinguishedName), \(places) has it registered" : "\(places) has it registered"
    let machine = others.first { other in account.nodes.contains { $0.isMachine(named: other.samAccountName ?? "") } }
    let holder = machine ?? others.first
    let kind: FindingKind = machine != nil ? .nameOnNode : isRegistered ? .nameDuplicate : .nameElsewhere
    let holderName = holder?.samAccountName ?? holder?.distinguishedName ?? ""
    return DoctorFinding(kind, subject, evidence, words(name).merging(["HOLDER": holderName]) { $1 })
  }

  private var unconfigured: DoctorCheck {
    let known = Set(account.servicePrincipalNames.map { $0.description.lowercased() })
    let extra = found.servicePrincipalNames.filter { !known.contains($0.lowercased()) }
    return DoctorCheck(
      "account \(account.name)", "has no SPN that the configuration does not name",
      extra.map {
        DoctorFinding(
          .nameUnconfigured, "SPN \($0)", "it is registered on \(account.name), and not among its servicePrincipalNames",
          ["SPN": $0, "ACCOUNT": account.name.samAccountName])
      })
  }

  private func words(_ name: ServicePrincipalName) -> [String: String] {
    ["SPN": name.description, "ACCOUNT": account.name.samAccountName]
  }
}
