import Configuration
import ControlCommands
import Foundation
import RotationCore
import SecretMemory
import Synchronization

/// A terminal without a person: it keeps what is written and gives prepared answers.
final class RecordedTerminal: Sendable {
  private struct Record {
    var output = ""
    var errors = ""
    var questions: [String] = []
    var answers: [String] = []
    var secrets: [String] = []
    var calls: [ProgramCall] = []
  }

  private let record = Mutex(Record())

  init(answers: [String] = [], secrets: [String] = []) {
    record.withLock {
      $0.answers = answers
      $0.secrets = secrets
    }
  }

  var output: String { record.withLock(\.output) }
  var errors: String { record.withLock(\.errors) }
  var questions: [String] { record.withLock(\.questions) }
  /// The programs that would have taken the place of asactl.
  var calls: [ProgramCall] { record.withLock(\.calls) }

  func handOver(_ call: ProgramCall) { record.withLock { $0.calls.append(call) } }

  func terminal(isInteractive: Bool = false, canRedraw: Bool = false, size: ScreenSize? = nil) -> Terminal {
    Terminal(
      isInteractive: isInteractive, canRedraw: canRedraw, style: .plain, size: { size },
      output: { text in self.record.withLock { $0.output += text } },
      errors: { text in self.record.withLock { $0.errors += text } },
      answer: { question in
        self.record.withLock {
          $0.questions.append(question)
          return $0.answers.isEmpty ? nil : $0.answers.removeFirst()
        }
      },
      secret: { question in
        let typed = self.record.withLock {
          $0.questions.append(question)
          return $0.secrets.isEmpty ? nil : $0.secrets.removeFirst()
        }
        return typed.map { text in Array(text.utf8).withUnsafeBytes { SecretBytes(copying: $0) } }
      })
  }
}

/// One run of asactl and all that it left behind.
struct CommandRun {
  let code: Int32
  let output: String
  let errors: String
  let questions: [String]
  let calls: [ProgramCall]

  /// Runs asactl with arguments, at a fixed time in a fixed zone.
  static func run(
    _ arguments: [String], recorder: RecordedTerminal = RecordedTerminal(), isInteractive: Bool = false,
    canRedraw: Bool = false, size: ScreenSize? = nil, now: Date = Sample.now, zone: TimeZone = Sample.zone,
    interruption: @escaping @Sendable () async -> Void = { await CommandRun.never() }, domain: FakeDomain? = nil
  ) async -> CommandRun {
    var environment = CommandEnvironment(
      terminal: recorder.terminal(isInteractive: isInteractive, canRedraw: canRedraw, size: size), now: { now },
      zone: zone, interruption: interruption, handOver: recorder.handOver,
      sealingCost: SealedKey.permittedCosts.lowerBound)
    if let domain {
      environment.ticketCache = "FILE:/nowhere/cache"
      environment.administration = { (_, controller) throws(OperatorFault) in domain.controller(controller.name) }
    }
    let code = await AsaCtl.run(arguments, in: environment)
    return CommandRun(
      code: code, output: recorder.output, errors: recorder.errors, questions: recorder.questions, calls: recorder.calls)
  }

  /// Waits until the task is cancelled.
  static func never() async {
    // A day is never in a test; cancellation ends the sleep.
    try? await Task.sleep(for: .seconds(86400))
  }
}
