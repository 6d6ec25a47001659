import CKerberos
import Glibc
import RotationCore
import SecretMemory

/// Lends bytes as libkrb5's counted data, which it takes as mutable but only reads.
func withLibraryData<Result, Failure: Error>(
  _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeMutablePointer<krb5_data>) throws(Failure) -> Result
) throws(Failure) -> Result {
  let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
  var data = krb5_data(magic: 0, length: UInt32(bytes.count), data: start)
  return try body(&data)
}

func withLibraryData<Result>(_ bytes: [UInt8], _ body: (UnsafeMutablePointer<krb5_data>) -> Result) -> Result {
  bytes.withUnsafeBytes { withLibraryData($0, body) }
}

extension krb5_data {
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: data, count: Int(length)) }
}

extension AccountKey {
  /// Lends the key as a libkrb5 keyblock that points into the secret memory.
  func withKeyblock<Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<krb5_keyblock>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try bytes.withUnsafeBytes { (buffer) throws(Failure) in
      let contents = UnsafeMutableRawPointer(mutating: buffer.baseAddress)?.assumingMemoryBound(to: krb5_octet.self)
      var block = krb5_keyblock(magic: 0, enctype: encryptionType, length: UInt32(buffer.count), contents: contents)
      return try body(&block)
    }
  }
}
