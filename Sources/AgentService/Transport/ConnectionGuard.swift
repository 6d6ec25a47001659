import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// Bounds what a peer can do before it has shown a certificate: how many connections there are, and how long a handshake takes. It also
/// demands TLS 1.3, which gRPC's own floor (1.2) leaves open.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = Any

  private let deadline: TimeAmount
  private var timer: Scheduled<Void>?

  init(deadline: TimeAmount) { self.deadline = deadline }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    timer = context.eventLoop.scheduleTask(in: deadline) { channel.close(promise: nil) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let event = event as? TLSUserEvent, case .handshakeCompleted = event else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    timer?.cancel()
    if (try? context.channel.pipeline.syncOperations.nioSSL_tlsVersion()) == .tlsv13 {
      context.fireUserInboundEventTriggered(event)
    } else {
      context.close(promise: nil)
    }
  }
}

/// Installs a ``ConnectionGuard`` in every accepted connection and counts them.
final class ConnectionGate: Sendable {
  private let open = Atomic<Int>(0)
  private let limit: Int
  private let deadline: TimeAmount

  init(limit: Int, deadline: Duration) {
    self.limit = limit
    self.deadline = TimeAmount(deadline)
  }

  /// For the transport's accept callback, which runs on the channel's event loop.
  @Sendable
  func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
    let count = open.add(1, ordering: .relaxed).newValue
    channel.closeFuture.whenComplete { _ in self.open.subtract(1, ordering: .relaxed) }
    return channel.eventLoop.makeCompletedFuture {
      guard count <= limit else { throw ChannelError.ioOnClosedChannel }
      let pipeline = channel.pipeline.syncOperations
      let tls = try pipeline.handler(type: NIOSSLServerHandler.self)
      try pipeline.addHandler(ConnectionGuard(deadline: deadline), position: .after(tls))
    }.flatMapError { error in
      // NIO forgets a connection whose set-up failed, and leaves closing it to us.
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(error)
    }
  }
}
