import CKerberos
import Glibc
import RotationCore

/// Carries libkrb5's messages to one KDC and nowhere else, within one deadline for all of them.
///
/// libkrb5's own transport has neither a settable timeout nor a bound on how often it tries, and may follow a referral to another
/// realm's KDC.
final class KDCTransport {
  private let endpoint: KDCEndpoint
  private let realm: Realm
  private let deadline: ContinuousClock.Instant
  /// Why the last message got no answer.
  private(set) var failure: TransportFailure?

  init(to endpoint: KDCEndpoint, realm: Realm, timeout: Duration) {
    self.endpoint = endpoint
    self.realm = realm
    deadline = .now + timeout
  }

  /// Makes the context use this transport, which must outlive it.
  func attach(to context: krb5_context) {
    krb5_set_kdc_send_hook(
      context,
      { context, data, realm, message, _, reply in
        guard let context, let data, let realm, let message, let reply else { return krb5_error_code(EINVAL) }
        let transport = Unmanaged<KDCTransport>.fromOpaque(data).takeUnretainedValue()
        return transport.carry(message.pointee, realm.pointee, context, reply)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func carry(
    _ message: krb5_data, _ realm: krb5_data, _ context: krb5_context,
    _ reply: UnsafeMutablePointer<UnsafeMutablePointer<krb5_data>?>
  ) -> krb5_error_code {
    do throws(TransportFailure) {
      let answer = try ask(message, realm: String(decoding: realm.bytes, as: UTF8.self))
      return withLibraryData(answer) { krb5_copy_data(context, $0, reply) }
    } catch {
      failure = error
      return krb5_error_code(KRB5_KDC_UNREACH)
    }
  }

  private func ask(_ message: krb5_data, realm: String) throws(TransportFailure) -> [UInt8] {
    guard realm == self.realm.description else {
      throw TransportFailure(reason: .protocolBroken, problem: "it refers to realm \(realm), which is not ours")
    }
    let addresses = try HostResolution.addresses(of: endpoint, until: deadline)
    var last = TransportFailure.unreachable("\(endpoint.host) has no address")
    for (index, address) in addresses.enumerated() {
      do throws(TransportFailure) {
        return try KDCConnection.exchange(message.bytes, with: address, until: share(among: addresses.count - index))
      } catch {
        last = error
      }
    }
    throw last
  }

  /// An even part of the time that is left, so that one silent address does not use up the others' time.
  private func share(among count: Int) -> ContinuousClock.Instant {
    let now = ContinuousClock.now
    return now + now.duration(to: deadline) / count
  }
}
