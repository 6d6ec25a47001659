import Foundation
import Glibc
import PosixStatus

/// Who may use a socket, for telling somebody who may not: the owner and group of the socket itself, or of the nearest
/// directory above it that may be looked into.
struct SocketOwners: CustomStringConvertible {
  private let user: String
  private let group: String

  /// Looks a path up.
  init(path: String) {
    var path = path
    var status = FileStatus(followingLinksFrom: path)
    while status == nil, path.count > 1 {
      path = (path as NSString).deletingLastPathComponent
      status = FileStatus(followingLinksFrom: path)
    }
    user = Self.userName(status?.user ?? 0)
    group = Self.groupName(status?.group ?? 0)
  }

  /// `user root and group asa-admin`.
  var description: String { "user \(user) and group \(group)" }

  private static func userName(_ id: uid_t) -> String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer in
      guard let start = buffer.baseAddress, getpwuid_r(id, &entry, start, buffer.count, &found) == 0, found != nil,
        let name = entry.pw_name
      else { return "\(id)" }
      return String(cString: name)
    }
  }

  private static func groupName(_ id: gid_t) -> String {
    var entry = GroupEntry()
    var found: UnsafeMutablePointer<GroupEntry>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer in
      guard let start = buffer.baseAddress, getgrgid_r(id, &entry, start, buffer.count, &found) == 0, found != nil,
        let name = entry.gr_name
      else { return "\(id)" }
      return String(cString: name)
    }
  }
}

/// `struct group`, under a name that the property `group` does not hide.
private typealias GroupEntry = Glibc.group
