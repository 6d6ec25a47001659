import CLDAP
import Glibc

/// The NULL-terminated array of LDAPMod that libldap takes, and the memory behind it.
final class ModificationList {
  private var modifications: [UnsafeMutablePointer<LDAPMod>?] = []
  private var allocations: [UnsafeMutableRawPointer] = []

  deinit { for allocation in allocations { allocation.deallocate() } }

  func append(_ change: AttributeChange) {
    append(
      change.operation.rawValue, change.attribute,
      borrowing: change.values.map { value in
        let copy = allocate(UInt8.self, count: max(1, value.count))
        copy.update(from: value, count: value.count)
        return UnsafeRawBufferPointer(start: copy, count: value.count)
      })
  }

  /// The values' bytes must live as long as this list is used.
  func append(_ operation: Int32, _ attribute: String, borrowing values: [UnsafeRawBufferPointer]) {
    let list = allocate(UnsafeMutablePointer<berval>?.self, count: values.count + 1)
    for (index, value) in values.enumerated() {
      let bytes = allocate(berval.self, count: 1)
      let start = UnsafeMutableRawPointer(mutating: value.baseAddress)?.assumingMemoryBound(to: CChar.self)
      bytes.initialize(to: berval(bv_len: ber_len_t(value.count), bv_val: start))
      (list + index).initialize(to: bytes)
    }
    (list + values.count).initialize(to: nil)
    let name = allocate(CChar.self, count: attribute.utf8.count + 1)
    strcpy(name, attribute)
    let modification = allocate(LDAPMod.self, count: 1)
    modification.initialize(
      to: LDAPMod(mod_op: operation | LDAP_MOD_BVALUES, mod_type: name, mod_vals: .init(modv_bvals: list)))
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
