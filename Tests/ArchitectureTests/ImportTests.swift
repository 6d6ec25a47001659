import Testing

/// The module drawing as a table: what each module may import of this package. An arrow only points down, no adapter imports
/// another, and a C library is seen by its one adapter alone.
private let permittedImports: [String: Set<String>] = [
  "FaultHooks": [],
  "ManualPages": [],
  "PosixStatus": [],
  "SecretMemory": [],
  "RotationCore": ["SecretMemory"],
  "AgentProtocol": ["RotationCore", "SecretMemory"],
  "ControlProtocol": [],
  "ActiveDirectory": ["CLDAP", "RotationCore", "SecretMemory"],
  "Kerberos": ["CKerberos", "PosixStatus", "RotationCore", "SecretMemory"],
  "CredentialStore": ["PosixStatus", "RotationCore", "SecretMemory"],
  "Systemd": ["CSystemd", "PosixStatus", "RotationCore"],
  "AgentService": ["AgentProtocol", "RotationCore", "SecretMemory"],
  "Configuration": ["PosixStatus", "RotationCore"],
  "WebProbe": ["RotationCore"],
  "RotationDaemon": [
    "ActiveDirectory", "AgentProtocol", "AgentService", "Configuration", "ControlProtocol", "CredentialStore", "FaultHooks",
    "Kerberos", "PosixStatus", "RotationCore", "SecretMemory", "Systemd",
  ],
  "NodeAgent": [
    "ActiveDirectory", "AgentProtocol", "Configuration", "FaultHooks", "Kerberos", "PosixStatus", "RotationCore",
    "SecretMemory", "Systemd",
  ],
  "ControlCommands": [
    "ActiveDirectory", "Configuration", "ControlProtocol", "CredentialStore", "Kerberos", "PosixStatus", "RotationCore",
    "SecretMemory", "Systemd", "WebProbe",
  ],
  "asa-rotatord": ["RotationCore", "RotationDaemon"],
  "asa-agentd": ["NodeAgent", "RotationCore"],
  "asa-manual": ["ManualPages"],
  "asactl": ["ControlCommands", "RotationCore"],
]

private let cLibraries: Set<String> = ["CKerberos", "CLDAP", "CSystemd"]

private func importViolations(in file: SourceFile) -> [Violation] {
  guard let permitted = permittedImports[file.module] else {
    return [Violation(path: file.path, line: 1, problem: "module \(file.module) is not in the module drawing")]
  }
  let project = Set(permittedImports.keys).union(cLibraries)
  return imports(of: file).filter { project.contains($0.module) && !permitted.contains($0.module) }.map {
    Violation(path: file.path, line: $0.line, problem: "\(file.module) imports \($0.module)")
  }
}

private func imports(of file: SourceFile) -> [(line: Int, module: String)] {
  file.code.lines.enumerated().filter { $1.contains("import") }.compactMap { index, line in
    let match = line.firstMatch(of: /\bimport\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/)
    return match.map { (index + 1, String($0.1)) }
  }
}

@Suite("The module drawing")
struct ImportTests {
  @Test("Imports point down only, and no adapter imports another")
  func tree() throws {
    #expect(try SourceFile.all().flatMap(importViolations(in:)) == [])
  }

  @Test("The drawing and the tree hold the same modules")
  func complete() throws {
    #expect(try SourceFile.modules() == cLibraries.union(permittedImports.keys))
  }

  @Test(
    "An import that points up, sideways or at another adapter's C library is found",
    arguments: [
      ("RotationCore/A.swift", "import Kerberos", "RotationCore imports Kerberos"),
      ("Kerberos/A.swift", "package import ActiveDirectory", "Kerberos imports ActiveDirectory"),
      ("NodeAgent/A.swift", "@preconcurrency internal import CKerberos", "NodeAgent imports CKerberos"),
      ("ControlProtocol/A.swift", "import struct RotationCore.NodeName", "ControlProtocol imports RotationCore"),
      ("Common/A.swift", "", "module Common is not in the module drawing"),
    ])
  func control(path: String, text: String, problem: String) {
    #expect(importViolations(in: SourceFile(path: path, text: text)) == [Violation(path: path, line: 1, problem: problem)])
  }

  @Test("An import in a comment or in a string is none")
  func notCode() {
    let text =
      "// import Kerberos\nlet text = \"import Kerberos\"\n/* import Kerberos */\nlet more = #\"\\(x) import Kerberos\"#"
    #expect(importViolations(in: SourceFile(path: "RotationCore/A.swift", text: text)) == [])
  }
}
