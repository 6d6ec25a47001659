import ControlCommands
import Foundation
import Glibc
import RotationCore

@main
struct Main {
  static func main() async {
    do throws(OperatorFault) {
      exit(await AsaCtl.run(Array(CommandLine.arguments.dropFirst()), in: try .process()))
    } catch {
      FileHandle.standardError.write(Data("asactl: \(error)\n".utf8))
      exit(error.kind.exitCode)
    }
  }
}
