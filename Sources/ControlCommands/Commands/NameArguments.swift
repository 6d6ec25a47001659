import ArgumentParser
import RotationCore

/// Names on the command line, checked where they are typed, with the reason for a refusal.
enum NameArguments {
  /// `DOMAIN\name`, normalised.
  static func account(_ text: String) throws -> String {
    do { return try AccountName(text).description } catch { throw ValidationError(reason(error)) }
  }

  /// A host name, lower case.
  static func node(_ text: String) throws -> String {
    do { return try NodeName(text).description } catch { throw ValidationError(reason(error)) }
  }

  private static func reason(_ fault: OperatorFault) -> String { "\(fault.problem), \(fault.remedy)" }
}
