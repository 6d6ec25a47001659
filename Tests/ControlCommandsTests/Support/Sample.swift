import ControlProtocol
import Foundation
import SwiftProtobuf

/// The messages that the fake daemon answers with, at fixed times.
enum Sample {
  static let account = #"LAB\EXCH2016ASA$"#
  static let zone = TimeZone(secondsFromGMT: 3600) ?? .gmt
  /// 2026-11-21 16:00:00 UTC.
  static let now = Date(timeIntervalSince1970: 1_795_276_800)
  static let types = ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"]

  static func time(_ secondsFromNow: Double) -> Google_Protobuf_Timestamp {
    .with { $0.seconds = Int64(now.timeIntervalSince1970 + secondsFromNow) }
  }

  static func slot(_ position: String, kvno: UInt32, set: Double) -> Asa_Control_V1_SlotStatus {
    .with {
      $0.position = position
      $0.version = kvno
      $0.setAt = time(set)
      $0.encryptionTypes = types
      $0.rotation = "rotation-\(kvno)"
      $0.proven = true
    }
  }

  static let healthyNode = Asa_Control_V1_NodeSlots.with {
    $0.node = "cas-1.lab.example"
    $0.connection = "attached"
    $0.slots = [slot("latest", kvno: 5, set: -86400), slot("previous", kvno: 4, set: -30 * 86400)]
    $0.keytabs = ["/etc/krb5.keytab"]
  }

  static let lateNode = Asa_Control_V1_NodeSlots.with {
    $0.node = "cas-2.lab.example"
    $0.connection = "detached"
    $0.behind = true
    $0.fault = "keytab /etc/krb5.keytab holds host/cas-2.lab.example"
    $0.slots = [slot("latest", kvno: 4, set: -30 * 86400)]
  }

  static func status(_ nodes: [Asa_Control_V1_NodeSlots]) -> Asa_Control_V1_StatusReply {
    .with {
      $0.rotator = "rotator-1"
      $0.daemonVersion = "1.0"
      $0.accounts = [
        .with {
          $0.account = account
          $0.realm = "LAB.EXAMPLE"
          $0.phase = "idle"
          $0.detail = "the last rotation succeeded"
          $0.nextDue = time(29 * 86400)
          $0.lastSuccess = time(-86400)
          $0.servicePrincipalNames = ["http/mail.lab.example", "http/autodiscover.lab.example"]
          $0.controllers = [
            .with {
              $0.name = "dc1.lab.example"
              $0.writer = true
            },
            .with {
              $0.name = "dc2.lab.example"
              $0.behindSince = time(-86400)
              $0.problem = "does not answer"
            },
          ]
          $0.nodes = nodes
        }
      ]
    }
  }

  static func progress(
    at seconds: Double = 0, _ event: Asa_Control_V1_RotateProgress.OneOf_Event
  ) -> Asa_Control_V1_RotateProgress {
    .with {
      $0.time = time(seconds)
      $0.event = event
      $0.account = account
    }
  }

  static let plan = Asa_Control_V1_RotationPlanned.with {
    $0.account = account
    $0.rotation = "rotation-6"
    $0.currentVersion = 5
    $0.plannedVersion = 6
    $0.domainController = "dc1.lab.example"
    $0.nodes = ["cas-1.lab.example", "cas-2.lab.example"]
    $0.missingNodes = ["cas-3.lab.example"]
    $0.required = 2
    $0.warnings = ["dc2.lab.example is down"]
  }

  static func phase(_ name: String, _ detail: String = "") -> Asa_Control_V1_RotateProgress.OneOf_Event {
    .phase(
      .with {
        $0.phase = name
        $0.detail = detail
      })
  }

  static func step(_ node: String, _ step: String, _ detail: String = "") -> Asa_Control_V1_RotateProgress.OneOf_Event {
    .node(
      .with {
        $0.node = node
        $0.step = step
        $0.detail = detail
      })
  }

  static func ended(_ outcome: String, _ adjust: (inout Asa_Control_V1_RotationEnded) -> Void = { _ in })
    -> Asa_Control_V1_RotateProgress.OneOf_Event
  {
    .ended(
      .with {
        $0.outcome = outcome
        $0.rotation = "rotation-6"
        $0.message = "the rotation \(outcome)"
        $0.passwordChanged = outcome == "succeeded" || outcome == "degraded"
        $0.version = $0.passwordChanged ? 6 : 5
        adjust(&$0)
      })
  }

  static let report = Asa_Control_V1_RotationReport.with {
    $0.destinations = [
      .with {
        $0.array = "mail"
        $0.nodes = ["cas-1.lab.example", "cas-2.lab.example"]
      }
    ]
    $0.credentials = [slot("latest", kvno: 6, set: 0), slot("previous", kvno: 5, set: -86400)]
    $0.prune = [
      pruned(6, "domain controllers issue tickets under it"),
      pruned(5, "tickets under it may be alive") { $0.until = time(36_300) },
      pruned(4, "no ticket under it can be alive") { $0.destroyedAt = time(-50_000) },
    ]
    $0.pushes = [
      .with {
        $0.node = "cas-1.lab.example"
        $0.result = "proven"
        $0.detail = "accepts tickets for http/mail.lab.example"
        $0.steps = [
          .with {
            $0.time = time(2)
            $0.step = "staged"
          }
        ]
      },
      .with {
        $0.node = "cas-2.lab.example"
        $0.result = "none"
        $0.detail = "was not ready"
      },
    ]
    $0.change = .with {
      $0.domainController = "dc1.lab.example"
      $0.versionBefore = 5
      $0.versionAfter = 6
      $0.stampAfter = "asa1;1.4;rotation-6;done;rotator-1"
      $0.passwordChanged = true
    }
    $0.properties = properties
    $0.nodes = [healthyNode]
    $0.verdict = "SUCCEEDED"
  }

  static let properties = Asa_Control_V1_AccountProperties.with {
    $0.kind = "computer"
    $0.distinguishedName = "CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example"
    $0.samAccountName = "EXCH2016ASA$"
    $0.passwordLastSet = time(3)
    $0.servicePrincipalNames = ["http/mail.lab.example", "http/autodiscover.lab.example"]
    $0.encryptionTypes = 24
    $0.readAt = time(4)
  }

  static func pruned(
    _ version: UInt32, _ reason: String, _ adjust: (inout Asa_Control_V1_PruneStatus) -> Void = { _ in }
  ) -> Asa_Control_V1_PruneStatus {
    .with {
      $0.version = version
      $0.rotation = "rotation-\(version)"
      $0.reason = reason
      adjust(&$0)
    }
  }

  static func fault(_ kind: String) -> Asa_Control_V1_Fault {
    .with {
      $0.kind = kind
      $0.subject = "node cas-3.lab.example"
      $0.problem = "is not attached"
      $0.remedy = "start asa-agentd there"
    }
  }

  static func verdict(_ node: String, _ name: String, accepted: Bool) -> Asa_Control_V1_VerifyProgress {
    .with {
      $0.verdict = .with {
        $0.node = node
        $0.servicePrincipalName = name
        $0.accepted = accepted
        $0.version = 5
        $0.encryptionType = accepted ? types[0] : ""
        $0.rotation = accepted ? "rotation-5" : ""
        $0.error = accepted ? "" : "no key for kvno 5 in /etc/krb5.keytab"
      }
    }
  }

  static func verifyEnded(accepted: UInt32, refused: UInt32) -> Asa_Control_V1_VerifyProgress {
    .with {
      $0.ended = .with {
        $0.allAccepted = refused == 0
        $0.accepted = accepted
        $0.refused = refused
      }
    }
  }
}
