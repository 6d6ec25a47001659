/// A recurring span of local time in which scheduled rotations may begin, such as `Sun 02:00-05:00 Europe/Copenhagen`.
package struct MaintenanceWindow: Sendable, Equatable, Codable, CustomStringConvertible {
  /// As it was written.
  package let description: String

  /// Reads a window.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` that says what was expected.
  package init(_ text: String) throws(OperatorFault) {
    description = text
  }
}
