import ActiveDirectory
import Foundation
import RotationCore
import SecretMemory
import Testing

@Suite("Active Directory accounts, read from a real domain controller", .enabled(if: DirectoryLab.isRunning))
struct DirectoryReadingLabTests {
  let writer: ActiveDirectoryClient

  init() throws { writer = try DirectoryLab.writer() }

  @Test("A computer account is described, with both rights of its rotator")
  func computer() async throws {
    let lab = try LabAccount()
    let account = try await writer.readAccount(lab.query())
    #expect(account.samAccountName == lab.name.samAccountName)
    #expect(try account.distinguishedName == lab.distinguishedName)
    #expect(account.kind == .computer)
    #expect(account.userPrincipalName == nil)
    #expect(account.isEnabled)
    #expect(account.version >= KeyVersion(1))
    #expect(account.supportedEncryptionTypes == 24)
    #expect(account.servicePrincipalNames == [lab.servicePrincipalName.description])
    #expect(account.stamp == nil)
    #expect(account.passwordLastSet != nil)
    #expect(account.mayResetPassword)
    #expect(account.mayWriteStamp)
    #expect(account.conflictingHolders.isEmpty)
  }

  @Test("A user account with a UPN is described as such, whatever the case of the name asked for")
  func userWithPrincipalName() async throws {
    let lab = try LabAccount(.user, userPrincipalName: "HTTP/web@lab.example")
    let name = try AccountName("\(lab.name.domain)\\\(lab.name.samAccountName.uppercased())")
    let account = try await writer.readAccount(lab.query(name: name))
    #expect(account.kind == .user)
    #expect(account.userPrincipalName == "HTTP/web@lab.example")
    #expect(account.samAccountName == lab.name.samAccountName)
  }

  @Test("The controller says who it is, and the connection is sealed")
  func server() async throws {
    let account = try await writer.readAccount(LabAccount().query())
    let server = account.server
    #expect(try server.dnsHostName == DirectoryLab.value("DC_HOST"))
    #expect(server.isPDCEmulator)
    #expect(account.domainControllers == [ListedController(dnsHostName: server.dnsHostName)])
    #expect(UUID(uuidString: server.serviceIdentity) != nil)
    #expect(UUID(uuidString: server.invocationID) != nil)
    #expect(abs(server.clockOffset) < 5)
    #expect(server.securityStrength >= 128)
  }

  @Test("An account that is not ours to reset says so")
  func noRights() async throws {
    let account = try await writer.readAccount(LabAccount(rights: .none).query())
    #expect(!account.mayResetPassword)
    #expect(!account.mayWriteStamp)
  }

  @Test("The right to reset does not bring the right to write the stamp")
  func resetOnly() async throws {
    let account = try await writer.readAccount(LabAccount(rights: .resetOnly).query())
    #expect(account.mayResetPassword)
    #expect(!account.mayWriteStamp)
  }

  @Test("Rights that are taken away, or denied in front, are gone at the next reading")
  func rightsRemoved() async throws {
    let lab = try LabAccount(rights: .none)
    let before = try lab.line(of: "nTSecurityDescriptor")
    let sid = try LabAccount.rotatorIdentifier()
    try lab.grant("(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;\(sid))")
    #expect(try await writer.readAccount(lab.query()).mayResetPassword)
    try lab.grant("(OD;;CR;00299570-246d-11d0-a768-00aa006e0529;;\(sid))")
    let denied = try await writer.readAccount(lab.query())
    #expect(!denied.mayResetPassword)
    #expect(denied.mayWriteStamp)
    try lab.change("replace: nTSecurityDescriptor\n\(before)")
    let removed = try await writer.readAccount(lab.query())
    #expect(!removed.mayResetPassword)
    #expect(!removed.mayWriteStamp)
  }

  @Test("A disabled account is seen as disabled")
  func disabled() async throws {
    let lab = try LabAccount()
    try lab.change("replace: userAccountControl\nuserAccountControl: 4098")
    #expect(try await !writer.readAccount(lab.query()).isEnabled)
  }

  @Test("Another object with one of our SPNs is named, by that SPN, in any case")
  func foreignHolder() async throws {
    let (lab, other) = (try LabAccount(), try LabAccount(rights: .none))
    let spelling = try ServicePrincipalName("HTTP/\(other.servicePrincipalName.host.uppercased())")
    let account = try await writer.readAccount(lab.query(spns: [lab.servicePrincipalName, spelling]))
    #expect(try account.conflictingHolders == [spelling.description: [other.distinguishedName]])
  }

  @Test("A name with filter characters is looked for literally")
  func literalName() async throws {
    let name = try AccountName("\(DirectoryLab.value("DOMAIN"))\\EXCH(2016)ASA$")
    let query = AccountQuery(name: name, objectGUID: nil, servicePrincipalNames: [], stampAttribute: "adminDescription")
    let fault = await #expect(throws: OperatorFault.self) { try await writer.readAccount(query) }
    #expect(fault?.kind == .noInput)
  }

  @Test("An account of another domain is refused with both names")
  func wrongDomain() async throws {
    let lab = try LabAccount()
    let query = lab.query(name: try AccountName("OTHER\\\(lab.name.samAccountName)"))
    let fault = await #expect(throws: OperatorFault.self) { try await writer.readAccount(query) }
    #expect(fault?.kind == .noInput)
    #expect(fault?.description.contains("'OTHER'") == true)
    #expect(fault?.description.contains("'\(lab.name.domain)'") == true)
  }

  @Test("An account that was deleted and created anew is refused as another one")
  func createdAnew() async throws {
    let lab = try LabAccount()
    let query = try await lab.boundQuery(over: writer)
    try lab.delete()
    let missing = await #expect(throws: OperatorFault.self) { try await writer.readState(of: query) }
    #expect(missing?.kind == .noInput)
    try lab.make()
    let fault = await #expect(throws: OperatorFault.self) { try await writer.readAccount(query) }
    #expect(fault?.kind == .data)
  }

  @Test("A renamed account is found by its objectGUID")
  func renamed() async throws {
    let lab = try LabAccount()
    let query = try await lab.boundQuery(over: writer)
    let renamed = "x" + lab.name.samAccountName
    try lab.change("replace: sAMAccountName\nsAMAccountName: \(renamed)")
    #expect(try await writer.readAccount(query).samAccountName == renamed)
  }

  @Test("A stamp attribute that does not exist or holds several values is refused", arguments: ["noSuchThing", "url"])
  func unfitStampAttribute(attribute: String) async throws {
    var query = try LabAccount(rights: .none).query()
    query.stampAttribute = attribute
    let fault = await #expect(throws: OperatorFault.self) { try await writer.readAccount(query) }
    #expect(fault?.kind == .configuration)
    #expect(fault?.subject.contains(attribute) == true)
  }

  @Test("DNS names the controllers of the realm, and none of a realm that is not there")
  func locator() async throws {
    #expect(try await DomainControllerLocator.controllers(of: DirectoryLab.realm) == [DirectoryLab.value("DC_HOST")])
    let fault = await #expect(throws: OperatorFault.self) {
      try await DomainControllerLocator.controllers(of: Realm("NO.SUCH.\(DirectoryLab.realm)"))
    }
    #expect(fault?.kind == .unavailable)
  }
}
