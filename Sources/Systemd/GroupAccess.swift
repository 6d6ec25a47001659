import CSystemd
import Glibc
package import RotationCore

/// Opens one of our files to a group that this process need not be a member of.
///
/// The owner of a file may put any group on its access list, while giving the file to a group takes membership or a capability, and
/// the call for that is among those that a service sandbox takes away.
package enum GroupAccess {
  /// Lets the owner and one group read and write, or connect in the case of a socket, and nobody else.
  ///
  /// - Parameters:
  ///   - group: The group's numeric id.
  ///   - path: A file of ours.
  /// - Throws: ``OperatorFault`` of kind `.permission` naming the file.
  package static func grant(_ group: UInt32, to path: String) throws(OperatorFault) {
    let list = accessList(for: group)
    if asa_set_access_list(path, list, list.count) == 0 { return }
    // A file system without access lists.
    guard errno == ENOTSUP, chown(path, uid_t.max, group) == 0, chmod(path, 0o660) == 0 else {
      throw OperatorFault(
        .permission, path, "cannot be opened to its group: \(String(cString: strerror(errno)))",
        remedy: "put it on a file system with access lists (tmpfs, ext4, xfs)")
    }
  }

  /// The wire form of an access list (linux/posix_acl_xattr.h, version 2): little-endian tag, permissions and id of each entry.
  private static func accessList(for group: UInt32) -> [UInt8] {
    let none = UInt32.max
    let readWrite: UInt16 = 6
    let entries: [(tag: UInt16, permissions: UInt16, id: UInt32)] = [
      (0x01, readWrite, none),  // the owner
      (0x04, 0, none),  // the file's own group
      (0x08, readWrite, group),
      (0x10, readWrite, none),  // the mask
      (0x20, 0, none),  // others
    ]
    return bytes(UInt32(2)) + entries.flatMap { bytes($0.tag) + bytes($0.permissions) + bytes($0.id) }
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
