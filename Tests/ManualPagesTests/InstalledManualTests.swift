import ChildProcesses
import Foundation
import ManualPages
import Testing

@Suite("What asa-manual writes")
struct InstalledManualTests {
  /// Everything that the built programs give.
  private struct Share {
    let directory = Self.root.appending(path: ".build/manual-of-tests")
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    static let programs = root.appending(path: ".build/debug").path

    /// Written once for all tests: it takes many starts of big programs.
    static let written = Result { try Share() }

    private init() throws {
      try? FileManager.default.removeItem(at: directory)
      let samples = Self.root.appending(path: "config").path
      let run = try FinishedCommand(running: [
        "\(Self.programs)/asa-manual", "--programs", Self.programs, "--samples", samples, directory.path,
      ])
      try #require(run.status == 0, "\(run.errors)")
    }

    func pages() throws -> [URL] {
      try ["man5", "man8"].flatMap { section in
        try FileManager.default.contentsOfDirectory(
          at: directory.appending(path: "man/\(section)"), includingPropertiesForKeys: nil)
      }
    }

    func text(_ path: String) throws -> String { try String(contentsOf: directory.appending(path: path), encoding: .utf8) }
  }

  @Test("There is a page for each program, for asactl's commands and for both configurations")
  func pages() throws {
    let names = Set(try Share.written.get().pages().map(\.lastPathComponent))
    let expected: Set = [
      "asactl.8", "asactl-rotate.8", "asactl-nodes.8", "asa-rotatord.8", "asa-agentd.8", "asa-rotator.yaml.5",
      "asa-agent.yaml.5",
    ]
    #expect(expected.isSubset(of: names))
  }

  @Test("groff and mandoc have nothing to say against any page")
  func isClean() throws {
    let share = try Share.written.get()
    for page in try share.pages() {
      let groff = try FinishedCommand(running: ["groff", "-man", "-ww", "-z", "-Tutf8", page.path])
      #expect(groff.status == 0 && groff.errors.isEmpty, "\(page.lastPathComponent): \(groff.errors)")
      let mandoc = try FinishedCommand(running: ["mandoc", "-T", "lint", "-W", "warning", page.path])
      // The date is left out on purpose: the version says more, and the same sources give the same page.
      let findings = mandoc.output.split(separator: "\n").filter { !$0.contains("missing date") }
      #expect(findings.isEmpty, "\(findings)")
    }
  }

  @Test("A page that is not clean is found")
  func findsUncleanPages() throws {
    let page = FileManager.default.temporaryDirectory.appending(path: "unclean-\(UUID().uuidString).8")
    defer { try? FileManager.default.removeItem(at: page) }
    try Data(".TH a 8\n.SH NAME\na \\- b\n.XX\n.RE\n".utf8).write(to: page)
    #expect(try !FinishedCommand(running: ["groff", "-man", "-ww", "-z", "-Tutf8", page.path]).errors.isEmpty)
    #expect(try FinishedCommand(running: ["mandoc", "-T", "lint", "-W", "warning", page.path]).status != 0)
  }

  @Test("A reader sees every option as it is typed, and examples that can be copied")
  func isReadable() throws {
    let share = try Share.written.get()
    let read = { (page: String) in
      try FinishedCommand(
        running: ["mandoc", "-T", "utf8", "-O", "width=200", share.directory.appending(path: "man/\(page)").path]
      ).output.replacing(/.\u{8}/, with: "").replacing("\u{A0}", with: " ")
    }
    let exclude = try read("man8/asactl-nodes.8")
    #expect(exclude.contains("asactl nodes exclude node --until time [--reason text]"))
    #expect(exclude.contains("asactl nodes exclude cas-3.example.com --until 4h --reason 'new disks'"))
    let rotator = try read("man5/asa-rotator.yaml.5")
    #expect(rotator.contains("- name: LAB\\EXCH2016ASA$") && rotator.contains("absentGrace: 60s"))
  }

  @Test("There is a script of completion for each program and each shell, where the shell looks for it")
  func completions() throws {
    let share = try Share.written.get()
    for program in ["asactl", "asa-rotatord", "asa-agentd"] {
      #expect(try share.text("bash-completion/completions/\(program)").contains("complete "))
      #expect(try share.text("zsh/vendor-completions/_\(program)").hasPrefix("#compdef \(program)\n"))
      #expect(try share.text("fish/vendor_completions.d/\(program).fish").contains("complete -c '\(program)'"))
    }
  }

  @Test("Everybody may read all of it")
  func modes() throws {
    let share = try Share.written.get()
    for name in try FileManager.default.subpathsOfDirectory(atPath: share.directory.path) {
      let attributes = try FileManager.default.attributesOfItem(atPath: share.directory.appending(path: name).path)
      let isDirectory = attributes[.type] as? FileAttributeType == .typeDirectory
      #expect(attributes[.posixPermissions] as? Int == (isDirectory ? 0o755 : 0o644), "\(name)")
    }
  }

  @Test("A program that is not there is named")
  func missingProgram() throws {
    let run = try FinishedCommand(running: [
      "\(Share.programs)/asa-manual", "--programs", "/nowhere", "--samples", "config", "/nowhere",
    ])
    #expect(run.status != 0 && run.errors.contains("/nowhere/asactl"))
  }
}
