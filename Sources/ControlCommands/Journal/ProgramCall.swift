import Glibc
package import RotationCore

/// Another program and its arguments. No shell is involved.
package struct ProgramCall: Sendable, Equatable {
  /// The program's name, without a path.
  package var name: String
  /// Its arguments, without the name.
  package var arguments: [String]
  /// Where it is looked for. Not PATH: root's asactl must not run what somebody put first.
  package var directories = ["/usr/bin", "/bin"]

  /// Makes a call.
  package init(name: String, arguments: [String]) {
    self.name = name
    self.arguments = arguments
  }

  /// The call as one line that a shell would read back as the same arguments.
  package var shellText: String { ([name] + arguments).map(Self.quoted).joined(separator: " ") }

  /// The absolute path of the program.
  ///
  /// - Throws: `OperatorFault` of kind `.unavailable` if it is in none of the directories.
  package func path() throws(OperatorFault) -> String {
    let isRunnable = { (path: String) in access(path, X_OK) == 0 }
    guard let path = directories.map({ "\($0)/\(name)" }).first(where: isRunnable) else {
      throw OperatorFault(
        .unavailable, name, "is not in \(directories.joined(separator: " or "))",
        remedy: "install it, or show the command with --print and run it where it is")
    }
    return path
  }

  /// Lets the program take the place of this process.
  ///
  /// - Throws: `OperatorFault` if there is no such program, or the system refuses it; returns in no other way.
  package func replaceProcess() throws(OperatorFault) -> Never {
    let path = try path()
    // Threads of Swift's pool block signals, and a mask outlives exec: the program would not hear Ctrl-C.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    signal(SIGPIPE, SIG_DFL)
    var vector: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) }
    vector.append(nil)
    execv(path, vector)
    let code = errno
    for text in vector { free(text) }
    throw OperatorFault(.system, path, "cannot be run: \(String(cString: strerror(code)))")
  }

  private static func quoted(_ argument: String) -> String {
    let plain = argument.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "_-=.,:/@%+".utf8.contains(byte)
      }
    }
    return plain && !argument.isEmpty
      ? argument : "'\(argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
  }
}
