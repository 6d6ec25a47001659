import Foundation

/// One account under management: what the configuration says of it, and the ports to its domain controller.
package struct ManagedAccount: Sendable {
  /// Its name.
  package var name: AccountName
  /// Its realm.
  package var realm: Realm
  /// The SPNs that clients use.
  package var servicePrincipalNames: [ServicePrincipalName]
  /// The encryption types to derive keys for.
  package var encryptionTypes: [EncryptionType]
  /// The arrays that hold it, with their nodes.
  package var arrays: [String: [NodeName]]
  /// How many nodes of an array may be out of service at once while their consumers load a new key; one where nothing is said.
  package var maxUnavailable: [String: Int] = [:]
  /// When and how it rotates.
  package var policy: RotationPolicy
  /// The domain controller that is asked and written to, for people.
  package var controllerName: String
  /// How long one exchange with it may take.
  package var timeout: Duration
  /// The attribute that carries the stamp; `nil`: none may be written.
  package var stampAttribute: String?
  /// Whether the writer must hold the PDC emulator role.
  package var requiresPDCEmulator: Bool
  /// The rotator's own account, without its domain; empty where it is not known.
  package var principal = ""
  /// The directory on its pinned domain controller.
  package var directory: any PasswordDirectory
  /// Kerberos on the same domain controller.
  package var tickets: any TicketChecking
  /// The other domain controllers; `nil` where there is certainly none.
  package var replicas: (any ReplicaSource)?

  /// Whether the SPNs are not registered yet, as it is between the making of an account and its deployment.
  var awaitsNames = false
  /// Those that are not, as far as they are known.
  var awaitedNames: [ServicePrincipalName] = []

  /// Makes an account from its parts.
  package init(
    name: AccountName, realm: Realm, servicePrincipalNames: [ServicePrincipalName], encryptionTypes: [EncryptionType],
    arrays: [String: [NodeName]], policy: RotationPolicy, controllerName: String,
    timeout: Duration, stampAttribute: String?, requiresPDCEmulator: Bool, directory: any PasswordDirectory,
    tickets: any TicketChecking, replicas: (any ReplicaSource)? = nil
  ) {
    self.name = name
    self.realm = realm
    self.servicePrincipalNames = servicePrincipalNames
    self.encryptionTypes = encryptionTypes
    self.arrays = arrays
    self.policy = policy
    self.controllerName = controllerName
    self.timeout = timeout
    self.stampAttribute = stampAttribute
    self.requiresPDCEmulator = requiresPDCEmulator
    self.directory = directory
    self.tickets = tickets
    self.replicas = replicas
  }

  /// All member nodes, each once, in order.
  package var nodes: [NodeName] { Set(arrays.values.joined()).sorted() }

  /// - Parameter controller: The identity of the only domain controller that may answer; `nil`: the one with the configured name.
  func query(objectGUID: UUID?, on controller: String? = nil) -> AccountQuery {
    AccountQuery(
      name: name, objectGUID: objectGUID, servicePrincipalNames: servicePrincipalNames, stampAttribute: stampAttribute,
      controller: controller)
  }

  /// How a rotation's reads and writes address the account: on the controller that its plan is pinned to, and on no other.
  func query(for plan: RotationPlan) -> AccountQuery {
    query(objectGUID: plan.objectGUID, on: plan.writer.identity)
  }
}
