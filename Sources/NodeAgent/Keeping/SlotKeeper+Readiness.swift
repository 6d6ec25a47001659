import Kerberos
import Logging
import RotationCore

extension SlotKeeper {
  /// Goes on with the readiness of an agent that ran before this one in the same boot, if its proven keys are still installed.
  func recallReadiness() {
    guard let boot else { return }
    do throws(OperatorFault) {
      recorded = try ReadinessRecord.load(recordPath, boot: boot)
    } catch {
      logger.warning("\(error); the node counts as not ready until it is proven again")
    }
    if let recorded { readiness = Readiness(recorded, stands: isInstalled) }
  }

  /// Takes the accounts that the rotators bind to this node.
  func bindReadiness(_ bound: [AccountName]) {
    let ordered = Set(accounts.filter { $0.applied != nil }.map(\.account))
    readiness.bind(bound, unordered: Set(bound).subtracting(ordered))
    rememberReadiness()
  }

  /// Remembers that a domain controller's ticket opened with the Latest key of an account.
  func noteProof(of account: AccountName, with slot: HeldSlot) {
    readiness.prove(ReadinessRecord.Proof(account: account, rotation: slot.rotation, version: slot.version))
    rememberReadiness()
    updateReadinessFile()
  }

  /// Brings the readiness file up to what is known of the keytabs now.
  func updateReadiness() {
    readiness.confirm(
      accounts.map(\.account).filter { account in keytabs.paths(of: account).allSatisfy { keytabStates[$0]?.isFaulty == false }
      })
    updateReadinessFile()
  }

  private func updateReadinessFile() {
    serviceState.isInService = readiness.isInService
    forgetNewcomers()
    sayWhetherInService()
    do throws(OperatorFault) {
      if readiness.isInService { try readinessFile?.create() } else { try readinessFile?.remove() }
    } catch {
      journal.state(.error, of: "readiness file", "\(error)")
    }
  }

  private func sayWhetherInService() {
    let obstacle = readiness.obstacle
    guard (obstacle == nil) != wasInService else { return }
    wasInService = obstacle == nil
    if let obstacle {
      journal.state(.warning, of: "service", "out of service: \(obstacle)")
    } else {
      journal.state(.notice, of: "service", "in service")
    }
    showHoldings()
  }

  func rememberReadiness() {
    guard let boot else { return }
    let record = readiness.record(boot: boot)
    guard record != recorded else { return }
    do throws(OperatorFault) {
      try record.save(recordPath)
      recorded = record
      reached(.readinessSaved)
    } catch {
      journal.state(.error, of: "readiness record", "\(error)")
    }
  }

  /// Whether every keytab of the account holds the proven key, as it is in the slot file.
  private func isInstalled(_ proof: ReadinessRecord.Proof) -> Bool {
    guard let slots = accounts.first(where: { $0.account == proof.account }),
      let slot = slots.slots.first(where: { $0.rotation == proof.rotation && $0.version == proof.version }),
      let files = try? keytabs.installed(keytabs.principals(of: slots))
    else { return false }
    return !files.isEmpty
      && files.allSatisfy { file in
        let installed = file.entries.filter { $0.version == slot.version }.map(\.key)
        return slot.keys.keys.allSatisfy { key in
          installed.contains { $0.encryptionType == key.encryptionType && $0.bytes == key.bytes }
        }
      }
  }
}
