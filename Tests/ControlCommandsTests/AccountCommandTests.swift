import ControlProtocol
import Foundation
import GRPCCore
import SwiftProtobuf
import Synchronization
import Testing

@Suite("asactl account enctypes")
struct AccountCommandTests {
  private static func step(
    _ kind: String, _ state: String, action: String = "", change: (inout Asa_Control_V1_EncryptionStep) -> Void = { _ in }
  ) -> Asa_Control_V1_EncryptionStep {
    var step = Asa_Control_V1_EncryptionStep.with {
      $0.kind = kind
      $0.state = state
      $0.detail = "\(kind) is \(state)"
      $0.action = action
    }
    change(&step)
    return step
  }

  private static func reply(_ steps: [Asa_Control_V1_EncryptionStep], done: [String] = []) -> Asa_Control_V1_EncryptionReply {
    .with {
      $0.account = Sample.account
      $0.distinguishedName = "CN=ASA,DC=lab,DC=example"
      $0.goal = 24
      $0.controllers = [
        .with {
          $0.name = "dc1.lab.example"
          $0.writer = true
          $0.encryptionTypes = ["arcfour-hmac"]
        }
      ]
      $0.nodes = [
        .with {
          $0.node = "cas-1.lab.example"
          $0.slots = [
            .with {
              $0.position = "latest"
              $0.version = 5
              $0.encryptionTypes = ["arcfour-hmac"]
            }
          ]
        }
      ]
      $0.steps = steps
      $0.done = done
    }
  }

  /// A daemon that answers one report after the other, the last one for ever, and rotates.
  private func daemon(_ replies: [Asa_Control_V1_EncryptionReply]) -> (FakeDaemon, Calls) {
    let calls = Calls()
    var daemon = FakeDaemon()
    daemon.encryption = { request in
      let index = calls.asked(request.advance)
      return replies[min(index, replies.count - 1)]
    }
    daemon.rotate = { _, writer in
      calls.rotated()
      try await writer.write(Sample.progress(Sample.ended("succeeded")))
    }
    return (daemon, calls)
  }

  private static let rotationDue = reply([step("keys", "due", action: "rotate"), step("attribute", "later")])
  private static let finished = reply([step("keys", "done"), step("attribute", "done")], done: ["It was written."])

