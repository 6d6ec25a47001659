package import AgentProtocol
package import RotationCore
import SwiftProtobuf

/// What waits to be written to one agent. Orders are declarative, so only the newest of an account is kept while the stream is busy;
/// everything else is bounded by whoever adds it.
package struct AgentOutbox: MailboxContents {
  /// A message in core types: keys stay in `SecretBytes` until the moment of writing.
  package enum Item: Sendable, Equatable {
    /// The bytes to sign.
    case challenge([UInt8])
    /// The stream is accepted.
    case welcome(AttachWelcome)
    /// What the node shall hold for one account.
    case order(SlotOrder)
    /// A ticket to accept.
    case proof(AcceptanceProof)
    /// The node's consumers may load the keys that they lack.
    case consumerTurn(drains: Bool)
    /// A rotation of this account goes on without the node.
    case leftBehind(AccountName)
    /// Every key of these accounts is to be destroyed.
    case decommission([AccountName])
    /// The same, and the node goes on: it takes orders for these accounts again.
    case removeKeys([AccountName])
    /// A question for the time, with its number.
    case clockProbe(UInt64)
  }

  private var messages: [Item] = []
  private var orders: [AccountName: SlotOrder] = [:]
  private var accountsInTurn: [AccountName] = []

  /// Makes an empty outbox.
  package init() {}

  /// Adds a message; an order takes the place of a waiting one of its account, unless that is newer. What waits for an account whose keys are to
  /// go does not follow after them.
  package mutating func add(_ item: Item) {
    if case .order(let order) = item { return replace(with: order) }
    if case .removeKeys(let accounts) = item { cancelOrders(for: accounts) }
    messages.append(item)
  }

  private mutating func cancelOrders(for accounts: [AccountName]) {
    for account in accounts { orders[account] = nil }
    accountsInTurn.removeAll { accounts.contains($0) }
  }

  /// Orders go out account by account in the order in which the accounts first had one waiting.
  package mutating func take() -> Item? {
    if !messages.isEmpty { return messages.removeFirst() }
    guard !accountsInTurn.isEmpty else { return nil }
    return orders.removeValue(forKey: accountsInTurn.removeFirst()).map(Item.order)
  }

  private mutating func replace(with order: SlotOrder) {
    if let waiting = orders[order.account], (order.epoch, order.version) < (waiting.epoch, waiting.version) { return }
    if orders.updateValue(order, forKey: order.account) == nil { accountsInTurn.append(order.account) }
  }
}

extension AgentOutbox.Item {
  /// The wire form. It holds keys in `Data`: build it for one write and let go of it.
  var wire: Asa_Agent_V1_RotatorMessage {
    .with { message in
      switch self {
      case .challenge(let nonce): message.challenge = .with { $0.nonce = .init(nonce) }
      case .welcome(let welcome): message.welcome = welcome.wire
      case .order(let order): message.order = order.wire
      case .proof(let proof): message.proof = proof.wire
      case .consumerTurn(let drains): message.consumerTurn = .with { $0.stay = !drains }
      case .leftBehind(let account): message.leftBehind = .with { $0.account = account.description }
      case .decommission(let accounts): message.decommission = .with { $0.accounts = accounts.map(\.description) }
      case .removeKeys(let accounts):
        message.decommission = .with {
          $0.accounts = accounts.map(\.description)
          $0.mayReturn = true
        }
      case .clockProbe(let id): message.clock = .with { $0.id = id }
      }
    }
  }
}
