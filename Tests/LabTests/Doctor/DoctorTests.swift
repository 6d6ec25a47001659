import ChildProcesses
import Testing

/// Gives a suite one installation for all of its tests.
struct OnDoctorSite: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await DoctorSite.with(function)
  }
}

/// Runs apart from the other suites: it stops the domain controller and changes what it resolves.
@Suite("asactl doctor", .needsLab, .serialized, OnDoctorSite())
struct DoctorTests {
  private var site: DoctorSite { get throws { try #require(DoctorSite.current) } }

  @Test(
    "It has nothing to say of a healthy installation, neither on the rotator's host nor on a node",
    arguments: [
      DoctorSite.Place.rotator, .node(0), .node(1), .node(2), .nodeWithoutTicket(0),
    ])
  func silent(place: DoctorSite.Place) async throws {
    let diagnosis = try await site.diagnosis(at: place)
    #expect(diagnosis.isSilent, "\(diagnosis.document)")
    #expect(diagnosis.document["notChecked"]?.array?.isEmpty == true)
    #expect((diagnosis.document["checked"]?.array?.count ?? 0) > 10)
  }

  @Test("It says of a healthy installation how many things it looked at, and lists them if asked")
  func rendered() async throws {
    let file = "\(try site.cluster.directory)/rotator.yaml"
    let brief = try await site.cluster.run("asactl", ["doctor", "--config", file])
    #expect(brief.status == 0 && brief.errors.isEmpty)
    #expect(brief.output.wholeMatch(of: /Nothing wrong found: \d+ checks on \S+\.\n/) != nil, "\(brief.output)")
    let verbose = try await site.cluster.run("asactl", ["doctor", "--config", file, "--verbose"])
    #expect(
      verbose.output.contains("ok       SPN http/doctor.lab.example is on LAB\\DOCTOR$ and on no other object of the forest\n"))
  }

  @Test("A person with a ticket of his own sees the same")
  func ownTicket() async throws {
    let result = try await site.cluster.run(
      "asactl", ["doctor", "--own-ticket", "--config", "\(site.cluster.directory)/rotator.yaml"])
    #expect(result.status == 0, "\(result.output)")
  }

  @Test(
    "It names each planted fault and what to do, nothing that does not come of it, and nothing of the one before",
    arguments: PlantedFault.chosen)
  func found(fault: PlantedFault) async throws {
    let diagnosis = try await site.diagnosis(of: fault)
    let finding = diagnosis.findings.first { $0["id"]?.string == fault.id }
    #expect(finding != nil && Set(diagnosis.ids).subtracting([fault.id]) == fault.besides, "\(diagnosis.document)")
    let advice = finding?["advice"]?.string ?? ""
    #expect(advice.contains(fault.advice) && !advice.isEmpty, "\(advice)")
    #expect(finding?["evidence"]?.string?.isEmpty == false)
    let isCritical = diagnosis.findings.contains { $0["severity"]?.string == "critical" }
    #expect(diagnosis.status == (isCritical ? 2 : 1))
  }

  @Test("After all of them it has nothing to say", arguments: [DoctorSite.Place.rotator, .node(0), .node(1), .node(2)])
  func silentAgain(place: DoctorSite.Place) async throws {
    let diagnosis = try await site.diagnosis(at: place) { $0.isSilent }
    #expect(diagnosis.isSilent, "\(diagnosis.document)")
  }
}
