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
    case .nodeExcluded: "b0c27d5c6a1e4f4c9d0f4b7a5e8c3d21"
    case .nodeDecommissioned: "9b1f0f6e2d7a4c35a8e4d2c6f7b19035"
    case .keyRetired: "34f83d6ff77b473cb38c133e8eca7dec"
    case .storeBehind: "44db6652a48342d68d714be6a774f145"
    case .credentialAdopted: "185ff7d0a3c54f76bbccc3adee8b4b55"
    case .credentialRemoved: "e246e6f6222b4e1e8938bd8405f289fb"
    case .credentialCopied: "53df88c2e9444e229b40a9269771fda2"
    case .accountTakenOver: "a4b655ea366c4d119426383876083edd"
    case .encryptionMigrationBegun: "4d3b3079999541e9ac5ce0a8b0ee86e1"
    case .encryptionTypesWritten: "10c3f86f8dec40a181623de684b333b0"
    case .encryptionTypesProven: "3077f444dcea43208ac740d42854de95"
    case .encryptionMigrated: "e858cab008874a3b9862277a75b66ccd"
    case .rotationWaiting: "4d1e48fd9ae34426960d859a70ea727d"
    case .rotationCaughtUp: "de25651e121546719ceeddddd8b3bb22"
    case .rotationOverdue: "829d4e61be2b4c46babed4f24049de13"
    case .rotationStalled: "2a09b6b737514540a3a1dbb18227220b"
    case .daemonInterrupted: "0e98e3d0f84543688aea73b3a2c1c0be"
    case .controllerBehind: "25c51df34df04d4298afd1c27a83c486"
    case .controllerConverged: "d414265e409e49aa91dd51c7674a62da"
    case .controllerForgotten: "75cf8fb983a54844bca20f9efbe1dc36"
    case .drift: "e12d992a9732427ba5c98feaf752f6f4"
    case .keytabRestored: "e85d7f8c9bf842069f105d1bab276feb"
    case .driftEnded: "877176f2aa154148b5a043c24198bf96"
    case .storeUnwritable: "3011fdb17b9b42b2b93db32b0ba87341"
    case .storeWritable: "da0f85d2b8ba44e981aef7d2d2fb4a55"
    case .schedulePaused: "454bf409dd8f461eb3c694c8d0d606a5"
    case .scheduleResumed: "1e197af84b834398ae0ecb175c5045b9"
    case .alarmDelivered: "3ca5b5d034514885952f0d8b18d9d075"
    case .alarmFailed: "586c8547f2e648b1888867dde5b376ba"
    case .alarmAcknowledged: "458d4977e01b457fb80a7cca789e8387"
    case .configurationReloaded: "9138ac6c3f2546d9b6b2be82c9a22dc4"
    case .configurationRefused: "fad59878e3fc4557bdcbc80ba6c0bf34"
    }
  }
}
