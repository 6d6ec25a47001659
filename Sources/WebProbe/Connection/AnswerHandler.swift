import NIOCore
import NIOHTTP1
import NIOTLS

/// Waits for a connection to be ready and for the head of one answer, within a time limit, and keeps both promises whatever happens.
final class AnswerHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let isSecure: Bool
  private let limit: TimeAmount
  private let ready: EventLoopPromise<Void>
  private let answer: EventLoopPromise<WebAnswer>
  private var alarm: Scheduled<Void>?

  init(isSecure: Bool, limit: TimeAmount, ready: EventLoopPromise<Void>, answer: EventLoopPromise<WebAnswer>) {
    self.isSecure = isSecure
    self.limit = limit
    self.ready = ready
    self.answer = answer
  }

  func channelActive(context: ChannelHandlerContext) {
    alarm = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
      self.fail(with: WebFailure.answerTimeout, context)
    }
    if !isSecure { ready.succeed() }
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted = event as? TLSUserEvent { ready.succeed() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    answer.succeed(WebAnswer(head))
    // The page itself is nobody's business here.
    context.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(with: error, context) }

  func channelInactive(context: ChannelHandlerContext) {
    fail(with: WebFailure.closed, context)
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { fail(with: WebFailure.closed, context) }

  /// Whichever failure is told first is the one that counts, as is an answer that came before.
  private func fail(with error: any Error, _ context: ChannelHandlerContext) {
    alarm?.cancel()
    ready.fail(error)
    answer.fail(error)
    context.close(promise: nil)
  }
}
