import Foundation

/// Judges owners and modes of files and sockets.
package struct FileRules {
  private let files: [FileEvidence]
  private let trusted: Set<UInt32>

  /// Takes what was seen.
  ///
  /// - Parameter trusted: The users that may own them.
  package init(_ files: [FileEvidence], trusting trusted: Set<UInt32> = [0]) {
    self.files = files
    self.trusted = trusted
  }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] { files.map(check) }

  private func check(_ file: FileEvidence) -> DoctorCheck {
    switch file.state {
    case .hidden(let reason): DoctorCheck(file.path, file.claim, impossible: reason)
    // A rotator that does not run has none.
    case .absent where file.role == .socket: DoctorCheck(file.path, file.claim, impossible: "it does not exist")
    case .absent: DoctorCheck(file.path, file.claim, absence(of: file))
    case .present(let user, let group, let mode):
      DoctorCheck(
        file.path, file.claim, [finding(file, user: user, group: group, mode: mode), stranger(file, user)].compactMap(\.self))
    }
  }

  private func absence(of file: FileEvidence) -> DoctorFinding {
    let evidence = "\(file.configuration) names it, and it does not exist"
    guard case .keytab(let principal) = file.role else {
      return DoctorFinding(.fileMissing, file.path, evidence, ["CONFIGURATION": file.configuration])
    }
    return DoctorFinding(.rotatorKeytab, file.path, evidence, ["FILE": file.path, "PRINCIPAL": principal])
  }

  /// A socket is made anew with each start, and a certificate is no secret.
  private func stranger(_ file: FileEvidence, _ user: UInt32) -> DoctorFinding? {
    guard file.role != .socket, file.role != .certificate, !trusted.contains(user) else { return nil }
    return DoctorFinding(.fileOwner, file.path, "it belongs to user \(user)", ["FILE": file.path])
  }

  private func finding(_ file: FileEvidence, user: UInt32, group: UInt32, mode: UInt32) -> DoctorFinding? {
    let evidence = "its mode is \(mode.octal)"
    switch file.role {
    case .configuration:
      return mode & 0o022 == 0 ? nil : DoctorFinding(.configurationWritable, file.path, evidence, ["FILE": file.path])
    case .key, .keytab:
      guard mode & 0o077 != 0, !file.isCredential(user: user, group: group, mode: mode) else { return nil }
      return DoctorFinding(.fileExposed, file.path, evidence, ["FILE": file.path, "REPLACEMENT": file.replacement])
    case .certificate: return nil
    case .socket: return mode & 0o007 == 0 ? nil : DoctorFinding(.socketOpen, file.path, evidence, ["FILE": file.path])
    }
  }
}

extension FileEvidence {
  fileprivate var claim: String {
    switch role {
    case .configuration: "can be written by its owner alone"
    case .key, .keytab: "is there, and its owner's alone"
    case .certificate: "is there"
    case .socket: "is closed to others"
    }
  }

  /// How its contents are made worthless.
  fileprivate var replacement: String {
    switch role {
    case .key(let replacement): replacement
    case .keytab(let principal): "set a new password for \(principal) and make its keytab anew"
    case .configuration, .certificate, .socket: ""
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
