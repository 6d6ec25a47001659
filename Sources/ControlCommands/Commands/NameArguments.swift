import ArgumentParser
import Foundation
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

  /// A host name in which `*` stands for any characters and `?` for one.
  static func nodePattern(_ text: String) throws -> String {
    let isPermitted = text.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "-.*?".contains($0) }
    guard (1...253).contains(text.count), isPermitted else {
      throw ValidationError("node '\(text)' is neither a DNS host name nor a pattern, write it as cas-1.example.com or 'cas-*'")
    }
    return text.lowercased()
  }

  /// The name of an array in which `*` stands for any characters and `?` for one.
  static func arrayPattern(_ text: String) throws -> String {
    guard (1...253).contains(text.count), text == text.visible, !text.contains(where: \.isWhitespace) else {
      throw ValidationError("array '\(text.visible)' is no name of an array, asactl nodes list shows them")
    }
    return text
  }

  /// The id of a rotation.
  static func rotation(_ text: String) throws -> String {
    guard let id = RotationID(text) else {
      throw ValidationError("'\(text)' is no id of a rotation, asactl history --json shows them")
    }
    return id.description
  }

  /// The outcome of an alarm.
  static func alarm(_ text: String) throws -> AlarmOutcome {
    guard let outcome = AlarmOutcome(rawValue: text) else {
      throw unknown("outcome", text, known: AlarmOutcome.allCases.map(\.rawValue))
    }
    return outcome
  }

  /// A kind of record.
  static func kind(_ text: String) throws -> RecordKind {
    guard let kind = RecordKind(rawValue: text) else {
      throw unknown("kind of record", text, known: RecordKind.allCases.map(\.rawValue))
    }
    return kind
  }

  /// The kinds of record that tell of an outcome: of an alarm, or of a rotation that succeeded.
  static func kinds(ofOutcome text: String) throws -> [RecordKind] {
    if text == RotationCore.RotationOutcome.succeeded.rawValue { return [.rotationSucceeded] }
    guard let outcome = AlarmOutcome(rawValue: text) else {
      let known = [RotationCore.RotationOutcome.succeeded.rawValue] + AlarmOutcome.allCases.map(\.rawValue)
      throw unknown("outcome", text, known: known)
    }
    return RecordKind.allCases.filter { $0.alarm == outcome }
  }

  /// One line of free text, trimmed.
  static func remark(_ text: String) throws -> String {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard (1...500).contains(trimmed.count), trimmed == trimmed.visible else {
      throw ValidationError("the text must be one line of 1 to 500 printable characters")
    }
    return trimmed
  }

  private static func unknown(_ what: String, _ text: String, known: [String]) -> ValidationError {
    ValidationError("'\(text)' is no \(what), known are \(known.joined(separator: ", "))")
  }

  private static func reason(_ fault: OperatorFault) -> String { "\(fault.problem), \(fault.remedy)" }
}
