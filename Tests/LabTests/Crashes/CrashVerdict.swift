import ChildProcesses
import Foundation

/// How things stood before a crash.
struct CrashStanding {
  var version: Int
  var rotations: Set<String>
  /// A client's tickets of that time.
  var tickets: String
}

/// What became of a rotation after the last restart.
struct CrashVerdict: Sendable {
  /// `succeeded`, `degraded`, `failed`, or `never began`.
  var outcome: String
  /// By how much the kvno in the directory moved.
  var moved: Int
  /// Seconds from the restart until everything was in order.
  var seconds: Double
}

/// Something is not as it must be after a crash.
struct CrashFinding: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension CrashSite {
  /// How long the daemons have after a restart, in seconds.
  static let patience = 30.0

  func standing() async throws -> CrashStanding {
    CrashStanding(
      version: try await cluster.directoryVersion(), rotations: Set(try await records().compactMap { $0["rotation"]?.string }),
      tickets: try await cluster.clientTickets("before"))
  }

  /// Judges what the daemons have made of a crash.
  ///
  /// - Parameters:
  ///   - resets: Passwords that somebody else has set since.
  ///   - restart: When the last daemon was started again.
  /// - Throws: ``CrashFinding`` with what does not hold.
  func judge(
    since before: CrashStanding, resets: Int = 0, restart: ContinuousClock.Instant
  ) async throws -> CrashVerdict {
    var open: String? = "nothing was asked yet"
    while let reason = open {
      guard ContinuousClock.now - restart < .seconds(Self.patience) else { throw CrashFinding("after 30 s: \(reason)") }
      open = try await whatIsOpen(since: before)
      // A foreign key is refused by every node until the next rotation.
      if open == nil, resets == 0 { open = try await verify() }
      if open != nil { try await Task.sleep(for: .milliseconds(100)) }
    }
    let seconds = (ContinuousClock.now - restart) / .seconds(1)
    let endings = try await endings(since: before)
    let moved = try await cluster.directoryVersion() - before.version
    try check(endings, moved: moved, since: before, resets: resets)
    for node in nodes where try await !cluster.accepts(node, tickets: before.tickets) {
      throw CrashFinding("\(node) refuses a ticket from before")
    }
    let outcome = endings.last?["kind"]?.string.map { $0.replacing("rotation", with: "").lowercased() }
    return CrashVerdict(outcome: outcome ?? "never began", moved: moved, seconds: seconds)
  }

  private func records() async throws -> [JSONValue] {
    try await cluster.json("history", "--limit", "200")["records"]?.array ?? []
  }

  private func whatIsOpen(since before: CrashStanding) async throws -> String? {
    let result = try await cluster.asactl("status", "--json")
    guard result.status == 0 else { return "status: \(result.errors)" }
    let account = try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))["accounts"]?[0]
    guard account?["phase"]?.string == "idle" else { return "the rotation is \(account?["phase"]?.string ?? "?")" }
    let records = try await records()
    for record in records where record["kind"]?.string == "rotationStarted" {
      guard let rotation = record["rotation"]?.string, !before.rotations.contains(rotation) else { continue }
      let ends = records.count { $0["rotation"]?.string == rotation && Self.isTerminal($0) }
      if ends != 1 { return "rotation \(rotation) has \(ends) terminal records" }
    }
    return nil
  }

  private func endings(since before: CrashStanding) async throws -> [JSONValue] {
    try await records().filter { record in
      Self.isTerminal(record) && !before.rotations.contains(record["rotation"]?.string ?? "")
    }
  }

  private static func isTerminal(_ record: JSONValue) -> Bool {
    ["rotationSucceeded", "rotationDegraded", "rotationFailed"].contains(record["kind"]?.string)
  }

  /// The directory's kvno, read without our code, has moved once for each password that a record tells of, and at most once.
  private func check(_ endings: [JSONValue], moved: Int, since before: CrashStanding, resets: Int) throws {
    for ending in endings where ending["passwordChanged"]?.boolean == nil {
      throw CrashFinding("a rotation ended without knowing whether it changed the password: \(ending["message"]?.string ?? "")")
    }
    let changed = endings.filter { $0["passwordChanged"]?.boolean == true }
    guard changed.count <= 1, moved == changed.count + resets else {
      throw CrashFinding("the kvno moved by \(moved), and \(changed.count) records tell of a new password")
    }
    if let version = changed.last?["version"]?.number, Int(version) != before.version + moved {
      throw CrashFinding("the record says kvno \(Int(version)), the directory has \(before.version + moved)")
    }
  }
}
