import Foundation

/// Judges owners and modes of files and sockets.
package struct FileRules {
  private let files: [FileEvidence]

  /// Takes what was seen.
  package init(_ files: [FileEvidence]) { self.files = files }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] { files.map(check) }

  private func check(_ file: FileEvidence) -> DoctorCheck {
    switch file.state {
    case .hidden(let reason): DoctorCheck(file.path, file.claim, impossible: reason)
    // A rotator that does not run has none.
    case .absent where file.role == .socket: DoctorCheck(file.path, file.claim, impossible: "it does not exist")
    case .absent:
      DoctorCheck(
        file.path, file.claim,
        DoctorFinding(
          .fileMissing, file.path, "\(file.configuration) names it, and it does not exist",
          ["CONFIGURATION": file.configuration]))
    case .present(let user, let group, let mode):
      DoctorCheck(file.path, file.claim, finding(file, user: user, group: group, mode: mode))
    }
  }

  private func finding(_ file: FileEvidence, user: UInt32, group: UInt32, mode: UInt32) -> DoctorFinding? {
    let evidence = "its mode is \(mode.octal)"
    switch file.role {
    case .configuration:
      return mode & 0o022 == 0 ? nil : DoctorFinding(.configurationWritable, file.path, evidence, ["FILE": file.path])
    case .key(let replacement):
      let isExposed = mode & 0o077 != 0 && !file.isCredential(user: user, group: group, mode: mode)
      return isExposed
        ? DoctorFinding(.fileExposed, file.path, evidence, ["FILE": file.path, "REPLACEMENT": replacement]) : nil
    case .certificate: return nil
    case .socket: return mode & 0o007 == 0 ? nil : DoctorFinding(.socketOpen, file.path, evidence, ["FILE": file.path])
    }
  }
}

extension FileEvidence {
  fileprivate var claim: String {
    switch role {
    case .configuration: "can be written by its owner alone"
    case .key: "is there, and its owner's alone"
    case .certificate: "is there"
    case .socket: "is closed to others"
    }
  }

  /// systemd hands a credential over as root's file with an access list for the service user, whose mask shows as the group's bits.
  fileprivate func isCredential(user: UInt32, group: UInt32, mode: UInt32) -> Bool {
    path.hasPrefix("/run/credentials/") && user == 0 && group == 0 && mode & 0o037 == 0
  }
}

extension UInt32 {
  /// A mode as chmod takes it.
  var octal: String { "0" + String(self, radix: 8) }
}