  @Test("The attribute, the tickets, the keys, the steps and how to go on")
  func shown() async throws {
    let (daemon, calls) = daemon([Self.rotationDue])
    let run = try await daemon.listening { await CommandRun.run(["account", "enctypes", "--socket-directory", $0]) }
    #expect(run.code == 0)
    #expect(
      run.output == #"""
        LAB\EXCH2016ASA$  CN=ASA,DC=lab,DC=example
          msDS-SupportedEncryptionTypes: not set, to be 24 (the rotator may not write it)
          Tickets issued now:
            dc1.lab.example (written to): arcfour-hmac
          Keys on nodes:
            cas-1.lab.example: latest kvno 5 arcfour-hmac
          Steps to AES:
            STEP             STATE  WHY
            1     keys       due    keys is due
            2     attribute  later  attribute is later
        asactl account enctypes --to aes-only does the next step.

        """#)
    #expect(calls.advances == [false] && calls.rotations == 0)
  }

  @Test("With --to it rotates where that is due, goes on, and tells what was done")
  func advances() async throws {
    let (daemon, calls) = daemon([Self.rotationDue, Self.finished])
    let run = try await daemon.listening {
      await CommandRun.run(["account", "enctypes", "--to", "aes-only", "--yes", "--socket-directory", $0])
    }
    #expect(run.code == 0)
    #expect(calls.advances == [true, true] && calls.rotations == 1)
    #expect(run.output.contains("It was written.\n") && run.output.hasSuffix("has AES keys only.\n"))
  }

  @Test("The JSON document has every field, and no rotation's events beside it")
  func json() async throws {
    let (daemon, _) = daemon([Self.rotationDue, Self.finished])
    let run = try await daemon.listening {
      await CommandRun.run(["account", "enctypes", "--to", "aes-only", "--yes", "--json", "--socket-directory", $0])
    }
    let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(
      Set(document.keys) == [
        "account", "distinguishedName", "attribute", "goal", "mayWrite", "controllers", "nodes", "steps", "done",
      ])
    #expect(document["attribute"] is NSNull && document["done"] as? [String] == ["It was written."])
  }

  @Test("A missing right ends with 77 and the commands that grant it")
  func blocked() async throws {
    let blocked = Self.reply([
      Self.step("keys", "done"),
      Self.step("attribute", "blocked") {
        $0.fault = Sample.fault("permission")
        $0.commands = ["Samba: samba-tool dsacl set"]
      },
    ])
    let (daemon, _) = daemon([blocked])
    let run = try await daemon.listening {
      await CommandRun.run(["account", "enctypes", "--to", "aes-only", "--yes", "--socket-directory", $0])
    }
    #expect(run.code == 77)
    #expect(run.output.hasSuffix("One of these makes way for it:\n  Samba: samba-tool dsacl set\n"))
  }

  @Test(
    "A domain controller that is waited for in vain ends with 75, tickets that have to end with 0",
    arguments: [("proof", 75), ("drop", 0)] as [(String, Int32)])
  func waiting(kind: String, code: Int32) async throws {
    let (daemon, calls) = daemon([Self.reply([Self.step(kind, "waiting")])])
    let run = try await daemon.listening {
      await CommandRun.run(
        ["account", "enctypes", "--to", "aes-only", "--yes", "--wait", "1", "--socket-directory", $0])
    }
    #expect(run.code == code)
    #expect(calls.advances.count == (kind == "proof" ? 2 : 1))
  }

  @Test("Rotations that lead nowhere are not made without end")
  func bounded() async throws {
    let (daemon, calls) = daemon([Self.rotationDue])
    let run = try await daemon.listening {
      await CommandRun.run(["account", "enctypes", "--to", "aes-only", "--yes", "--socket-directory", $0])
    }
    #expect(run.code == 75 && calls.rotations == 3)
  }

  @Test("On a terminal the way is shown and the question asked; any answer but yes changes nothing")
  func asks() async throws {
    let (daemon, calls) = daemon([Self.rotationDue])
    let run = try await daemon.listening {
      await CommandRun.run(
        ["account", "enctypes", "--to", "aes-only", "--socket-directory", $0], recorder: RecordedTerminal(answers: ["n"]),
        isInteractive: true)
    }
    #expect(run.code == 1 && calls.advances == [false] && calls.rotations == 0)
    #expect(run.questions == [#"Move LAB\EXCH2016ASA$ on to AES now? [y/N] "#])
  }

  @Test("A dry run and no --to ask for nothing to be done; another aim is wrong usage")
  func dryRun() async throws {
    let (daemon, calls) = daemon([Self.rotationDue])
    let run = try await daemon.listening {
      await CommandRun.run(["account", "enctypes", "--to", "aes-only", "--dry-run", "--socket-directory", $0])
    }
    #expect(run.code == 0 && calls.advances == [false] && run.output.hasSuffix("Nothing was changed.\n"))
    #expect(await CommandRun.run(["account", "enctypes", "--to", "rc4"]).code == 64)
  }
}

/// What a daemon was asked for.
private final class Calls: Sendable {
  private let state = Mutex((advances: [Bool](), rotations: 0))

  var advances: [Bool] { state.withLock { $0.advances } }
  var rotations: Int { state.withLock { $0.rotations } }

  func asked(_ isAdvancing: Bool) -> Int {
    state.withLock {
      $0.advances.append(isAdvancing)
      return $0.advances.count - 1
    }
  }

  func rotated() { state.withLock { $0.rotations += 1 } }
}
