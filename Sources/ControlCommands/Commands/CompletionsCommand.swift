package import ArgumentParser

/// `asactl completions`.
package struct CompletionsCommand: ControlCommand {
  /// The shells.
  enum Shell: String, ExpressibleByArgument, CaseIterable, Sendable {
    case bash, zsh, fish

    fileprivate var script: String {
      switch self {
      case .bash: AsaCtl.completionScript(for: .bash)
      case .zsh: AsaCtl.completionScript(for: .zsh)
      case .fish: AsaCtl.completionScript(for: .fish)
      }
    }
  }

  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print the script by which a shell completes the arguments of asactl.",
    discussion: """
      An installation has these scripts where each shell looks for them, and new shells have read them. For one user alone, or \
      without an installation:

        bash  asactl completions bash > ~/.local/share/bash-completion/completions/asactl
              (with the package bash-completion; without it: source <(asactl completions bash) in ~/.bashrc)
        zsh   asactl completions zsh > ~/.zfunc/_asactl
              (with fpath=(~/.zfunc $fpath) in ~/.zshrc, before compinit)
        fish  asactl completions fish > ~/.config/fish/completions/asactl.fish

      Names of accounts, nodes, arrays and domain controllers are those of the running rotator, for a user who may read its \
      status. The script of another program comes from 'asa-rotatord --generate-completion-script SHELL', likewise asa-agentd.

      Example: source <(asactl completions bash)
      """)

  @Argument(help: "The shell.")
  var shell: Shell

  /// Made by ArgumentParser.
  package init() {}

  /// Prints the script.
  package func execute(in environment: CommandEnvironment) async throws {
    try environment.terminal.print([shell.script])
  }
}
