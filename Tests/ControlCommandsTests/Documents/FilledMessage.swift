import Foundation
import SwiftProtobuf

extension SwiftProtobuf.Message {
  /// A message with a value in every field, and two elements in every list, so that what is made of it has all that it can have.
  ///
  /// - Parameter last: The number of the last field that is filled. Of fields that exclude each other the last one is set.
  static func filled(through last: Int = 100) throws -> Self {
    var message = Self()
    var decoder = FillingDecoder(last: last)
    try message.decodeMessage(decoder: &decoder)
    return message
  }
}

/// Reads from nowhere: every field that a message asks for is there.
private struct FillingDecoder: SwiftProtobuf.Decoder {
  let last: Int
  private var field = 0

  init(last: Int) { self.last = last }

  mutating func nextFieldNumber() -> Int? {
    field += 1
    return field > last ? nil : field
  }

  mutating func handleConflictingOneOf() {}

  mutating func decodeSingularMessageField<M: Message>(value: inout M?) throws { value = try .filled() }
  mutating func decodeRepeatedMessageField<M: Message>(value: inout [M]) throws { value = [try .filled(), try .filled()] }

  mutating func decodeSingularStringField(value: inout String) { value = "text" }
  mutating func decodeSingularStringField(value: inout String?) { value = "text" }
  mutating func decodeRepeatedStringField(value: inout [String]) { value = ["text", "more"] }
  mutating func decodeSingularBoolField(value: inout Bool) { value = true }
  mutating func decodeSingularBoolField(value: inout Bool?) { value = true }
  mutating func decodeRepeatedBoolField(value: inout [Bool]) { value = [true, false] }
  mutating func decodeSingularDoubleField(value: inout Double) { value = 0.5 }
  mutating func decodeSingularDoubleField(value: inout Double?) { value = 0.5 }
  mutating func decodeRepeatedDoubleField(value: inout [Double]) { value = [0.5, 1.5] }
  mutating func decodeSingularUInt32Field(value: inout UInt32) { value = 5 }
  mutating func decodeSingularUInt32Field(value: inout UInt32?) { value = 5 }
  mutating func decodeRepeatedUInt32Field(value: inout [UInt32]) { value = [5, 4] }
  mutating func decodeSingularUInt64Field(value: inout UInt64) { value = 5 }
  mutating func decodeSingularUInt64Field(value: inout UInt64?) { value = 5 }
  mutating func decodeRepeatedUInt64Field(value: inout [UInt64]) { value = [5, 4] }
  /// The seconds of a time.
  mutating func decodeSingularInt64Field(value: inout Int64) { value = Int64(Sample.now.timeIntervalSince1970) }
  mutating func decodeSingularInt64Field(value: inout Int64?) { value = Int64(Sample.now.timeIntervalSince1970) }
  mutating func decodeRepeatedInt64Field(value: inout [Int64]) { value = [5, 4] }
  /// The nanoseconds of a time.
  mutating func decodeSingularInt32Field(value: inout Int32) { value = 5 }
  mutating func decodeSingularInt32Field(value: inout Int32?) { value = 5 }
  mutating func decodeRepeatedInt32Field(value: inout [Int32]) { value = [5, 4] }

  // What no message of this package has stays empty.

  mutating func decodeSingularFloatField(value: inout Float) {}
  mutating func decodeSingularFloatField(value: inout Float?) {}
  mutating func decodeRepeatedFloatField(value: inout [Float]) {}
  mutating func decodeSingularSInt32Field(value: inout Int32) {}
  mutating func decodeSingularSInt32Field(value: inout Int32?) {}
  mutating func decodeRepeatedSInt32Field(value: inout [Int32]) {}
  mutating func decodeSingularSInt64Field(value: inout Int64) {}
  mutating func decodeSingularSInt64Field(value: inout Int64?) {}
  mutating func decodeRepeatedSInt64Field(value: inout [Int64]) {}
  mutating func decodeSingularFixed32Field(value: inout UInt32) {}
  mutating func decodeSingularFixed32Field(value: inout UInt32?) {}
  mutating func decodeRepeatedFixed32Field(value: inout [UInt32]) {}
  mutating func decodeSingularFixed64Field(value: inout UInt64) {}
  mutating func decodeSingularFixed64Field(value: inout UInt64?) {}
  mutating func decodeRepeatedFixed64Field(value: inout [UInt64]) {}
  mutating func decodeSingularSFixed32Field(value: inout Int32) {}
  mutating func decodeSingularSFixed32Field(value: inout Int32?) {}
  mutating func decodeRepeatedSFixed32Field(value: inout [Int32]) {}
  mutating func decodeSingularSFixed64Field(value: inout Int64) {}
  mutating func decodeSingularSFixed64Field(value: inout Int64?) {}
  mutating func decodeRepeatedSFixed64Field(value: inout [Int64]) {}
  mutating func decodeSingularBytesField(value: inout Data) {}
  mutating func decodeSingularBytesField(value: inout Data?) {}
  mutating func decodeRepeatedBytesField(value: inout [Data]) {}
  mutating func decodeSingularEnumField<E: Enum>(value: inout E) where E.RawValue == Int {}
  mutating func decodeSingularEnumField<E: Enum>(value: inout E?) where E.RawValue == Int {}
  mutating func decodeRepeatedEnumField<E: Enum>(value: inout [E]) where E.RawValue == Int {}
  mutating func decodeSingularGroupField<G: Message>(value: inout G?) {}
  mutating func decodeRepeatedGroupField<G: Message>(value: inout [G]) {}
  mutating func decodeMapField<KeyType, ValueType: MapValueType>(
    fieldType: _ProtobufMap<KeyType, ValueType>.Type, value: inout _ProtobufMap<KeyType, ValueType>.BaseType
  ) {}
  mutating func decodeMapField<KeyType, ValueType>(
    fieldType: _ProtobufEnumMap<KeyType, ValueType>.Type, value: inout _ProtobufEnumMap<KeyType, ValueType>.BaseType
  ) where ValueType.RawValue == Int {}
  mutating func decodeMapField<KeyType, ValueType>(
    fieldType: _ProtobufMessageMap<KeyType, ValueType>.Type, value: inout _ProtobufMessageMap<KeyType, ValueType>.BaseType
  ) {}
  mutating func decodeExtensionField(
    values: inout ExtensionFieldValueSet, messageType: any Message.Type, fieldNumber: Int
  ) {}
}
