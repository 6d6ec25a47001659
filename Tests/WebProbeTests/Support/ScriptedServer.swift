import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import WebProbe

/// A web server on loopback that answers each request as told.
final class ScriptedServer: Sendable {
  /// What it answers with.
  enum Answer: Sendable {
    /// A head and no content.
    case head(Int, [(String, String)])
    /// These bytes, as they are.
    case raw(String)
    /// Nothing: it closes the connection.
    case goodbye
    /// Nothing: it keeps silent.
    case silence
  }

  private let requests = Mutex<[HTTPRequestHead]>([])

  /// The heads of all requests so far.
  var heads: [HTTPRequestHead] { requests.withLock { $0 } }

  /// Serves while `body` runs, which gets the address.
  static func serving<Result: Sendable>(
    tls identity: TestIdentity? = nil, _ answer: @escaping @Sendable (HTTPRequestHead) -> Answer,
    _ body: (ScriptedServer, WebAddress) async throws -> Result
  ) async throws -> Result {
    let server = ScriptedServer()
    let context = try identity.map { try NIOSSLContext(configuration: $0.serverConfiguration()) }
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
          try channel.pipeline.syncOperations.addHandler(RequestHandler { server.answer(to: $0, answer) })
        }
      }.bind(host: "127.0.0.1", port: 0).get()
    let address = WebAddress("127.0.0.1", port: channel.localAddress?.port ?? 0)
    do {
      guard let address else { throw ChannelError.unknownLocalAddress }
      let result = try await body(server, address)
      try await channel.close()
      return result
    } catch {
      try? await channel.close()
      throw error
    }
  }

  private func answer(to head: HTTPRequestHead, _ answer: (HTTPRequestHead) -> Answer) -> Answer {
    requests.withLock { $0.append(head) }
    return answer(head)
  }
}

private final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let answer: (HTTPRequestHead) -> ScriptedServer.Answer

  init(_ answer: @escaping (HTTPRequestHead) -> ScriptedServer.Answer) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    switch answer(head) {
    case .head(let status, let fields):
      var response = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
      for (name, value) in fields { response.headers.add(name: name, value: value) }
      context.write(wrapOutboundOut(.head(response)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    case .raw(let text):
      // Past the encoder, which would not write it.
      guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else { return }
      encoder.writeAndFlush(NIOAny(context.channel.allocator.buffer(string: text)), promise: nil)
    case .goodbye: context.close(promise: nil)
    case .silence: return
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
