package import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import NIOSSL

/// Why there was no answer of a web server.
package enum WebFailure: Error, Sendable, Equatable {
  /// The name has no address; the resolver's words.
  case unresolved(String)
  /// Nobody listens there.
  case refused
  /// The system cannot send there; its words.
  case unreachable(String)
  /// No connection in time.
  case connectionTimeout
  /// A connection, but no answer in time.
  case answerTimeout
  /// It closed the connection without an answer.
  case closed
  /// Its certificate is not good for the shared name.
  case certificate(CertificateFlaw)
  /// TLS does not come about; the library's words.
  case handshake(String)
  /// What it answers is not HTTP, or has a head without end.
  case notHTTP
}

/// What is wrong with a server's certificate.
package enum CertificateFlaw: Error, Sendable, Equatable {
  /// It is for other names.
  case otherNames([String])
  /// It has expired.
  case expired(Date)
  /// It is not valid yet.
  case notYetValid(Date)
  /// It does not chain to an authority that is trusted.
  case untrusted(issuer: String)
  /// It cannot be read.
  case unreadable
}

extension WebFailure {
  /// Classifies what NIO says, by its type and number.
  init(_ error: any Error, isConnected: Bool) {
    self =
      switch error {
      case let failure as WebFailure: failure
      case let flaw as CertificateFlaw: .certificate(flaw)
      case let error as IOError: Self.failure(of: error.errnoCode)
      case is HTTPParserError: .notHTTP
      case ChannelError.connectTimeout: .connectionTimeout
      case NIOSSLError.handshakeFailed: .handshake("\(error)")
      default: isConnected ? .closed : .unreachable("\(error)")
      }
  }

  private static func failure(of code: CInt) -> WebFailure {
    switch code {
    case ECONNREFUSED: .refused
    case ETIMEDOUT: .connectionTimeout
    case ECONNRESET, EPIPE: .closed
    default: .unreachable(String(cString: strerror(code)))
    }
  }
}
