/// A failure told to a person: the thing it concerns, what is wrong with it, and the way out, in one line.
///
/// Adapters throw it directly where nobody needs to branch on the cause. Its ``kind`` chooses the exit code of a command
/// (sysexits, 64 to 78) and never depends on the wording.
package struct OperatorFault: Error, Hashable, Sendable, Codable {
  /// The classes of failure, each with one sysexits exit code.
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// The command line was wrong (64).
    case usage
    /// Data handed in was malformed (65).
    case data
    /// A named input is missing (66).
    case noInput
    /// A host or service cannot be reached, or too few nodes answer (69).
    case unavailable
    /// Our own fault (70).
    case software
    /// The operating system refused something (71).
    case system
    /// A file cannot be created or replaced (73).
    case cannotCreate
    /// Reading or writing failed (74).
    case inputOutput
    /// It may work later without a change (75).
    case temporary
    /// A peer broke the protocol, or a version does not fit (76).
    case `protocol`
    /// A right is missing (77).
    case permission
    /// The configuration is wrong (78).
    case configuration

    /// The process exit code (sysexits.h).
    package var exitCode: Int32 {
      switch self {
      case .usage: 64
      case .data: 65
      case .noInput: 66
      case .unavailable: 69
      case .software: 70
      case .system: 71
      case .cannotCreate: 73
      case .inputOutput: 74
      case .temporary: 75
      case .protocol: 76
      case .permission: 77
      case .configuration: 78
      }
    }
  }

  /// The class of failure.
  package var kind: Kind
  /// The thing and the place: an account, a node, a file with its line.
  package var subject: String
  /// What is wrong, without a full stop.
  package var problem: String
  /// What to do about it, without a full stop; empty if there is nothing to do.
  package var remedy: String

  /// Makes a fault from its parts. None of them may hold a secret.
  package init(_ kind: Kind, _ subject: String, _ problem: String, remedy: String = "") {
    self.kind = kind
    self.subject = subject
    self.problem = problem
    self.remedy = remedy
  }
}

extension OperatorFault {
  /// Whether the same may succeed later though nobody changes anything: a peer that is away, and not a right that is missing.
  package var mayPassByItself: Bool {
    switch kind {
    case .unavailable, .temporary, .protocol, .system, .inputOutput, .software: true
    case .usage, .data, .noInput, .cannotCreate, .permission, .configuration: false
    }
  }
}

extension OperatorFault: CustomStringConvertible {
  /// The whole fault in one line: `subject: problem; remedy`.
  package var description: String {
    let line = remedy.isEmpty ? "\(subject): \(problem)" : "\(subject): \(problem); \(remedy)"
    // Texts of servers and peers end up in here: nothing in them may start a line of its own or steer a terminal.
    if line.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return line }
    return String(
      line.map { character in
        character.isNewline || character.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : character
      })
  }
}
