// MARK: - Some of the nodes

extension RotationScheduler {
  /// The accounts that some node of a scope holds, with what the scope leaves out of each.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput` for a pattern that nothing fits; it names the nearest.
  package func resolve(_ scope: RotationScope) throws(OperatorFault) -> [ScopedAccount] {
    try scopes.accounts(in: scope)
  }

  var scopes: ScopeResolution {
    ScopeResolution(accounts: configuredAccounts.compactMap { settings[$0] }, unawaited: unawaitedNodes)
  }

  /// Why a rotation that is about to begin does not fit the scope that was named for it; `nil` if it does. A plan is made for the configuration
  /// that stands now, and no other takes its place before the rotation is over.
  func obstacle(to scope: RotationScope, of account: AccountName) -> OperatorFault? {
    do throws(OperatorFault) {
      guard let scoped = try resolve(scope).first(where: { $0.account == account }) else {
        return OperatorFault(
          .usage, "account \(account)", "no node of the scope holds it",
          remedy: "name nodes or arrays of the account, or leave the scope away: a rotation comes to all nodes of its account")
      }
      return scoped.fault
    } catch { return error }
  }
}
