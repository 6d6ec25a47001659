/// Renders an account as it was last read in Active Directory.
struct AccountPropertiesRendering {
  let time: LocalTime

  /// A line for each property, with its name in front.
  func lines(_ properties: AccountPropertiesDocument?, account: String) -> [String] {
    guard let properties else { return ["it has not been read yet"] }
    let names = properties.servicePrincipalNames
    return [
      "Class:              \(properties.kind)", "Name:               \(account)",
      "Distinguished name: \(properties.distinguishedName)",
      "Password last set:  \(time.text(properties.passwordLastSet))",
      "SPNs:               \(names.isEmpty ? "none" : names.joined(separator: ", "))",
    ]
  }
}
