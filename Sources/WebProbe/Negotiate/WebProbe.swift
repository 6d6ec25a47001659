import Foundation
import NIOCore
package import RotationCore

/// Asks for one page as a browser does that has signed on to the domain (RFC 4559): once without a ticket, and, asked to authenticate, with one.
///
/// Each request has a connection of its own. Only the heads of answers are read, and redirects are not followed.
package struct WebProbe: Sendable {
  private let target: WebTarget
  private let trust: TrustedAuthorities
  private let limits: WebConnection.Limits

  /// - Parameters:
  ///   - target: What is asked for, whatever address it is asked at.
  ///   - trust: The authorities for TLS.
  ///   - timeout: The longest that one answer may take.
  ///   - connectTimeout: The longest until there is a connection; the same if not given.
  package init(
    _ target: WebTarget, trusting trust: TrustedAuthorities, timeout: Duration, connectTimeout: Duration? = nil
  ) {
    self.target = target
    self.trust = trust
    limits = WebConnection.Limits(connecting: TimeAmount(connectTimeout ?? timeout), answering: TimeAmount(timeout))
  }

  /// Asks the server at one address.
  ///
  /// - Throws: ``OperatorFault`` of kind `.software` if no token can be made of the ticket.
  package func ask(_ address: WebAddress, with ticket: any NegotiationTicket) async throws(OperatorFault) -> WebOutcome {
    do throws(WebFailure) {
      let connection = try await open(address)
      let answer = try await connection.ask(for: target, authorization: nil)
      if let refusal = Self.obstacle(in: answer) { return refusal }
    } catch {
      return .failed(error)
    }
    return try await authenticate(at: address, with: ticket)
  }

  private func open(_ address: WebAddress) async throws(WebFailure) -> WebConnection {
    try await .open(to: address, for: target, trusting: trust, within: limits)
  }

  private func authenticate(
    at address: WebAddress, with ticket: any NegotiationTicket
  ) async throws(OperatorFault) -> WebOutcome {
    let connection: WebConnection
    do { connection = try await open(address) } catch { return .failed(error) }
    let negotiation: any Negotiation
    do {
      negotiation = try await ticket.begin(channelBinding: connection.channelBinding)
    } catch {
      connection.close()
      throw error
    }
    let authorization = "Negotiate \(Data(negotiation.token).base64EncodedString())"
    do throws(WebFailure) {
      let answer = try await connection.ask(for: target, authorization: authorization)
      return await Self.outcome(of: answer, to: negotiation)
    } catch {
      return .failed(error)
    }
  }

  /// What keeps a client from authenticating; `nil` if the server offers Negotiate.
  private static func obstacle(in answer: WebAnswer) -> WebOutcome? {
    guard answer.status != 401 else {
      return answer.negotiate.isEmpty ? .notOffered(answer.challenges.map(\.scheme)) : nil
    }
    if answer.isRedirect, let location = answer.location { return .redirected(status: answer.status, location: location) }
    return .open(status: answer.status)
  }

  private static func outcome(of answer: WebAnswer, to negotiation: any Negotiation) async -> WebOutcome {
    let token = answer.negotiate.compactMap(\.token).first
    let isRefused = answer.status == 401
    guard let token else { return isRefused ? .refused(reason: nil) : .unproven(status: answer.status, reason: nil) }
    guard let bytes = Data(base64Encoded: token) else {
      let reason = "its token is not base64"
      return isRefused ? .refused(reason: reason) : .unproven(status: answer.status, reason: reason)
    }
    switch await negotiation.verdict(on: [UInt8](bytes)) {
    case .proven: return isRefused ? .refused(reason: nil) : .proven(status: answer.status)
    case .unproven(let words): return isRefused ? .refused(reason: words) : .unproven(status: answer.status, reason: words)
    }
  }
}
