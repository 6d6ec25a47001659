import Configuration
import Glibc
import PosixStatus
import RotationCore

/// Looks at the files and sockets that a configuration names.
enum FileGathering {
  /// Those of a rotator.
  static func files(of rotator: RotatorConfiguration, at path: String, sockets: String) -> [FileEvidence] {
    let look = { (file: String, role: FileEvidence.Role) in Self.look(at: file, role, named: path) }
    let keytabs = rotator.directories.map { directory in
      look(directory.keytab, .keytab(principal: directory.principal))
    }
    return [
      look(path, .configuration),
      look(rotator.agents.privateKey, .key(replacement: "'asactl pki issue --role rotator --replace'")),
      look(rotator.agents.certificate, .certificate), look(rotator.agents.certificateAuthority, .certificate),
      look(
        StoreOptions.keyFile(of: rotator.store),
        .key(replacement: "stop the rotator, begin a new store with a new key, and adopt the nodes' keys")),
    ] + keytabs + ["status.sock", "control.sock"].map { look("\(sockets)/\($0)", .socket) }
  }

  /// Those of an agent, its keytabs apart.
  static func files(of agent: AgentConfiguration, at path: String) -> [FileEvidence] {
    let look = { (file: String, role: FileEvidence.Role) in Self.look(at: file, role, named: path) }
    return [
      look(path, .configuration),
      look(agent.privateKey, .key(replacement: "'asactl pki issue --role node --name \(agent.node) --replace'")),
      look(agent.certificate, .certificate), look(agent.certificateAuthority, .certificate),
    ]
  }

  /// root, whoever asks, and the users of the services.
  static var trustedUsers: Set<UInt32> {
    let services = ["asa-rotator", "asa-agent"].compactMap { (name: String) in getpwnam(name)?.pointee.pw_uid }
    return Set([0, geteuid()] + services)
  }

  private static func look(at path: String, _ role: FileEvidence.Role, named configuration: String) -> FileEvidence {
    FileEvidence(path: path, role: role, configuration: configuration, state: state(of: path))
  }

  /// What is at a path, through links.
  static func state(of path: String) -> FileEvidence.State {
    if let status = FileStatus(followingLinksFrom: path) {
      return .present(user: status.user, group: status.group, mode: status.mode)
    }
    let code = errno
    guard code == ENOENT || code == ENOTDIR else { return .hidden(String(cString: strerror(code))) }
    return path.hasPrefix("/run/credentials/") ? .hidden("systemd shows it while its service runs") : .absent
  }
}
