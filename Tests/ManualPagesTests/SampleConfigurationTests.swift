import ManualPages
import Testing

@Suite("A commented sample as the source of a page")
struct SampleConfigurationTests {
  private static let sample = """
    # a.yaml: the configuration of a, read from /etc/a/a.yaml.
    #
    # How to read this sample.
    #
    # Paths are absolute.

    # The accounts. Required.
    accounts:
      # Its name. Required.
      - name: LAB\\A$

        # Its realm:
        #     realm: ONE
        #realm: LAB.EXAMPLE

    #consumers:
      # A unit.
      #- unit: a.service

    # Logging.
    log:
      #level: info
    """

  @Test("It tells the path and what holds for all options, and leaves out what is about the sample")
  func header() throws {
    let sample = try SampleConfiguration(Self.sample)
    #expect(sample.path == "/etc/a/a.yaml")
    #expect(sample.notes == [.paragraph("Paths are absolute.")])
  }

  @Test("Options are nested as they are in the file, those that are left out too")
  func options() throws {
    let options = try SampleConfiguration(Self.sample).options
    #expect(options.map(\.name) == ["accounts", "consumers", "log"])
    #expect(options[0].options.map(\.name) == ["- name", "realm"])
    #expect(options[0].options.map(\.value) == ["LAB\\A$", "LAB.EXAMPLE"])
    #expect(options[0].options[1].explanation == [.paragraph("Its realm:"), .literal(["realm: ONE"])])
    #expect(options[1].options.map(\.name) == ["- unit"])
    #expect(options[2].options.map(\.name) == ["level"])
  }

  @Test("The example is the file without comments and without what is left out")
  func example() throws {
    #expect(try SampleConfiguration(Self.sample).example == ["accounts:", "  - name: LAB\\A$", "log:"])
  }

  @Test("A sample that does not say where it is read from, and a comment about nothing, are refused")
  func malformed() {
    #expect(throws: MalformedSample.self) { try SampleConfiguration("# a.yaml: something.\n\nlog:\n") }
    #expect(throws: MalformedSample.self) { try SampleConfiguration(Self.sample + "\n\n# About nothing.\n") }
  }
}
