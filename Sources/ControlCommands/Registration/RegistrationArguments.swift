import ArgumentParser
import RotationCore

/// SPNs on the command line, checked where they are typed.
enum RegistrationArguments {
  /// An SPN that nodes can hold a key for: `service/host`, as it is typed.
  static func name(_ text: String) throws -> String {
    do { return try ServicePrincipalName(text).description } catch {
      throw ValidationError("\(error.problem), \(error.remedy)")
    }
  }

  /// Any SPN that an object may carry, one with a port or a third part too.
  static func registeredName(_ text: String) throws -> String {
    guard text.contains("/"), text.count <= 1024, text.allSatisfy({ ("!"..."~").contains($0) }) else {
      throw ValidationError("'\(text.visible)' is no SPN, write it as http/mail.example.com")
    }
    return text
  }

  /// What to search for.
  static func pattern(_ text: String) throws -> String {
    guard !text.isEmpty, text.count <= 1024, text == text.visible else {
      throw ValidationError("the pattern must be 1 to 1024 printable characters, such as 'http/*.example.com'")
    }
    return text
  }
}
