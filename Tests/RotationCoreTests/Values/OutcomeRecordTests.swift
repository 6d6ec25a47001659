import Foundation
import RotationCore
import Testing

@Suite("Outcome records in a store")
struct OutcomeRecordTests {
  @Test("A record from before alarms were named is read")
  func withoutAlarm() throws {
    let record = OutcomeRecord(kind: .alarmFailed, time: .distantPast, account: nil, message: "m", alarm: .failed)
    var fields = try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(record)) as? [String: Any])
    #expect(fields.removeValue(forKey: "alarm") as? String == "failed")
    let older = try JSONDecoder().decode(OutcomeRecord.self, from: JSONSerialization.data(withJSONObject: fields))
    #expect(older.alarm == nil)
    #expect(older.message == "m")
  }
}
