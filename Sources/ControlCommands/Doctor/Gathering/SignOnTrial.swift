import Kerberos
import RotationCore

/// Finds out whether domain controllers let somebody sign on. They are asked one after another until one says yes or no: each refusal counts
/// towards the account's lockout.
struct SignOnTrial: Sendable {
  let signOn: DirectoryAim.SignOn

  /// Asks.
  func run(on controllers: [ControllerAccess]) async -> SignOnEvidence {
    // A file that is not there is told of as such, and one that this user may not read is no fault.
    if let fault = await keytabFault() { return fault.kind == .data ? .withoutKey(fault) : .impossible(fault) }
    for controller in controllers {
      if let verdict = await verdict(of: controller) { return verdict }
    }
    return .unanswered
  }

  private func keytabFault() async -> OperatorFault? {
    guard case .keytab(_, let path) = signOn else { return nil }
    do throws(OperatorFault) {
      _ = try KeytabFile.read(path)
      return nil
    } catch { return error }
  }

  /// `nil` from a controller that says neither.
  private func verdict(of controller: ControllerAccess) async -> SignOnEvidence? {
    do throws(OperatorFault) {
      switch signOn {
      case .keytab: return try await controller.kerberos.isOwnKeyTaken() ? .taken : .keyRefused(by: controller.name)
      case .ticketCache:
        _ = try await controller.kerberos.requestTicket(for: try ServicePrincipalName("ldap/\(controller.name)"))
        return .taken
      }
    } catch {
      switch (error.kind, signOn) {
      case (.unavailable, _): return nil
      case (.noInput, .keytab): return .withoutKey(error)
      case (.permission, .keytab): return .accountRefused(by: controller.name, error)
      default: return .impossible(error)
      }
    }
  }
}
