import ChildProcesses
import Foundation

/// Everything that a dry run could change: the account in the directory, the nodes' keytabs and state, and the rotator's store. None of it is read
/// with our own code.
struct Inventory: Equatable, Sendable {
  /// A line for each attribute of the account: when, where and how often it was written, as `ldbsearch --show-binary` tells.
  var account: [String]
  /// Everything below the nodes' directories, by its path.
  var files: [String: File]
  /// The rows of every table of the store.
  var store: [String]

  /// A file as it is on the disk. One that was replaced by its like is another one.
  struct File: Equatable, Sendable {
    let contents: Data?
    let mode: Int
    let identifier: Int
    let modified: Date
  }

  /// What is another than in `former`, a line for each.
  func differences(from former: Inventory) -> [String] {
    let paths = Set(files.keys).union(former.files.keys).filter { files[$0] != former.files[$0] }.sorted()
    return Self.lines(account, former.account) + paths.map { "file \($0)" } + Self.lines(store, former.store)
  }

  private static func lines(_ new: [String], _ old: [String]) -> [String] {
    new.difference(from: old).map { change in
      switch change {
      case .insert(_, let line, _): "now: \(line)"
      case .remove(_, let line, _): "before: \(line)"
      }
    }
  }
}

extension LabCluster {
  /// Takes the inventory until two in a row are alike: what nodes and the rotator have been told before may still be under way.
  func settledInventory() async throws -> Inventory {
    var last = try await inventory()
    try await waitUntil("nothing is under way any more") {
      let next = try await inventory()
      defer { last = next }
      return next == last
    }
    return last
  }

  private func inventory() async throws -> Inventory {
    async let account = lab.run(
      "ldbsearch", "-H", "\(lab.state)/dc1/private/sam.ldb", "--show-binary", "(sAMAccountName=\(accountName))",
      "replPropertyMetaData")
    async let store = lab.run("dump-store", "\(directory)/store/rotator.db")
    var files: [String: Inventory.File] = [:]
    for node in layout.nodes {
      for name in FileManager.default.subpaths(atPath: "\(directory)/\(node)") ?? [] {
        files["\(node)/\(name)"] = try? Inventory.File(path: "\(directory)/\(node)/\(name)")
      }
    }
    return Inventory(
      account: try await Self.attributes(account), files: files,
      store: try await store.split(separator: "\n").map(String.init))
  }
}

extension LabCluster {
  private static func attributes(_ metadata: String) -> [String] {
    metadata.components(separatedBy: "array: struct replPropertyMetaData1").map { part in
      part.split { $0.isWhitespace }.joined(separator: " ")
    }
  }
}

extension Inventory.File {
  init(path: String) throws {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    let isFile = attributes[.type] as? FileAttributeType == .typeRegular
    contents = isFile ? try Data(contentsOf: URL(fileURLWithPath: path)) : nil
    mode = attributes[.posixPermissions] as? Int ?? 0
    identifier = attributes[.systemFileNumber] as? Int ?? 0
    modified = attributes[.modificationDate] as? Date ?? .distantPast
  }
}
