// MARK: - Proof on demand

extension RotationScheduler {
  /// Lets every attached node accept a fresh ticket for every SPN, now; changes nothing.
  ///
  /// - Parameter isFull: Whether every domain controller is asked for tickets, and not the writer alone. One that issues none is a refusal.
  /// - Throws: ``OperatorFault`` if the account is not configured or the writer issues no ticket.
  package func verify(
    _ account: AccountName, isFull: Bool = false, onVerdict: @escaping @Sendable (ProofVerdict) async -> Void
  ) async throws(OperatorFault) {
    guard let configured = settings[account] else {
      throw OperatorFault(.noInput, "account \(account)", "is not configured", remedy: "name it under accounts")
    }
    let settings = await named(configured)
    let members = settings.nodes.filter { node in
      !revokedNodes.contains(node) && accounts[account]?.record.isWithheld(from: node) != true
    }
    var issues = try await [issue(by: settings.tickets, named: isFull ? writerName(of: settings) : nil, for: settings)]
    if isFull {
      issues += await otherIssues(of: settings, members: members, onVerdict: onVerdict)
    }
    let proof = AcceptanceProof(account: account, fleet: fleet, timeout: .seconds(10))
    await withDiscardingTaskGroup { group in
      for node in members {
        group.addTask { [issues] in
          for issue in issues {
            for ticket in issue.tickets {
              var verdict = await proof.run(ticket, on: node)
              verdict.domainController = issue.controller
              await onVerdict(verdict)
            }
          }
        }
      }
    }
  }

  /// SPNs that were awaited may be there by now.
  private func named(_ settings: ManagedAccount) async -> ManagedAccount {
    guard settings.awaitsNames, let record = accounts[settings.name]?.record, record.rotation == nil else { return settings }
    do throws(OperatorFault) {
      return settings.facing(
        try await settings.directory.readAccount(settings.query(objectGUID: record.objectGUID)), record: record)
    } catch { return settings }
  }

  /// One domain controller's tickets: one for each SPN serves all nodes.
  private struct Issue: Sendable {
    var controller: String?
    var tickets: [ServiceTicket]
  }

  private func writerName(of settings: ManagedAccount) -> String {
    accounts[settings.name]?.record.writer?.dnsHostName ?? settings.controllerName
  }

  private nonisolated func issue(
    by tickets: any TicketChecking, named controller: String?, for settings: ManagedAccount
  ) async throws(OperatorFault) -> Issue {
    var issued: [ServiceTicket] = []
    for name in settings.ticketNames { issued.append(try await tickets.requestTicket(for: name)) }
    return Issue(controller: controller, tickets: issued)
  }

  private func otherIssues(
    of settings: ManagedAccount, members: [NodeName], onVerdict: @escaping @Sendable (ProofVerdict) async -> Void
  ) async -> [Issue] {
    var issues: [Issue] = []
    for name in await replicaNames(of: settings) {
      do throws(OperatorFault) {
        guard let replica = try settings.replicas?.replica(named: name) else { continue }
        issues.append(try await issue(by: replica.tickets, named: name, for: settings))
      } catch {
        for node in members {
          for principal in settings.ticketNames {
            await onVerdict(ProofVerdict(node: node, servicePrincipalName: principal, domainController: name, fault: error))
          }
        }
      }
    }
    return issues
  }

  /// Those that are known, and those that the directory lists now.
  private func replicaNames(of settings: ManagedAccount) async -> [String] {
    let record = accounts[settings.name]?.record
    let known = Set(record?.replicaNames ?? [])
    // A rotation under way has the directory to itself.
    guard record?.rotation == nil else { return known.sorted() }
    do throws(OperatorFault) {
      let account = try await settings.directory.readAccount(settings.query(objectGUID: record?.objectGUID))
      return known.union(settings.replicaNames(in: account)).sorted()
    } catch { return known.sorted() }
  }
}
