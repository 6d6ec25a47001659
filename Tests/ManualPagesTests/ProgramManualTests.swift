import Foundation
import ManualPages
import Testing

@Suite("The source of a page")
struct ProgramManualTests {
  private static func pages() throws -> [String: String] {
    let control = """
      {"command": {"commandName": "ctl", "abstract": "Steer it.", "discussion": "Text.", "subcommands": [
        {"commandName": "show", "abstract": "Show it.", "superCommands": ["ctl"], "discussion": "A 'quoted' path C:\\\\x.\\n\\nExample: ctl show --all",
         "arguments": [
          {"kind": "positional", "isOptional": false, "isRepeating": true, "valueName": "file", "abstract": "The files.",
           "shouldDisplay": true},
          {"kind": "option", "isOptional": true, "isRepeating": false, "valueName": "count", "abstract": "How many.",
           "defaultValue": "5", "names": [{"kind": "long", "name": "limit"}], "preferredName": {"kind": "long", "name": "limit"}},
          {"kind": "flag", "isOptional": true, "isRepeating": false, "abstract": "Show help information.",
           "names": [{"kind": "short", "name": "h"}, {"kind": "long", "name": "help"}]}]},
        {"commandName": "help", "abstract": "Shows help."}]}}
      """
    let daemon = #"{"command": {"commandName": "daemon", "abstract": "Do it."}}"#
    let sample = try SampleConfiguration("# d.yaml: that of daemon, read from /etc/d.yaml.\n\n# The level.\nlevel: .info\n")
    let manual = ProgramManual(
      control: try CommandDescription(dump: Data(control.utf8)),
      daemons: [.init(try CommandDescription(dump: Data(daemon.utf8)), configurationPage: "d.yaml", sample)], version: "1.2")
    return Dictionary(uniqueKeysWithValues: manual.pages.map { ($0.path, $0.text) })
  }

  @Test("There is a page for each program, for each command, and for each configuration file")
  func names() throws {
    #expect(
      Set(try Self.pages().keys) == ["man8/ctl.8", "man8/ctl-show.8", "man8/daemon.8", "man5/d.yaml.5"])
  }

  @Test("A command's page has its usage, its options with their defaults, and its examples")
  func command() throws {
    let page = try #require(try Self.pages()["man8/ctl-show.8"])
    #expect(page.contains(#".TH "ctl\-show" 8 "" "asa\-rotator 1.2" "System Administration""#))
    #expect(page.contains(#"ctl\-show \- Show it"# + "\n"))
    #expect(page.contains(".SY \"ctl show\"\n\\fIfile\\fR\\ ...\\&\n[\\fB\\-\\-limit\\fR\\ \\fIcount\\fR]\n.YS"))
    #expect(page.contains(".TP\n\\fB\\-\\-limit\\fR \\fIcount\\fR\nHow many. Default: 5."))
    #expect(page.contains(".SH \"EXAMPLES\"\n.RS 4\n.nf\nctl show \\-\\-all\n.fi"))
    #expect(!page.contains(#"\-\-help"#))
  }

  @Test("What roff would read as something else is written so that it reads it as text")
  func escaping() throws {
    #expect(try #require(try Self.pages()["man8/ctl-show.8"]).contains(#"A \(aqquoted\(aq path C:\ex."#))
    #expect(try #require(try Self.pages()["man5/d.yaml.5"]).contains(".TP\n\\fBlevel:\\fR \\fI.info\\fR\nThe level."))
  }

  @Test("The page of the program names all of its commands")
  func overview() throws {
    #expect(try #require(try Self.pages()["man8/ctl.8"]).contains(".TP\n\\fBctl\\-show\\fR(8)\nShow it."))
  }
}
