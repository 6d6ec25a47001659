import RotationCore

/// Waits until every domain controller has an object.
struct ReplicationWait: Sendable {
  let directory: AdministeredDirectory
  let object: AccountReference
  /// How long to wait, in seconds.
  let patience: Int

  /// Asks once a second those that do not have it yet.
  ///
  /// - Parameter tell: Gets a line for each that has it.
  /// - Returns: One entry per controller: why it does not have it, or nothing.
  func run(telling tell: (String) throws -> Void) async throws -> [AccountCreationDocument.Controller] {
    var missing = directory.seats
    var reasons: [String: String] = [:]
    let end = ContinuousClock.now + .seconds(patience)
    while true {
      let answers = await directory.ask(missing, has)
      for answer in answers where answer.value == true { try tell("  \(answer.controller) has it.") }
      for answer in answers { reasons[answer.controller] = reason(answer) }
      missing = missing.filter { reasons[$0.name] != nil }
      guard !missing.isEmpty, ContinuousClock.now < end else { break }
      try await Task.sleep(for: .seconds(1))
    }
    return directory.seats.map { seat in
      AccountCreationDocument.Controller(name: seat.name, hasIt: reasons[seat.name] == nil, fault: reasons[seat.name])
    }
  }

  private var has: @Sendable (any DirectoryAdministering) async throws(OperatorFault) -> Bool {
    { [object] (port) throws(OperatorFault) in try await port.account(object, stampAttribute: nil) != nil }
  }

  private func reason(_ answer: AdministeredDirectory.Answer<Bool>) -> String? {
    if let fault = answer.fault { return fault.problem }
    return answer.value == true ? nil : "has not got it yet"
  }
}
