import ControlProtocol
import GRPCCore
import RotationCore
import SwiftProtobuf

/// Asks the running rotator.
struct FleetGathering: Sendable {
  /// Where its sockets are.
  let connection: ControlConnection
  /// The accounts that matter.
  let accounts: [AccountName]
  /// Told what is waited for.
  let progress: ExaminationProgress

  private static let brief = ControlConnection.answered(within: .seconds(10))
  /// Nodes have 10 s for each ticket.
  private static let patient = ControlConnection.answered(within: .seconds(60))

  /// Asks.
  func evidence() async -> Result<FleetEvidence, OperatorFault> {
    let told = await progress.during("asa-rotatord") {
      await faulting { try await connection.reading { client in try await Self.ask(client) } }
    }
    switch told {
    case .failure(let fault): return .failure(fault)
    case .success(let (status, nodes)):
      return .success(FleetEvidence(status: narrowed(status), nodes: narrowed(nodes), proofs: await proofs()))
    }
  }

  private static func ask(
    _ client: Asa_Control_V1_StatusService.Client<ControlConnection.Transport>
  ) async throws -> (StatusDocument, NodesDocument) {
    let status = try await client.getStatus(.init(), options: brief)
    let nodes = try await client.listNodes(.init(), options: brief)
    return (StatusDocument(status), NodesDocument(nodes))
  }

  private func narrowed(_ status: StatusDocument) -> StatusDocument {
    var status = status
    status.accounts.removeAll { !matters($0.account) }
    status.alarms.removeAll { $0.account.map { !matters($0) } ?? false }
    return status
  }

  private func narrowed(_ nodes: NodesDocument) -> NodesDocument {
    var nodes = nodes
    nodes.nodes.removeAll { node in !node.accounts.contains(where: matters) }
    return nodes
  }

  private func matters(_ name: String) -> Bool { (try? AccountName(name)).map(accounts.contains) ?? false }
}

// MARK: - What nodes make of tickets

extension FleetGathering {
  private func proofs() async -> [AccountName: Result<[VerdictDocument], OperatorFault>] {
    await withTaskGroup(of: (AccountName, Result<[VerdictDocument], OperatorFault>).self) { group in
      for account in accounts {
        group.addTask {
          (account, await progress.during("the nodes of \(account)") { await faulting { try await verdicts(on: account) } })
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  private func verdicts(on account: AccountName) async throws -> [VerdictDocument] {
    let request = Asa_Control_V1_VerifyRequest.with {
      $0.account = account.description
      $0.full = true
    }
    return try await connection.changing { client in
      try await client.verify(request, options: Self.patient) { response in
        var verdicts: [VerdictDocument] = []
        for try await message in response.messages {
          switch message.event {
          case .verdict(let verdict): verdicts.append(VerdictDocument(verdict))
          case .fault(let fault): throw FaultDocument(fault).operatorFault
          case .ended: return verdicts
          case nil: continue
          }
        }
        throw OperatorFault(.unavailable, "asa-rotatord", "the stream ended before all nodes had answered")
      }
    }
  }

  /// Whatever a call throws as one fault.
  private func faulting<Value>(_ body: () async throws -> Value) async -> Result<Value, OperatorFault> {
    do { return .success(try await body()) } catch let fault as OperatorFault { return .failure(fault) } catch let several
      as SeveralFaults
    {
      return .failure(several.faults[0])
    } catch {
      return .failure(OperatorFault(.software, "asactl", "internal failure: \(String(describing: error).visible)"))
    }
  }
}
