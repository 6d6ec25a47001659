package import RotationCore

extension Asa_Agent_V1_Decommission {
  /// The accounts whose keys are to be destroyed.
  ///
  /// - Throws: ``OperatorFault`` of kind `.protocol` naming the malformed field.
  package func accountNames() throws(OperatorFault) -> [AccountName] {
    let reader = WireReader(message: "decommission")
    return try reader.list(accounts, "accounts", limit: WireLimits.accounts, reader.account)
  }
}

extension Asa_Agent_V1_LeftBehind {
  /// The account that a rotation goes on with.
  ///
  /// - Throws: ``OperatorFault`` of kind `.protocol` naming the malformed field.
  package func accountName() throws(OperatorFault) -> AccountName {
    try WireReader(message: "left behind").account(account, "account")
  }
}
