package import RotationCore
package import SecretMemory

extension ActiveDirectoryClient {
  /// Compare-and-swap of the stamp in one modify. `expected == nil` means that the attribute must be empty.
  package func swapStamp(
    of query: AccountQuery, from expected: Stamp?, to replacement: Stamp
  ) async -> DirectoryWriteAnswer {
    await write(query, from: expected, to: replacement, password: nil)
  }

  /// Compare-and-swap of the stamp and reset of the password, in ONE modify: both or neither.
  ///
  /// - Parameter password: ASCII; it is quoted and converted to UTF-16LE inside secret memory (MS-ADTS 3.1.1.3.1.5.1).
  package func setPassword(
    of query: AccountQuery, to password: SecretBytes, from expected: Stamp, to replacement: Stamp
  ) async -> DirectoryWriteAnswer {
    guard let encoded = DirectoryPassword.encode(password) else {
      return .notSent(OperatorFault(.software, "the new password of \(query.name)", "is not ASCII"))
    }
    let password = SecretReplacement(attribute: "unicodePwd", value: encoded)
    return await write(query, from: expected, to: replacement, password: password)
  }

  /// Reset of the password alone, for directories without a stamp.
  package func resetPassword(of query: AccountQuery, to password: SecretBytes) async -> DirectoryWriteAnswer {
    guard let encoded = DirectoryPassword.encode(password) else {
      return .notSent(OperatorFault(.software, "the new password of \(query.name)", "is not ASCII"))
    }
    let password = SecretReplacement(attribute: "unicodePwd", value: encoded)
    return await write(query, [], replacing: nil, password: password)
  }

  /// Compare-and-swap of msDS-SupportedEncryptionTypes. `expected == nil` means that the attribute must not be set.
  package func writeEncryptionTypes(
    of query: AccountQuery, from expected: UInt32?, to replacement: UInt32
  ) async -> DirectoryWriteAnswer {
    let attribute = "msDS-SupportedEncryptionTypes"
    var changes = [AttributeChange(operation: .add, attribute: attribute, value: Self.integer(replacement))]
    if let expected {
      changes.insert(AttributeChange(operation: .delete, attribute: attribute, value: Self.integer(expected)), at: 0)
    }
    // The stamp stays what it is, so it classifies nothing: the caller reads the account again.
    return await write(query, changes, replacing: nil, isStampConcerned: false, password: nil)
  }

  /// The attribute has the syntax of a signed 32-bit integer (MS-ADA2).
  private static func integer(_ bits: UInt32) -> String { String(Int32(bitPattern: bits)) }

  private func write(
    _ query: AccountQuery, from expected: Stamp?, to replacement: Stamp, password: SecretReplacement?
  ) async -> DirectoryWriteAnswer {
    guard let attribute = query.stampAttribute else {
      return .notSent(OperatorFault(.software, "account \(query.name)", "has no attribute to carry a stamp"))
    }
    var changes = [AttributeChange(operation: .add, attribute: attribute, value: replacement.description)]
    if let expected {
      changes.insert(AttributeChange(operation: .delete, attribute: attribute, value: expected.description), at: 0)
    }
    return await write(query, changes, replacing: expected, password: password)
  }

  private func write(
    _ query: AccountQuery, _ changes: [AttributeChange], replacing expected: Stamp?, isStampConcerned: Bool = true,
    password: SecretReplacement?
  ) async -> DirectoryWriteAnswer {
    let (connection, target): (LDAPConnection, String)
    do { (connection, target) = try await readyForWrite(query) } catch { return .notSent(error) }
    switch connection.modify(target, changes, replacing: password) {
    case .applied: return .applied
    case .notSent(let problem): return .notSent(OperatorFault(.software, "libldap", "did not send the write: \(problem)"))
    case .noAnswer(let problem): return .unknown(LDAPFailure.connectionLost(problem).fault(from: host))
    case .refused(let result):
      return await refusal(result, of: query, expected: expected, isStampConcerned: isStampConcerned)
    }
  }

  /// A write that dies with a connection that was dead all along would look as if it might have been applied; a read first
  /// tells the two apart.
  private func readyForWrite(_ query: AccountQuery) async throws(OperatorFault) -> (LDAPConnection, String) {
    try await reading { connection throws(LDAPFailure) in
      _ = try connection.read("", ["currentTime"])
      try checkController(query, over: connection)
      return (connection, try AccountReader(connection: connection, query: query).target())
    }
  }

  private func refusal(
    _ result: LDAPResult, of query: AccountQuery, expected: Stamp?, isStampConcerned: Bool
  ) async -> DirectoryWriteAnswer {
    do {
      let state = try await readState(of: query)
      let refusal = WriteRefusal.classifying(
        code: result.code, diagnostic: result.diagnostic, found: state.stamp,
        expected: isStampConcerned ? expected?.description : state.stamp)
      return .refused(refusal, state)
    } catch {
      return .unknown(error)
    }
  }
}
