import ControlCommands
import Glibc

@main
struct Main {
  static func main() async {
    exit(await AsaCtl.run(Array(CommandLine.arguments.dropFirst()), in: .process()))
  }
}
