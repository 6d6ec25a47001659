import ManualPages
import Testing

@Suite("The parts of a discussion")
struct HelpTextTests {
  @Test("Paragraphs are filled, indented lines keep their form without the indentation that they share")
  func blocks() {
    let help = HelpText(
      """
      One sentence
      over two lines.

      Steps:
        1 first
          more of it

      The end.
      """)
    #expect(
      help.blocks == [
        .paragraph("One sentence over two lines."), .paragraph("Steps:"), .literal(["1 first", "  more of it"]),
        .paragraph("The end."),
      ])
    #expect(help.examples.isEmpty)
  }

  @Test("Examples are taken out, one or several")
  func examples() {
    #expect(HelpText("Text.\n\nExample: asactl status").examples == ["asactl status"])
    let several = HelpText("Text.\n\nExamples:\n  asactl status\n  asactl rotate")
    #expect(several.examples == ["asactl status", "asactl rotate"])
    #expect(several.blocks == [.paragraph("Text.")])
  }
}
