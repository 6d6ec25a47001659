import ActiveDirectory
import Kerberos
import RotationCore

/// One domain controller over both protocols.
struct ControllerAccess: Sendable {
  let name: String
  let directory: ActiveDirectoryClient
  let kerberos: KerberosClient
}

/// Domain controllers that are asked the same, all at once.
struct ControllerGroup {
  private let controllers: [ControllerAccess]
  private let progress: ExaminationProgress

  init(_ controllers: [ControllerAccess], _ progress: ExaminationProgress) {
    self.controllers = controllers
    self.progress = progress
  }

  /// The answers in the order of the controllers.
  func ask<Answer: Sendable>(_ question: @escaping @Sendable (ControllerAccess) async -> Answer) async -> [Answer] {
    await withTaskGroup(of: (Int, Answer).self) { group in
      for (index, controller) in controllers.enumerated() {
        group.addTask { [progress] in
          (index, await progress.during("domain controller \(controller.name)") { await question(controller) })
        }
      }
      let answers = await group.reduce(into: [Int: Answer]()) { $0[$1.0] = $1.1 }
      return controllers.indices.compactMap { answers[$0] }
    }
  }
}
