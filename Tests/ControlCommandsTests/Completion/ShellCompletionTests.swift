import ChildProcesses
import ControlCommands
import Foundation
import Testing

@Suite("Completion in real shells")
struct ShellCompletionTests {
  /// A shell with the script of a program, and the programs that the script asks for names.
  private struct Shell {
    let name: String
    let directory: TemporaryDirectory
    let script: String

    init(_ name: String, _ program: String = "asactl") async throws {
      self.name = name
      directory = try TemporaryDirectory()
      let made = try await FinishedCommand.waiting(for: [
        "\(PackageTree.programs)/\(program)", "--generate-completion-script", name,
      ])
      try #require(made.status == 0 && !made.output.isEmpty)
      script = try directory.write("_\(program)", made.output)
    }

    /// Has an asactl found that answers a script with names, and keeps what it was asked.
    func answering(_ names: [String]) throws {
      // As the real one does: bash expands what it is offered, and zsh wants to know where the list ends.
      let offered =
        switch name {
        case "bash": names.map(TypedWords.quotedForBash)
        case "zsh": names + [" "]
        default: names
        }
      _ = try directory.write("names", offered.joined(separator: "\n") + "\n")
      let program = "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"${0%/*}/asked\"\nexec cat \"${0%/*}/names\"\n"
      _ = try directory.write("asactl", program, mode: 0o700)
    }

    /// What the asactl of ``answering(_:)`` was asked.
    func asked() throws -> [String] {
      try TemporaryDirectory.text("\(directory.path)/asked").split(separator: "\n", omittingEmptySubsequences: false)
        .dropLast().map(String.init)
    }

    /// Runs it with arguments to its end.
    func run(_ arguments: [String]) async throws -> FinishedCommand {
      try await FinishedCommand.waiting(
        for: [name] + arguments,
        environment: [
          "PATH": "\(directory.path):\(PackageTree.programs):/usr/local/bin:/usr/bin:/bin", "HOME": directory.path,
          "LC_ALL": "C.UTF-8", "TERM": "dumb",
        ])
    }
  }

  private static let nodes = ["cas-1.lab.example", "cas-2.lab.example"]

  @Test("asactl completions prints the script", arguments: ["bash", "zsh", "fish"])
  func completionsCommand(_ name: String) async throws {
    let run = await CommandRun.run(["completions", name])
    let shell = try await Shell(name)
    let script = try TemporaryDirectory.text(shell.script)
    #expect(run.code == 0)
    #expect(run.output.trimmingCharacters(in: .newlines) == script.trimmingCharacters(in: .newlines))
  }

  @Test(
    "The scripts of all programs are free of mistakes of syntax", arguments: ["bash", "zsh", "fish"],
    ["asactl", "asa-rotatord", "asa-agentd"])
  func syntax(_ name: String, _ program: String) async throws {
    let shell = try await Shell(name, program)
    let run = try await shell.run(["-n", shell.script])
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
  }

  // MARK: bash

  /// What bash offers where the cursor is at the end of the words.
  private static func bash(_ words: [String], in shell: Shell) async throws -> FinishedCommand {
    let program = """
      source "$1"; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()
      _asactl asactl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    return try await shell.run(["--norc", "-c", program, "bash", shell.script] + words)
  }

  @Test(
    "bash offers commands, options and values",
    arguments: [
      ("asactl nodes re", "revoke\n"), ("asactl history --li", "--limit\n"), ("asactl journal --outcome de", "degraded\n"),
      ("asactl pki issue --role no", "node\n"), ("asactl store backup --key-f", "--key-file\n"),
    ])
  func bashWords(_ line: String, _ expected: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await Self.bash(words, in: Shell("bash")).output == expected)
  }

  @Test("bash offers the rotator's names, those with a backslash and a dollar sign as they are")
  func bashNames() async throws {
    let shell = try await Shell("bash")
    try shell.answering(Self.nodes)
    let words = ["asactl", "nodes", "revoke", "--socket-directory", "/run/other", "cas-2"]
    #expect(try await Self.bash(words, in: shell).output == "cas-2.lab.example\n")
    #expect(try shell.asked() == ["---completion", "nodes", "revoke", "--", "positional@0", "5", "5"] + words)
    try shell.answering([Sample.account, #"OTHER\A$"#])
    let accounts = try await Self.bash(["asactl", "history", "--account", #"LAB\\EX"#], in: shell)
    #expect(accounts.output == Sample.account + "\n" && accounts.errors.isEmpty)
  }

  @Test("Without a rotator bash offers nothing and shows no error")
  func bashAlone() async throws {
    let words = ["asactl", "nodes", "revoke", "--socket-directory", "/nowhere", ""]
    let run = try await Self.bash(words, in: Shell("bash"))
    #expect(run.output.allSatisfy(\.isNewline) && run.errors.isEmpty)
  }

  // MARK: fish

  /// What fish offers at the end of a line, each with what it says about it.
  private static func fish(_ line: String, in shell: Shell) async throws -> [[String]] {
    let run = try await shell.run(["-c", "source $argv[1]; complete -C $argv[2]", shell.script, line])
    #expect(run.errors.isEmpty)
    return run.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
  }

  @Test(
    "fish offers commands, options and values, with what they are for",
    arguments: [
      ("asactl nodes re", "revoke"), ("asactl history --li", "--limit"), ("asactl journal --outcome de", "degraded"),
      ("asactl pki issue --role no", "node"),
    ])
  func fishWords(_ line: String, _ expected: String) async throws {
    let offered = try await Self.fish(line, in: Shell("fish"))
    #expect(offered.map { $0[0] } == [expected])
    #expect(offered.allSatisfy { $0.count == 2 && $0[1].hasSuffix(".") })
  }

  // MARK: zsh

  /// Whether a line of zsh becomes another one by a press of the Tab key. It completes in its line editor only, which wants a terminal.
  private static func zsh(_ line: String, becomes pattern: String, in shell: Shell) async throws -> Bool {
    let program = """
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "PS1=ready; unsetopt beep; unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source $1"
      zpty -w shell "print -r -- set\\${:-}up"
      zpty -r shell seen '*setup*ready*'
      zpty -w -n shell "$2"$'\\t'
      zpty -r shell seen "*$3*" && print -r -- found
      zpty -d shell
      """
    return try await shell.run(["-f", "-c", program, "zsh", shell.script, line, pattern]).output == "found\n"
  }

  @Test(
    "zsh completes commands, options and values",
    arguments: [
      ("asactl nodes rev", "revoke"), ("asactl history --lim", "--limit"), ("asactl journal --outcome deg", "degraded"),
    ])
  func zshWords(_ line: String, _ expected: String) async throws {
    #expect(try await Self.zsh(line, becomes: expected, in: Shell("zsh")))
  }
}
