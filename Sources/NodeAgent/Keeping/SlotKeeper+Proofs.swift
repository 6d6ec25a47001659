package import AgentProtocol
import Configuration
import Kerberos
import Logging
package import RotationCore

extension SlotKeeper {
  /// Accepts an AP-REQ with the *installed* keytab that holds its SPN, as a consumer would; a trial leaves everything as it is.
  package func prove(_ proof: AcceptanceProof) -> ProofAnswer {
    reached(.proofReceived)
    do throws(OperatorFault) {
      let (slots, path) = try place(of: proof)
      let ticket = try TicketAcceptor.accept(
        proof.request, for: proof.servicePrincipalName, realm: slots.realm, keytab: path)
      let rotation =
        proof.isTrial
        ? slots.slots.first { $0.version == ticket.version }?.rotation : noteTicket(of: slots.account, under: ticket.version)
      return ProofAnswer(outcome: .success(ticket.reply), rotation: rotation)
    } catch {
      journal.state(
        .warning, of: "proof \(accounts.contains { $0.account == proof.account } ? "\(proof.account)" : "")",
        "ticket not accepted: \(error)",
        metadata: ["account": "\(proof.account)", "spn": "\(proof.servicePrincipalName)"])
      return ProofAnswer(outcome: .failure(error), rotation: nil)
    }
  }

  private func place(of proof: AcceptanceProof) throws(OperatorFault) -> (NodeSlots, String) {
    guard let slots = accounts.first(where: { $0.account == proof.account }),
      let path = keytabs.path(of: proof.account, holding: proof.servicePrincipalName)
    else {
      throw OperatorFault(
        .configuration, "node \(configuration.node)", "no keytab holds \(proof.servicePrincipalName) of \(proof.account)",
        remedy: "name the account in a keytab of the agent's configuration")
    }
    return (slots, path)
  }

  /// Makes the slot proven, durably; a failure to write that down costs no more than another proof.
  private func noteTicket(of account: AccountName, under version: KeyVersion) -> RotationID? {
    guard let index = accounts.firstIndex(where: { $0.account == account }) else { return nil }
    var changed = accounts
    let rotation = changed[index].ticketOpened(under: version, now: now())
    if changed != accounts {
      accounts = changed
      do throws(OperatorFault) { try file.save(changed) } catch { logger.error("\(error)") }
      reached(.proofSaved)
      note(keytabs.install(changed), because: .order)
      rotators.send(report(on: account))
    }
    if let latest = accounts[index].latest, latest.version == version { noteProof(of: account, with: latest) }
    return rotation
  }
}
