import RotationCore

/// The domain controllers of a directory that the writer is looked for among, in the order in which they are tried.
struct WriterCandidates: Sendable {
  /// Those that are known.
  private(set) var known: [String]
  private let find: (@Sendable () async throws(OperatorFault) -> [String])?

  /// Those that the configuration names, or that were found.
  init(_ known: [String]) {
    self.known = known
    find = nil
  }

  /// Those that are found out when they are first needed, and again until they are.
  init(findingBy find: @escaping @Sendable () async throws(OperatorFault) -> [String]) {
    known = []
    self.find = find
  }

  /// The same with those that are known by now.
  ///
  /// - Throws: ``OperatorFault`` of kind `.unavailable` if they cannot be found out.
  func found() async throws(OperatorFault) -> WriterCandidates {
    guard known.isEmpty, let find else { return self }
    return WriterCandidates(try await find())
  }
}
