/// Owner, group and mode of a file that we replace.
package struct FileOwnership: Sendable, Equatable {
  /// The owner's numeric id; `nil` leaves the owner of the file replaced, or, where there was none, the process's own.
  package var user: UInt32?
  /// The group's numeric id; `nil` leaves the group of the file replaced, or, where there was none, the one that the folder gives.
  package var group: UInt32?
  /// The permission bits.
  package var mode: UInt32

  /// Makes an ownership from its parts.
  package init(user: UInt32? = nil, group: UInt32? = nil, mode: UInt32) {
    self.user = user
    self.group = group
    self.mode = mode
  }
}
