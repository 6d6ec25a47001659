import AgentProtocol
import Configuration
import Logging
import RotationCore
import SecretMemory

extension SlotKeeper {
  /// Brings the bound accounts up to what the rotators say of them, and makes the result durable. What cannot be adopted is noted, and
  /// leaves the other accounts alone.
  ///
  /// - Throws: ``OperatorFault`` if the slot file cannot be written; nothing has changed then.
  func bind(under secret: SecretBytes) throws(OperatorFault) {
    var bound = accounts
    var faults: [AccountName: OperatorFault] = [:]
    for binding in rotators.bindings where !keytabs.paths(of: binding.account).isEmpty {
      do throws(OperatorFault) {
        let slots = try updated(bound.first { $0.account == binding.account }, as: binding, under: secret)
        bound.removeAll { $0.account == binding.account }
        bound.append(slots)
      } catch {
        faults[binding.account] = error
        journal.state(.error, of: "adoption \(binding.account)", "\(error)", metadata: ["account": "\(binding.account)"])
      }
    }
    if bound != accounts {
      try file.save(bound)
      reached(.adoptionSaved)
    }
    accounts = bound
    bindingFaults = faults
  }

  /// Tries again to adopt what could not be: somebody may have put the keytabs in order.
  ///
  /// - Returns: The accounts of which there is something new to report.
  func adoptAgain() -> Set<AccountName> {
    guard let secret = rotators.secret, !bindingFaults.isEmpty else { return [] }
    let former = bindingFaults
    do throws(OperatorFault) { try bind(under: secret) } catch { journal.state(.error, of: "slot file", "\(error)") }
    return Set(former.filter { account, fault in bindingFaults[account] != fault }.keys)
  }

  private func updated(
    _ held: NodeSlots?, as binding: AccountBinding, under secret: SecretBytes
  ) throws(OperatorFault) -> NodeSlots {
    var slots =
      held
      ?? NodeSlots(account: binding.account, realm: binding.realm, servicePrincipalNames: binding.servicePrincipalNames)
    if slots.applied == nil {
      slots.realm = binding.realm
      slots.rename(to: binding.servicePrincipalNames)
      try adopt(into: &slots, under: secret)
    }
    // Another store has another secret; the keys are the same, their names are not.
    for index in slots.slots.indices {
      slots.slots[index].fingerprint = KeyFingerprint(of: slots.slots[index].keys, under: secret)
    }
    return slots
  }

  /// Reads the account's keys from its keytabs; what was proven of a key before stays proven.
  func adopt(into slots: inout NodeSlots, under secret: SecretBytes) throws(OperatorFault) {
    let found = try Adoption.slots(
      from: try keytabs.installed(keytabs.principals(of: slots)), of: slots.account, under: secret)
    let known = slots.slots
    slots.slots = found.map { slot in
      known.first { $0.version == slot.version && $0.keys.keys == slot.keys.keys } ?? slot
    }
  }
}
