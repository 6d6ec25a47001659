package import ArgumentParser

/// The program: everything that an administrator does with a rotator.
package struct AsaCtl: AsyncParsableCommand {
  /// The command tree and the page that `asactl --help` prints.
  package static let configuration = CommandConfiguration(
    commandName: "asactl",
    abstract: "Look at and steer asa-rotatord, which rotates the passwords of shared Active Directory accounts.",
    discussion: """
      A first look:
        asactl status            accounts, nodes, and the keys on each node
        asactl rotate --dry-run  what a rotation would do now
        asactl rotate            do it, and watch
        asactl verify            let every node prove that it accepts a fresh ticket
        asactl history           what happened before
        asactl schedule          when the next rotations begin
        asactl health            whether all is well, for monitoring
        asactl doctor            what breaks Kerberos, and what to do

      Reading needs access to status.sock, changes need access to control.sock; the permissions of the two sockets \
      decide who may do what.

      Exit codes: 0 done; 1 answered with no; 64 wrong usage; 65 malformed data; 66 missing input; 69 rotator or \
      nodes not available; 70 internal failure; 71 system error; 73 cannot create a file; 74 read or write error; \
      75 try again later; 76 versions do not fit; 77 no permission; 78 wrong configuration; 130 interrupted. \
      asactl health and asactl doctor have the exit codes of a monitoring plugin, asactl journal those of journalctl.

      Example: asactl status
      """,
    subcommands: [
      StatusCommand.self, HealthCommand.self, DoctorCommand.self, ScheduleCommand.self, RotateCommand.self, VerifyCommand.self,
      HistoryCommand.self, JournalCommand.self, PauseCommand.self, ResumeCommand.self, AcknowledgeCommand.self,
      ReloadCommand.self, NodesCommand.self, StoreCommand.self, CredentialCommand.self, ControllerCommand.self,
      AccountCommand.self, SPNCommand.self,
      CheckConfigCommand.self, CompletionsCommand.self,
      PKICommand.self,
    ])

  /// Made by ArgumentParser.
  package init() {}
}
