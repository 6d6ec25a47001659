import CKerberos
import Foundation
import Glibc
import RotationCore
import SecretMemory

/// A service ticket with its session key, as bytes, so that it can go from one context to another.
struct IssuedTicket: ServiceTicketHandle {
  /// The ticket as the KDC encoded it (RFC 4120 section 5.3); its secret part is encrypted.
  let encoded: [UInt8]
  /// libkrb5's own form of the credential, which holds the session key.
  let credential: SecretBytes

  static func make(
    from credential: krb5_creds, for name: ServicePrincipalName, in context: LibraryContext
  ) throws(LibraryFailure) -> ServiceTicket {
    let encoded = Array(credential.ticket.bytes)
    let sealed = try decode(encoded, in: context) { $0.enc_part }
    let handle = IssuedTicket(encoded: encoded, credential: try marshal(credential, in: context))
    // libkrb5 reads its signed 32-bit time stamps as unsigned, which carries them past 2038.
    let endTime = Date(timeIntervalSince1970: TimeInterval(UInt32(bitPattern: credential.times.endtime)))
    return ServiceTicket(
      servicePrincipalName: name, version: KeyVersion(sealed.kvno), encryptionType: sealed.enctype, endTime: endTime,
      handle: handle)
  }

  private static func marshal(
    _ credential: krb5_creds, in context: LibraryContext
  ) throws(LibraryFailure) -> SecretBytes {
    var credential = credential
    var marshalled: UnsafeMutablePointer<krb5_data>?
    let code = krb5_marshal_credentials(context.raw, &credential, &marshalled)
    let data = try context.require(marshalled, code)
    defer {
      // krb5_free_data does not wipe.
      explicit_bzero(data.pointee.data, Int(data.pointee.length))
      krb5_free_data(context.raw, data)
    }
    return SecretBytes(copying: data.pointee.bytes)
  }

  private static func decode<Result>(
    _ encoded: [UInt8], in context: LibraryContext, _ body: (krb5_ticket) -> Result
  ) throws(LibraryFailure) -> Result {
    var decoded: UnsafeMutablePointer<krb5_ticket>?
    let code = withLibraryData(encoded) { krb5_decode_ticket($0, &decoded) }
    let ticket = try context.require(decoded, code)
    defer { krb5_free_ticket(context.raw, ticket) }
    return body(ticket.pointee)
  }

  func opens(with keys: AccountKeys) async -> Bool {
    guard let context = try? LibraryContext.offline() else { return false }
    let isOpened = try? Self.decode(encoded, in: context) { ticket in
      keys.keys.contains { Self.decrypts(ticket.enc_part, with: $0, in: context) }
    }
    return isOpened ?? false
  }

  private static func decrypts(_ sealed: krb5_enc_data, with key: AccountKey, in context: LibraryContext) -> Bool {
    var sealed = sealed
    // The clear text holds the session key, so it goes into secret memory.
    var isOpened = false
    _ = SecretBytes(count: Int(sealed.ciphertext.length)) { clear in
      let start = clear.baseAddress?.assumingMemoryBound(to: CChar.self)
      var output = krb5_data(magic: 0, length: UInt32(clear.count), data: start)
      let usage = krb5_keyusage(KRB5_KEYUSAGE_KDC_REP_TICKET)
      isOpened = key.withKeyblock { krb5_c_decrypt(context.raw, $0, usage, nil, &sealed, &output) } == 0
    }
    return isOpened
  }

  func makeChallenge() async throws(OperatorFault) -> any AcceptanceChallenge { try MutualChallenge(credential) }
}
