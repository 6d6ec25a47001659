import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One connection to one address, for one request.
struct WebConnection: Sendable {
  /// The longest until there is a connection, and from then on until there is an answer.
  struct Limits: Sendable {
    let connecting: TimeAmount
    let answering: TimeAmount
  }

  private let channel: any Channel
  private let answer: EventLoopFuture<WebAnswer>
  private let ready: EventLoopFuture<Void>
  private let certificate: CertificateRecord

  /// Connects, and finishes the TLS handshake where the target wants one.
  static func open(
    to address: WebAddress, for target: WebTarget, trusting trust: TrustedAuthorities, within limits: Limits
  ) async throws(WebFailure) -> WebConnection {
    let record = CertificateRecord()
    do {
      let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(limits.connecting)
        .connect(to: SocketAddress(ipAddress: address.address, port: address.port)) { channel in
          channel.eventLoop.makeCompletedFuture {
            let verification = ServerVerification(host: target.host, trust: trust)
            return try prepare(channel, for: target, verification: verification, record, limits.answering)
          }
        }
      return try await connection.secured()
    } catch {
      throw WebFailure(error, isConnected: false)
    }
  }

  /// Sends the request and waits for the head of the answer; the connection is closed then.
  func ask(for target: WebTarget, authorization: String?) async throws(WebFailure) -> WebAnswer {
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path)
    head.headers.add(name: "Host", value: target.authority)
    head.headers.add(name: "User-Agent", value: "asactl")
    head.headers.add(name: "Accept", value: "*/*")
    head.headers.add(name: "Connection", value: "close")
    if let authorization { head.headers.add(name: "Authorization", value: authorization) }
    channel.write(HTTPClientRequestPart.head(head), promise: nil)
    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    do { return try await answer.get() } catch { throw WebFailure(error, isConnected: true) }
  }

  /// Ends the connection without a request.
  func close() { channel.close(promise: nil) }

  /// What ties a negotiation to this connection: `tls-server-end-point` (RFC 5929 section 4); `nil` without TLS.
  var channelBinding: [UInt8]? { certificate.leaf.flatMap(EndPointBinding.make(from:)) }

  private func secured() async throws -> WebConnection {
    do {
      try await ready.get()
      return self
    } catch {
      // What the verification found says more than the handshake that failed by it.
      throw certificate.flaw ?? WebFailure(error, isConnected: true)
    }
  }

  private static func prepare(
    _ channel: any Channel, for target: WebTarget, verification: ServerVerification, _ record: CertificateRecord,
    _ limit: TimeAmount
  ) throws -> WebConnection {
    let pipeline = channel.pipeline.syncOperations
    if target.isSecure {
      try pipeline.addHandler(
        NIOSSLClientHandler(
          context: verification.context(), serverHostname: target.host,
          customVerificationCallback: { presented, promise in
            promise.completeWithTask { await verification.result(for: presented, record) }
          }))
    }
    // The defaults bound what is read of the head: 80 KiB a field, 256 fields.
    try pipeline.addHTTPClientHandlers()
    let ready = channel.eventLoop.makePromise(of: Void.self)
    let answer = channel.eventLoop.makePromise(of: WebAnswer.self)
    try pipeline.addHandler(AnswerHandler(isSecure: target.isSecure, limit: limit, ready: ready, answer: answer))
    return WebConnection(channel: channel, answer: answer.futureResult, ready: ready.futureResult, certificate: record)
  }
}
