import Foundation
import NIOCertificateReloading
import NIOSSL
import Synchronization
import X509

/// The certificates that count now. TLS asks for them at every handshake, so that changed ones serve the next connection without
/// binding the address again.
final class CredentialsInForce: CertificateReloader {
  /// The authorities, and how often they have been exchanged.
  struct Trust: Sendable {
    let authorities: [Certificate]
    let generation: UInt64
  }

  private struct State {
    var credentials: ServerCredentials
    var generation: UInt64 = 0

    /// - Returns: Whether the authorities are others than before.
    mutating func replace(_ credentials: ServerCredentials) -> Bool {
      let hasOtherAuthorities = self.credentials.authorities != credentials.authorities
      if hasOtherAuthorities { generation += 1 }
      self.credentials = credentials
      return hasOtherAuthorities
    }
  }

  private let state: Mutex<State>

  init(_ credentials: ServerCredentials) { state = Mutex(State(credentials: credentials)) }

  var sslContextConfigurationOverride: NIOSSLContextConfigurationOverride { state.withLock { $0.credentials.tls } }

  var files: CertificateFiles { state.withLock { $0.credentials.files } }

  var trust: Trust {
    state.withLock { Trust(authorities: $0.credentials.authorities, generation: $0.generation) }
  }

  /// When the first certificate of the rotator's chain expires.
  var notAfter: Date { state.withLock { $0.credentials.notAfter } }

  /// Puts other credentials into force. Returns whether the authorities are others than before.
  func replace(_ credentials: ServerCredentials) -> Bool { state.withLock { $0.replace(credentials) } }

  /// Puts what the files hold now into force; `nil` if that is what was in force, or other files have been configured meanwhile.
  /// Otherwise, whether the authorities are others than before.
  func renew(_ credentials: ServerCredentials) -> Bool? {
    state.withLock { state in
      guard state.credentials.files == credentials.files, !state.credentials.holdsSame(as: credentials) else { return nil }
      return state.replace(credentials)
    }
  }
}
