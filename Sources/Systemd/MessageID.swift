package import RotationCore

/// The 128-bit ids of the journal's records. They are part of the interface: alarms and the message catalog refer to them, so a
/// number is never changed or used again.
package enum MessageID {
  /// The id of a kind of record: 32 lower-case hexadecimal digits.
  package static func of(_ kind: RecordKind) -> String {
    switch kind {
    case .rotationStarted: "d543634d957c4adbaa1c80b021bd4d3f"
    case .rotationSucceeded: "2c7ca14ca96542c69cb494fa6033fdb7"
    case .rotationDegraded: "3f8185a0dffa4602a30b93978b87c13b"
    case .rotationFailed: "449a355e97ac4a49846536511773fe18"
    case .outcomeUnknown: "b748af4864864a3cb8b3472fb2dfaa45"
    case .nodeBehind: "e290927301f6497eb2e83bc6455738d1"
    case .nodeRecovered: "d63ce904bce747fea5b5c67dbcad5306"
    case .nodeRefused: "7e839d07cb0541a39d142d257141ce49"
    case .keyRetired: "34f83d6ff77b473cb38c133e8eca7dec"
    case .storeBehind: "44db6652a48342d68d714be6a774f145"
    }
  }
}
