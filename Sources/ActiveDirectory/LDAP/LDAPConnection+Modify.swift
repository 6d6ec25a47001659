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
  let value: String
}

/// A secret that replaces the values of an attribute.
struct SecretReplacement {
  let attribute: String
  let value: SecretBytes
}

/// What became of a modify, as far as this side can know.
enum ModifyOutcome {
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
  func modify(_ name: String, _ changes: [AttributeChange], replacing secret: SecretReplacement? = nil) -> ModifyOutcome {
    guard isUsable, securityStrength >= Self.requiredStrength else { return .notSent("the connection is not sealed") }
    let list = ModificationList()
    for change in changes {
      list.append(Int32(change.operation.rawValue), change.attribute, copying: Array(change.value.utf8))
    }
    guard let secret else { return send(name, list) }
    return secret.value.withUnsafeBytes { bytes in
      list.append(LDAP_MOD_REPLACE, secret.attribute, borrowing: bytes)
      return send(name, list)
    }
  }

  private func send(_ name: String, _ list: ModificationList) -> ModifyOutcome {
    var message: Int32 = 0
    let code = list.withPointers { ldap_modify_ext(handle, name, $0, nil, nil, &message) }
    switch code {
    case LDAP_SUCCESS: break
    case LDAP_ENCODING_ERROR, LDAP_PARAM_ERROR, LDAP_NO_MEMORY, LDAP_NOT_SUPPORTED: return .notSent(Self.text(of: code))
    default:
      _ = lose(Self.text(of: code))
      return .noAnswer(Self.text(of: code))
    }
    return outcome(of: message)
  }

  private func outcome(of message: Int32) -> ModifyOutcome {
    do {
      return result(consuming: try awaitAnswer(to: message)).map(ModifyOutcome.refused) ?? .applied
    } catch .connectionLost(let problem) {
      return .noAnswer(problem)
    } catch {
      return .noAnswer("the answer cannot be read")
    }
  }
}

/// The NULL-terminated array of LDAPMod that libldap takes, and the memory behind it.
private final class ModificationList {
  private var modifications: [UnsafeMutablePointer<LDAPMod>?] = []
  private var allocations: [UnsafeMutableRawPointer] = []

  deinit { for allocation in allocations { allocation.deallocate() } }

  func append(_ operation: Int32, _ attribute: String, copying value: [UInt8]) {
    let copy = allocate(UInt8.self, count: max(1, value.count))
    copy.update(from: value, count: value.count)
    append(operation, attribute, borrowing: UnsafeRawBufferPointer(start: copy, count: value.count))
  }

  func append(_ operation: Int32, _ attribute: String, borrowing value: UnsafeRawBufferPointer) {
    let bytes = allocate(berval.self, count: 1)
    let start = UnsafeMutableRawPointer(mutating: value.baseAddress)?.assumingMemoryBound(to: CChar.self)
    bytes.initialize(to: berval(bv_len: ber_len_t(value.count), bv_val: start))
    let values = allocate(UnsafeMutablePointer<berval>?.self, count: 2)
    values.initialize(to: bytes)
    (values + 1).initialize(to: nil)
    let name = allocate(CChar.self, count: attribute.utf8.count + 1)
    strcpy(name, attribute)
    let modification = allocate(LDAPMod.self, count: 1)
    modification.initialize(
      to: LDAPMod(mod_op: operation | LDAP_MOD_BVALUES, mod_type: name, mod_vals: .init(modv_bvals: values)))
    modifications.append(modification)
  }

  func withPointers<Result>(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<LDAPMod>?>?) -> Result) -> Result {
    var list = modifications + [nil]
    return list.withUnsafeMutableBufferPointer { body($0.baseAddress) }
  }

  private func allocate<Value>(_ type: Value.Type, count: Int) -> UnsafeMutablePointer<Value> {
    let memory = UnsafeMutablePointer<Value>.allocate(capacity: count)
    allocations.append(UnsafeMutableRawPointer(memory))
    return memory
  }
}
