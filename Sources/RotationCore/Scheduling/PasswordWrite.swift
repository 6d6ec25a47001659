/// Sends the sealed password of a plan to the pinned domain controller.
struct PasswordWrite: Sendable {
  let settings: ManagedAccount
  let plan: RotationPlan
  let store: any RotationStoring
  let expected: Stamp
  let replacement: Stamp

  init(settings: ManagedAccount, plan: RotationPlan, store: any RotationStoring, from expected: Stamp, to replacement: Stamp) {
    self.settings = settings
    self.plan = plan
    self.store = store
    self.expected = expected
    self.replacement = replacement
  }

  func run() async -> DirectoryWriteAnswer {
    let secrets: RotationSecrets
    do throws(OperatorFault) {
      guard let sealed = try await store.secrets(of: plan.slot, account: settings.name) else {
        throw OperatorFault(.data, "account \(settings.name)", "the sealed password of rotation \(plan.slot) is missing")
      }
      secrets = sealed
    } catch { return .notSent(error) }
    let query = settings.query(for: plan)
    guard plan.isStampless == true else {
      return await settings.directory.setPassword(of: query, to: secrets.password, from: expected, to: replacement)
    }
    if await isSet(secrets) { return .applied }
    return await settings.directory.resetPassword(of: query, to: secrets.password)
  }

  /// Without a stamp nothing tells whether an earlier try has arrived, except the key that the domain controller issues tickets under.
  private func isSet(_ secrets: RotationSecrets) async -> Bool {
    guard let name = settings.ticketNames.first,
      let ticket = try? await settings.tickets.requestTicket(for: name)
    else { return false }
    return await ticket.handle.opens(with: secrets.keys)
  }
}
