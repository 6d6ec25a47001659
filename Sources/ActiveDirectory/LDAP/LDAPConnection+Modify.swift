import CLDAP
import Glibc
import SecretMemory

/// One change of one attribute (RFC 4511 section 4.6).
struct AttributeChange {
  enum Operation: Int32 {
    case add = 0
    case delete = 1
    case replace = 2
  }

  let operation: Operation
  let attribute: String
  let values: [[UInt8]]

  init(operation: Operation, attribute: String, value: String) {
    self.init(operation: operation, attribute: attribute, values: [Array(value.utf8)])
  }

  /// Without a value, all of them are meant.
  init(operation: Operation, attribute: String, values: [[UInt8]]) {
    self.operation = operation
    self.attribute = attribute
    self.values = values
  }
}

/// A secret that replaces the values of an attribute.
struct SecretReplacement {
  let attribute: String
  let value: SecretBytes
}

/// What became of a write, as far as this side can know.
enum WriteOutcome {
  case applied
  case refused(LDAPResult)
  /// libldap gave up before a byte left.
  case notSent(String)
  /// It may have arrived; the connection is of no more use.
  case noAnswer(String)
}

extension LDAPConnection {
  /// Makes all the changes in one request: all of them or none.
  ///
  /// The secret's bytes go to libldap where they lie. libldap encodes them into a buffer of its own, Cyrus SASL seals that into
  /// another, and both free theirs without wiping: copies that are out of our hands, short-lived, and one reason for
  /// `LimitCORE=0`.
  ///
  /// - Parameter descriptorParts: For nTSecurityDescriptor, which of its parts are written; the others stay as they are (MS-ADTS
  ///   3.1.1.3.4.1.11).
  func modify(
    _ name: String, _ changes: [AttributeChange], replacing secret: SecretReplacement? = nil, descriptorParts: UInt8? = nil
  ) -> WriteOutcome {
    let list = ModificationList()
    for change in changes { list.append(change) }
    guard let secret else { return modify(name, list, descriptorParts) }
    return secret.value.withUnsafeBytes { bytes in
      list.append(LDAP_MOD_REPLACE, secret.attribute, borrowing: [bytes])
      return modify(name, list, descriptorParts)
    }
  }

  /// Makes an object of these attributes and a secret one.
  func add(_ name: String, _ attributes: [AttributeChange], and secret: SecretReplacement) -> WriteOutcome {
    let list = ModificationList()
    for attribute in attributes { list.append(attribute) }
    return secret.value.withUnsafeBytes { bytes in
      list.append(LDAP_MOD_ADD, secret.attribute, borrowing: [bytes])
      return send { message in list.withPointers { ldap_add_ext(handle, name, $0, nil, nil, message) } }
    }
  }

  /// Deletes an object that has nothing below it.
  func delete(_ name: String) -> WriteOutcome { send { ldap_delete_ext(handle, name, nil, nil, $0) } }

  private func modify(_ name: String, _ list: ModificationList, _ descriptorParts: UInt8?) -> WriteOutcome {
    send { message in
      withDescriptorControl(descriptorParts) { controls in
        list.withPointers { ldap_modify_ext(handle, name, $0, controls, nil, message) }
      }
    }
  }

  /// Every write passes here: none is sent over a connection that is not sealed.
  private func send(_ request: (UnsafeMutablePointer<Int32>) -> Int32) -> WriteOutcome {
    guard isUsable, securityStrength >= Self.requiredStrength else { return .notSent("the connection is not sealed") }
    var message: Int32 = 0
    let code = request(&message)
    switch code {
    case LDAP_SUCCESS: break
    case LDAP_ENCODING_ERROR, LDAP_PARAM_ERROR, LDAP_NO_MEMORY, LDAP_NOT_SUPPORTED: return .notSent(Self.text(of: code))
    default:
      _ = lose(Self.text(of: code))
      return .noAnswer(Self.text(of: code))
    }
    return outcome(of: message)
  }

  private func outcome(of message: Int32) -> WriteOutcome {
    do {
      return result(consuming: try awaitAnswer(to: message)).map(WriteOutcome.refused) ?? .applied
    } catch .connectionLost(let problem) {
      return .noAnswer(problem)
    } catch {
      return .noAnswer("the answer cannot be read")
    }
  }
}
