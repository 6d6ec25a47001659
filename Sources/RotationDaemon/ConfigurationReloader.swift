import RotationCore

actor ConfigurationReloader {
  func reload() async throws(OperatorFault) -> [String] { [] }
}
