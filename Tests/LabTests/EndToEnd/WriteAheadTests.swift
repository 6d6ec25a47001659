import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
  @Suite("Write-ahead, by the system calls", .needsLab, .serialized)
  struct WriteAheadTests {
    private static let address = "127.0.0.64"
    private static let calls = "read,readv,recvfrom,recvmsg,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync"

    private static func tracer(_ file: String) -> [String] {
      // -D: the daemon is our child, and gets our signals.
      ["/usr/bin/strace", "-D"] + SystemCallTrace.options + ["-e", "trace=\(calls)", "-o", file]
    }

    @Test("The plan is flushed before the first byte of an order to a node, of the claim, and of the password's modify")
    func planFirst() async throws {
      let layout = LabCluster.Layout(
        account: "LAB\\WRITEAHEAD$", servicePrincipalNames: ["http/writeahead.lab.example"],
        nodes: ["writeahead-1.lab.example"])
      try await LabCluster.with(layout) { cluster in
        let (lab, node) = (cluster.lab, layout.nodes[0])
        let controller = try ObservedController(listeningOn: Self.address, target: lab.controllerAddress) {
          Self.stampAndVersion(in: "\(lab.state)/dc1/private/sam.ldb")
        }
        defer { controller.stop() }
        let path = "\(cluster.directory)/rotator.yaml"
        try String(contentsOfFile: path, encoding: .utf8).replacing(
          "address: \(lab.controllerAddress)", with: "address: \(Self.address)"
        )
        .write(toFile: path, atomically: false, encoding: .utf8)
        try await cluster.startRotator(under: Self.tracer("\(cluster.directory)/rotator.trace"))
        try await cluster.startAgent(node, under: Self.tracer("\(cluster.directory)/agent.trace"))
        try await cluster.waitUntilAttached([node])
        let result = try await cluster.rotate()
        #expect(result.status == 0, "\(result.errors)")
        let rotation = try #require(result.ended["rotation"]?.string)
        let changes = controller.requestsThatChanged()
        #expect(changes.count == 2, "the claim, and the password with its stamp")
        await cluster.stop("rotator")
        await cluster.stop(node)

        let text = try await Self.whole("rotator.trace", of: cluster)
        let order = SystemCallTrace(try await Self.whole("agent.trace", of: cluster)).orderReceived(
          naming: rotation, fromPort: cluster.port)
        let judgement = WriteAheadJudgement(trace: SystemCallTrace(text), rotation: rotation)
        let outgoing = try [
          "the order": judgement.sender(of: #require(order)), "the claim": judgement.sender(of: #require(changes.first)),
          "the password": judgement.sender(of: #require(changes.last)),
        ]
        #expect(judgement.violations(outgoing) == [])
        // The control: the same trace without the flushes up to the claim, so that a later one is the first.
        let claim = try #require(outgoing["the claim"] ?? nil)
        let flushes = Set(judgement.trace.calls.filter { $0.isFlush && $0.begin < claim.begin }.flatMap { [$0.begin, $0.end] })
        let lines = text.split(separator: "\n").enumerated().filter { !flushes.contains($0.offset) }.map(\.element)
        let without = WriteAheadJudgement(trace: SystemCallTrace(lines.joined(separator: "\n")), rotation: rotation)
        let left = outgoing.mapValues { $0.flatMap { without.sender(of: $0.bytes) } }
        #expect(without.violations(left).contains("the claim left before the plan was flushed"))
      }
    }

    /// A trace is whole when it tells of the end: the tracer outlives what it traces, and writes what it has kept back then.
    private static func whole(_ name: String, of cluster: LabCluster) async throws -> String {
      var text = ""
      try await cluster.waitUntil("\(name) tells of the end") {
        text = try String(contentsOfFile: "\(cluster.directory)/\(name)", encoding: .utf8)
        return text.hasSuffix("+++\n")
      }
      return text
    }

    /// The account's two attributes as the domain controller's database has them now.
    private static func stampAndVersion(in database: String) -> String {
      let search = [
        "ldbsearch", "-H", database, "(sAMAccountName=WRITEAHEAD$)", "adminDescription", "msDS-KeyVersionNumber",
      ]
      guard let found = try? FinishedCommand(running: search) else { return "ldbsearch does not run" }
      return found.output.split(separator: "\n").filter {
        $0.hasPrefix("adminDescription:") || $0.hasPrefix("msDS-KeyVersionNumber:")
      }
      .joined(separator: " ")
    }
  }
}

@Suite("The judgement over system calls")
struct WriteAheadJudgementTests {
  private static let rotation = "0b6c4c1a-3f4e-4a9b-8c57-2e7f10a4d9c3"
  private static let log = "6<\(hex("/s/rotator.db-wal"))>"
  private static let plan = "1 pwrite64(\(log), \"\(hex("page \(rotation)LAB password key:18 salt"))\", 64, 24) = 64"
  private static let flush = "1 fdatasync(\(log)) = 0"
  private static let order =
    "2 sendmsg(9<TCP:[127.0.0.1:7749->127.0.0.1:40000]>, {msg_iov=[{iov_base=\"\(hex("a sealed order of some length"))\", iov_len=29}]}, 0) = 29"
  private static let halfFlush = ["1 fdatasync(\(log) <unfinished ...>", "1 <... fdatasync resumed>) = 0"]

  private static func hex(_ text: String) -> String { text.utf8.map { String(format: "\\x%02x", $0) }.joined() }

  private func violations(_ lines: [String]) -> [String] {
    let judgement = WriteAheadJudgement(trace: SystemCallTrace(lines.joined(separator: "\n")), rotation: Self.rotation)
    return judgement.violations(["the order": judgement.sender(of: Data("a sealed order of some length".utf8))])
  }

  @Test("The plan written, flushed, and then an order: nothing is wrong", arguments: [[flush], halfFlush])
  func inOrder(_ flush: [String]) {
    #expect(violations([Self.plan] + flush + [Self.order]) == [])
  }

  @Test(
    "An order before the flush has returned, a flush that failed, one of another file, and one before the plan are found",
    arguments: [
      [plan, order, flush], [plan, halfFlush[0], order, halfFlush[1]], [order, plan, flush], [flush, plan, order, flush],
      [plan, flush.replacing("= 0", with: "= -1 EIO (Input/output error)"), order, flush],
      [plan, "1 fsync(7<\(hex("/s/rotator.db"))>) = 0", order, flush],
    ])
  func outOfOrder(_ lines: [String]) {
    #expect(violations(lines) == ["the order left before the plan was flushed"])
  }

  @Test("A plan that is never flushed, a trace without the plan, and one without the order are found")
  func missing() {
    #expect(violations([Self.plan, Self.order]) == ["the plan was never flushed"])
    #expect(violations([Self.flush, Self.order]) == ["the plan was never flushed"])
    #expect(violations([Self.plan, Self.flush]) == ["the order is not in the trace"])
  }

  @Test("An order that an agent has written into its slot file is found in what it had received")
  func received() {
    let port = "5<TCP:[127.0.0.1:40000->127.0.0.1:7749]>"
    let trace = SystemCallTrace(
      """
      3 read(\(port), "\(Self.hex("earlier"))", 9) = 7
      3 read(\(port),  <unfinished ...>
      4 write(1<\(Self.hex("/x/log"))>, "\(Self.hex(Self.rotation))", 9) = 9
      3 <... read resumed>"\(Self.hex("the order"))", 99) = 9
      4 write(8<\(Self.hex("/x/slots/a.new"))>, "\(Self.hex("{\(Self.rotation)}"))", 9) = 9
      3 read(\(port), "\(Self.hex("later"))", 9) = 5
      """)
    #expect(trace.orderReceived(naming: Self.rotation, fromPort: 7749) == Data("the order".utf8))
    #expect(trace.orderReceived(naming: "another", fromPort: 7749) == nil)
  }
}
