/// Whole local days, first and last included, in which no scheduled rotation begins, such as `2026-12-18 to 2027-01-04 Europe/Copenhagen`.
package struct FreezePeriod: Sendable, Equatable, Codable, CustomStringConvertible {
  /// As it was written.
  package let description: String

  /// Reads a period.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` that says what was expected.
  package init(_ text: String) throws(OperatorFault) {
    description = text
  }
}
