import Foundation
import RotationCore
import WebProbe

/// What a server's answer means, in words, and what to do about it.
struct WebFinding: Sendable, Equatable {
  let kind: WebVerdictDocument.Kind
  /// The status code of the last answer.
  var status: Int?
  /// What is wrong, or worth knowing, without a full stop.
  var message: String?
  /// The way out.
  var remedy: String?

  private init(_ kind: WebVerdictDocument.Kind, status: Int? = nil, _ message: String?, _ remedy: String?) {
    self.kind = kind
    self.status = status
    self.message = message
    self.remedy = remedy
  }

  /// Reads an outcome.
  init(_ outcome: WebOutcome, of question: WebQuestion) {
    switch outcome {
    case .proven(let status): self = .accepted(status)
    case .failed(let failure): self = .failed(failure)
    case .open(let status): self = .open(status)
    case .redirected(let status, let location):
      self = WebFinding(
        .redirected, status: status, "sends clients to \(location.visible) (\(status)) before it asks them to authenticate",
        "name a URL that is not moved")
    case .notOffered(let schemes): self = .notOffered(schemes.map(\.visible))
    case .refused(let reason): self = .refused(reason?.visible, question)
    case .unproven(let status, let reason): self = .unproven(status, reason?.visible)
    }
  }

  private static func accepted(_ status: Int) -> WebFinding {
    let message: String? =
      switch status {
      case 200..<300: nil
      case 403: "authenticated, and then answered with 403: whoever asks may not see this page"
      case 300..<400: "authenticated, and then sent elsewhere with \(status)"
      default: "authenticated, and then answered with \(status)"
      }
    return WebFinding(.accepted, status: status, message, nil)
  }

  private static func open(_ status: Int) -> WebFinding {
    let remedy =
      switch status {
      case 500...: "look at the error log of the web server"
      case 400: "if TLS is spoken on that port, write https"
      case 404: "check the path of the URL"
      default: "name a URL that needs authentication, or turn Kerberos on for this one"
      }
    return WebFinding(.noAuthentication, status: status, "answers with \(status) and does not ask to authenticate", remedy)
  }

  private static func notOffered(_ schemes: [String]) -> WebFinding {
    let offer = schemes.isEmpty ? "no scheme at all" : schemes.joined(separator: ", ")
    let isWindows = schemes.contains { $0.lowercased() == "ntlm" }
    return WebFinding(
      .noNegotiate, status: 401, "asks to authenticate and offers \(offer), but not Negotiate: nobody uses Kerberos there",
      isWindows
        ? "put Negotiate before NTLM among the providers of Windows Authentication"
        : "turn Negotiate on for this URL (Windows Authentication; AuthType GSSAPI of mod_auth_gssapi)")
  }

  private static func refused(_ reason: String?, _ question: WebQuestion) -> WebFinding {
    let version = question.ticket.ticket.version
    let words = reason.map { ": \($0)" } ?? ""
    let (key, remedy) =
      question.slot.map { slot in
        (
          ", which the agent of the node holds as \(slot.position)",
          "let the web server use \(question.keytabs), restart it if it reads its keytab only at its start, and check the node's clock"
        )
      } ?? (", of which the rotator knows no key on the node", "see asactl status \(question.node.node), and asactl verify")
    return WebFinding(.refused, status: 401, "does not accept the ticket of kvno \(version)\(key)\(words)", remedy)
  }

  private static func unproven(_ status: Int, _ reason: String?) -> WebFinding {
    guard let reason else {
      return WebFinding(
        .unproven, status: status, "answers the ticket with \(status), and does not prove that it has the key",
        "find out what answers at this address: it lets clients in, or turns them away, without opening their tickets")
    }
    return WebFinding(
      .unproven, status: status, "answers the ticket with \(status), and its proof is none: \(reason)",
      "find out what answers at this address: it has not opened the ticket")
  }
}

extension WebFinding {
  private static func failed(_ failure: WebFailure) -> WebFinding {
    switch failure {
    case .unresolved(let words):
      WebFinding(.unresolved, "its address is not found: \(words)", "correct DNS, or give --node NAME=ADDRESS")
    case .refused:
      WebFinding(.connectionRefused, "nobody listens there", "start the web server, or check the port of the URL")
    case .unreachable(let words): WebFinding(.unreachable, "cannot be reached: \(words)", "check the address and the network")
    case .connectionTimeout:
      WebFinding(.timedOut, "does not take the connection in time", "check the address, the network and the firewall")
    case .answerTimeout:
      WebFinding(.timedOut, "does not answer in time", "look at the web server's load and error log, or raise --timeout")
    case .closed:
      WebFinding(
        .closed, "closes the connection without an answer",
        "look at the error log of the web server, and check the scheme of the URL")
    case .certificate(let flaw): certificate(flaw)
    case .handshake(let words):
      WebFinding(
        .noTLS, "does not speak TLS as clients need it: \(words)",
        "check the port and the scheme of the URL, and the server's TLS versions")
    case .notHTTP: WebFinding(.notHTTP, "does not answer in HTTP", "check the port of the URL")
    }
  }

  private static func certificate(_ flaw: CertificateFlaw) -> WebFinding {
    switch flaw {
    case .otherNames(let names):
      WebFinding(
        .badCertificate,
        "has a certificate for \(names.isEmpty ? "no host" : names.joined(separator: ", ")), not for the shared name",
        "install a certificate of the shared name on this node")
    case .expired(let date):
      WebFinding(.badCertificate, "has a certificate that expired at \(date.formatted(.iso8601))", "renew it on this node")
    case .notYetValid(let date):
      WebFinding(
        .badCertificate, "has a certificate that is not valid before \(date.formatted(.iso8601))",
        "check the clock of this host, or renew it")
    case .untrusted(let issuer):
      WebFinding(
        .badCertificate, "has a certificate by \(issuer), which does not lead to a trusted authority for web servers",
        "name the authority's certificate with --ca, and let the node send its intermediate certificates")
    case .unreadable: WebFinding(.badCertificate, "has a certificate that cannot be read", "replace it on this node")
    }
  }
}

extension WebQuestion {
  /// The files that the agent writes, for a sentence.
  fileprivate var keytabs: String {
    node.keytabs.isEmpty ? "the keytab that the agent writes" : node.keytabs.joined(separator: ", ")
  }
}
