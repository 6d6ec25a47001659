import ControlCommands
import ControlProtocol
import Glibc
import ManualPages
import SwiftProtobuf
import Testing

@Suite("What a shell offers for an argument")
struct LiveCompletionTests {
  /// A rotator that knows names to offer.
  private static var daemon: FakeDaemon {
    var daemon = FakeDaemon()
    daemon.status = { _ in Sample.status([Sample.healthyNode]) }
    daemon.nodes = {
      .with {
        $0.nodes = [
          .with {
            $0.node = "cas-2.lab.example"
            $0.arrays = ["mail.lab.example"]
          },
          .with {
            $0.node = "cas-1.lab.example"
            $0.arrays = ["mail.lab.example", "owa.lab.example"]
          },
        ]
      }
    }
    daemon.history = { _ in .with { $0.records = [.with { $0.rotation = "rotation-7" }, .with { $0.kind = "drift" }] } }
    return daemon
  }

  /// What the script of a shell asks: for an argument of a command, with the words that have been typed.
  private static func offered(_ command: String, _ argument: String, _ directory: String) async -> CommandRun {
    let words = command.split(separator: " ").map(String.init)
    let typed = ["asactl"] + words + ["--socket-directory", directory, ""]
    // Of a machine that runs many tests at once nothing is expected in time.
    return await LiveCompletion.$patience.withValue(.seconds(60)) {
      await CommandRun.run(["---completion"] + words + ["--", argument, "\(typed.count - 1)", "0"] + typed)
    }
  }

  @Test(
    "Names are those of the running rotator",
    arguments: [
      ("status", "positional@0", ["cas-1.lab.example", "cas-2.lab.example"]),
      ("nodes revoke", "positional@0", ["cas-1.lab.example", "cas-2.lab.example"]),
      ("rotate", "--shut-out", ["cas-1.lab.example", "cas-2.lab.example"]),
      ("rotate", "--account", [Sample.account]), ("history", "--account", [Sample.account]),
      ("dc forget", "positional@0", ["dc1.lab.example", "dc2.lab.example"]), ("journal", "--rotation", ["rotation-7"]),
    ])
  func names(_ command: String, _ argument: String, _ expected: [String]) async throws {
    let run = try await Self.daemon.listening { await Self.offered(command, argument, $0) }
    #expect(run.code == 0 && run.errors.isEmpty)
    #expect(run.output == expected.joined(separator: "\n") + "\n")
  }

  @Test("Where no rotator listens nothing is offered, and nothing is said")
  func nobodyListens() async throws {
    let directory = try TemporaryDirectory()
    let run = await Self.offered("nodes revoke", "positional@0", directory.path)
    #expect(run.code == 0 && run.output == "\n" && run.errors.isEmpty)
  }

  @Test("A rotator that refuses has nothing offered")
  func refuses() async throws {
    var daemon = FakeDaemon()
    daemon.nodes = { throw Interrupted() }
    let run = try await daemon.listening { await Self.offered("nodes revoke", "positional@0", $0) }
    #expect(run.code == 0 && run.output == "\n" && run.errors.isEmpty)
  }

  @Test("A rotator that does not answer keeps nobody waiting for long", .timeLimit(.minutes(1)))
  func doesNotAnswer() async throws {
    let directory = try TemporaryDirectory()
    let listener = try SilentSocket("\(directory.path)/status.sock")
    let run = await CommandRun.run(
      ["---completion", "nodes", "revoke", "--", "positional@0", "0", "0", "--socket-directory", directory.path])
    withExtendedLifetime(listener) {}
    #expect(run.code == 0 && run.output == "\n" && run.errors.isEmpty)
  }

  @Test("A name with a control character is not offered to a shell")
  func controlCharacters() async throws {
    var daemon = FakeDaemon()
    daemon.nodes = { .with { $0.nodes = [.with { $0.node = "a\nb" }, .with { $0.node = "cas-1.lab.example" }] } }
    let run = try await daemon.listening { await Self.offered("nodes revoke", "positional@0", $0) }
    #expect(run.output == "cas-1.lab.example\n")
  }

  @Test(
    "The directory of the sockets is read however it was typed",
    arguments: [
      ["--socket-directory", "/run/a b"], ["--socket-directory=/run/a b"], ["--socket-directory", "=", "/run/a b"],
      ["--socket-directory", #"/run/a\ b"#], ["--socket-directory", "'/run/a b'"], ["--socket-directory", "\"/run/a b\""],
    ])
  func typedWords(_ words: [String]) {
    #expect(TypedWords(["asactl", "status"] + words + [""]).value(of: "--socket-directory") == "/run/a b")
    #expect(TypedWords(["asactl", "status"]).value(of: "--socket-directory") == nil)
  }

  @Test("bash is given words that it does not take for something else")
  func quoting() {
    #expect(TypedWords.quotedForBash(#"LAB\EXCH2016ASA$"#) == #"LAB\\EXCH2016ASA\$"#)
    #expect(TypedWords.quotedForBash("cas-1.lab.example") == "cas-1.lab.example")
    #expect(TypedWords.quotedForBash("a b`c") == #"a\ b\`c"#)
  }

  @Test("Every argument that names something the rotator knows, or a file, is completed", arguments: try ListedCommand.leaves())
  func everyArgument(_ command: ListedCommand) {
    let names = ["node", "array", "DOMAIN\\acct$", "outcome", "kind", "id"]
    let files = ["file", "dir"]
    // A new account has a name that nothing has yet.
    for argument in command.arguments where command.words != ["account", "create"] || argument.kind != .positional {
      if names.contains(argument.valueName) { #expect(argument.completion != nil, "\(argument)") }
      if files.contains(argument.valueName) { #expect(["file", "directory"].contains(argument.completion), "\(argument)") }
    }
  }
}

/// A Unix socket that accepts connections and never says anything, as that of a stopped process.
private final class SilentSocket: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0 && listen(descriptor, 5) == 0)
  }

  deinit { close(descriptor) }
}
