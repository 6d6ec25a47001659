/// A rotation that stands still before its password write, for as long as a test looks around.
extension LabCluster {
  func holdRotation() async throws {
    try setHook("hold-at", of: "rotator", to: "before:commit")
    let command = ["\(Self.programs)/asactl", "rotate", "--yes", "--socket-directory", "\(directory)/run"]
    try await daemons.start("rotation", command, log: "\(directory)/rotation.log")
    try await waitUntilHeld("rotator")
  }

  func letRotationEnd() async throws {
    try setHook("hold-at", of: "rotator", to: nil)
    try await waitUntil("the rotation has ended") { await !isRunning("rotation") }
  }
}
