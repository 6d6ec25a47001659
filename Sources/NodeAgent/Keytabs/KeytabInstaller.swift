package import Configuration
import Foundation
import Glibc
package import Kerberos
import PosixStatus
package import RotationCore
import SecretMemory

/// Puts entries into one managed keytab: refuses a file that is not the agent's alone, saves what was there first, replaces it
/// atomically and reads it back. Whatever fails, the last good file stays.
package struct KeytabInstaller: Sendable {
  /// What an installation did.
  package enum Result: Sendable, Equatable {
    /// The file was as it should be and has not been touched.
    case unchanged
    /// The file was written.
    case written
  }

  private let savedDirectory: String
  // The largest keytab that 256 SPNs of 64 slots make is far below this.
  private static let sizeLimit = 16 << 20

  /// Makes an installer.
  ///
  /// - Parameter savedDirectory: Where the copies of files as they were before their first overwrite go.
  package init(savedDirectory: String) { self.savedDirectory = savedDirectory }

  /// The entries installed at `path`; none if there is no file.
  ///
  /// - Throws: ``OperatorFault`` if there is something that cannot be read as a keytab.
  package func read(_ path: String) throws(OperatorFault) -> [KeytabEntry] {
    try exists(path) ? try KeytabFile.read(path) : []
  }

  /// Makes sure that the file is, or can become, the agent's own.
  ///
  /// - Parameters:
  ///   - path: The keytab.
  ///   - owners: The accounts that name it.
  /// - Throws: ``OperatorFault`` of kind `.configuration` naming the file, and the principals in it that belong to nobody of `owners`.
  package func check(_ path: String, owners: [AccountPrincipals]) throws(OperatorFault) {
    let directory = (path as NSString).deletingLastPathComponent
    guard access(directory, W_OK | X_OK) == 0 else {
      throw OperatorFault(
        .configuration, "keytab \(path)", "cannot be replaced: \(directory): \(String(cString: strerror(errno)))",
        remedy: "give the agent's user write access to the directory, or name another path")
    }
    let foreign = try read(path).filter { entry in !owners.contains { $0.owns(entry) } }
    guard foreign.isEmpty else { throw Self.foreignPrincipals(foreign, path: path) }
  }

  /// Makes `entries` the contents of the keytab.
  ///
  /// - Parameters:
  ///   - entries: The whole contents.
  ///   - keytab: Where, and with which owner, group and mode.
  ///   - owners: The accounts that name the file.
  /// - Throws: ``OperatorFault`` naming the file; it then is as it was, byte for byte.
  package func install(
    _ entries: [KeytabEntry], at keytab: KeytabConfiguration, owners: [AccountPrincipals]
  ) throws(OperatorFault) -> Result {
    try check(keytab.path, owners: owners)
    let ownership = try ownership(of: keytab)
    if try exists(keytab.path), Self.holdSame(try read(keytab.path), entries), has(ownership, keytab.path) { return .unchanged }
    try saveOriginal(of: keytab.path)
    try KeytabFile.write(entries, replacing: keytab.path, ownership: ownership)
    guard Self.holdSame(try read(keytab.path), entries) else {
      throw OperatorFault(
        .inputOutput, "keytab \(keytab.path)", "does not hold what was written to it", remedy: "check its file system")
    }
    return .written
  }

  /// Takes away a keytab that was not there before.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`.
  package func remove(_ path: String) throws(OperatorFault) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw DurableFile.fault(.cannotCreate, "keytab \(path)", "cannot be removed")
    }
  }

  /// Whether two lists hold the same entries, in any order and whatever their time stamps.
  private static func holdSame(_ left: [KeytabEntry], _ right: [KeytabEntry]) -> Bool {
    left.count == right.count && right.allSatisfy { entry in left.contains { $0.isSame(as: entry) } }
  }

  private static func foreignPrincipals(_ entries: [KeytabEntry], path: String) -> OperatorFault {
    let names = Set(entries.map { "\($0.principal)@\($0.realm)" }).sorted()
    let shown = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
    return OperatorFault(
      .configuration, "keytab \(path)", "holds principals that are not of its accounts: \(shown)",
      remedy: "a managed keytab is the agent's alone: give those (host/... for example) a keytab of their own")
  }
}

extension KeytabInstaller {
  /// Whether there is a file. A symbolic link is refused: replacing it would leave its target as it is.
  private func exists(_ path: String) throws(OperatorFault) -> Bool {
    guard let status = FileStatus(path: path) else {
      if errno == ENOENT { return false }
      throw OperatorFault(
        .configuration, "keytab \(path)", "cannot be examined: \(String(cString: strerror(errno)))",
        remedy: "check the path and the rights on its directories")
    }
    guard status.kind == .regular else {
      throw OperatorFault(
        .configuration, "keytab \(path)", "is not a regular file", remedy: "name the file itself, not a link or a directory")
    }
    return true
  }

  /// The configured names as the numbers that the system knows.
  func ownership(of keytab: KeytabConfiguration) throws(OperatorFault) -> FileOwnership {
    let user = keytab.owner.map { name in getpwnam(name)?.pointee.pw_uid }
    let group = keytab.group.map { name in getgrnam(name)?.pointee.gr_gid }
    if let user, user == nil { throw Self.unknown("owner \(keytab.owner ?? "")", of: keytab) }
    if let group, group == nil { throw Self.unknown("group \(keytab.group ?? "")", of: keytab) }
    return FileOwnership(user: user ?? nil, group: group ?? nil, mode: keytab.mode)
  }

  private static func unknown(_ name: String, of keytab: KeytabConfiguration) -> OperatorFault {
    OperatorFault(
      .configuration, "keytab \(keytab.path)", "\(name) is not known on this machine", remedy: "create it, or name another")
  }

  /// Whether the file already has the permission bits and owners asked for.
  func has(_ ownership: FileOwnership, _ path: String) -> Bool {
    guard let status = FileStatus(path: path), status.mode == ownership.mode else { return false }
    return (ownership.user ?? status.user) == status.user && (ownership.group ?? status.group) == status.group
  }

  private func savedCopy(of path: String) -> String {
    let name = path.dropFirst().replacing("%", with: "%25").replacing("/", with: "%2F")
    return "\(savedDirectory)/\(name.hasSuffix(".keytab") ? String(name) : name + ".keytab")"
  }

  /// Destroys the copy of the file as it was before the agent first wrote it.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`.
  func forgetOriginal(of path: String) throws(OperatorFault) { try remove(savedCopy(of: path)) }

  /// Keeps the file as it was before the agent first wrote it. An empty copy says that there was none.
  private func saveOriginal(of path: String) throws(OperatorFault) {
    let copy = savedCopy(of: path)
    guard access(copy, F_OK) != 0 else { return }
    try DurableFile.replace(copy, with: try exists(path) ? try contents(of: path) : SecretBytes(count: 0) { _ in })
  }

  private func contents(of path: String) throws(OperatorFault) -> SecretBytes {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw DurableFile.fault(.inputOutput, path, "cannot be opened") }
    defer { close(descriptor) }
    return try DurableFile.read(descriptor, path: path, limit: Self.sizeLimit)
  }
}
