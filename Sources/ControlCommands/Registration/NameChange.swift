import ArgumentParser
import RotationCore

/// The part that adding SPNs and removing them have in common: the plan is shown, the question asked, the change made and told.
struct NameChange {
  let isRemoving: Bool
  let isDryRun: Bool
  let isConfirmed: Bool
  let isJSON: Bool
  let environment: CommandEnvironment

  /// Refuses before anything is asked of a domain controller if there is nobody to say yes.
  ///
  /// - Throws: ``OperatorFault`` of kind `.usage`.
  func checkCanBeMade() throws(OperatorFault) {
    try consent.checkCanBeGiven(subject: isRemoving ? "spn remove" : "spn add")
  }

  /// Shows, asks, has `write` make the change.
  func make(_ plan: NameChangeDocument, _ write: ([String]) async throws(OperatorFault) -> Void) async throws {
    var document = plan
    if !isJSON { try environment.terminal.print(rendering.plan(document)) }
    if isDryRun || document.changes.isEmpty {
      document.dryRun = isDryRun
      return try answer.print(document) { ["Nothing was changed."] }
    }
    try await consent.obtain(isRemoving ? "Take them off?" : "Register them?")
    try await write(document.changes)
    document.dryRun = false
    try answer.print(document) { rendering.lines(document) }
  }

  private var rendering: NameChangeRendering {
    NameChangeRendering(isRemoving: isRemoving, style: environment.terminal.style)
  }

  private var answer: Answer { Answer(environment.terminal, json: isJSON) }

  private var consent: Consent {
    Consent(terminal: environment.terminal, isGiven: isConfirmed || isDryRun, isQuiet: isJSON)
  }
}
