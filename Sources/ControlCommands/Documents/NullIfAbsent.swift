/// A field of a JSON document that is written as `null` where there is no value, so that every document has all of its fields.
@propertyWrapper
package struct NullIfAbsent<Value: Encodable & Sendable & Equatable>: Encodable, Sendable, Equatable {
  /// The value, or `nil`.
  package var wrappedValue: Value?

  /// Wraps a value.
  package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  /// Encodes the value or `null`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}
