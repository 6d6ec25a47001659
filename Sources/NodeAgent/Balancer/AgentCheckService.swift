package import Configuration
import Glibc
package import Logging
import NIOCore
import NIOPosix
import RotationCore
import ServiceLifecycle

/// Answers HAProxy's agent check (`agent-check`, `agent-addr`, `agent-port`): one line per connection, then the end. `ready` besides `up` ends a drain
/// that an earlier answer began.
package struct AgentCheckService: Service, CustomStringConvertible {
  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  private let address: ListenAddress
  private let state: ServiceState
  private let logger: Logger

  /// Answers on `address` for whoever keeps `state`.
  package init(address: ListenAddress, state: ServiceState, logger: Logger) {
    self.address = address
    self.state = state
    self.logger = logger
  }

  /// The service group logs this instead of everything that the service holds.
  package var description: String { "agent check" }

  private var subject: String { "agentCheck \(address.host):\(address.port)" }

  /// Answers until the agent stops.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` if the address cannot be listened on.
  package func run() async throws {
    let server = try await bind()
    await cancelWhenGracefulShutdown {
      do { try await serve(server) } catch {
        guard !Task.isCancelled else { return }
        logger.error("\(subject): is not answered any more: \(error)")
      }
    }
  }

  private func bind() async throws(OperatorFault) -> NIOAsyncChannel<Connection, Never> {
    do {
      return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .bind(host: address.host, port: address.port) { channel in
          channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
        }
    } catch {
      let isAddressMissing = (error as? IOError)?.errnoCode == EADDRNOTAVAIL
      // An address that is not there yet may come; everything else a person has to mend.
      throw OperatorFault(
        isAddressMissing ? .unavailable : .configuration, subject, "cannot be listened on: \(error)",
        remedy: "name a free port and an address of this host")
    }
  }

  private func serve(_ server: NIOAsyncChannel<Connection, Never>) async throws {
    try await server.executeThenClose { connections in
      for try await connection in connections { await answer(connection) }
    }
  }

  /// What the other side says is not read; one that is gone already needs no answer.
  private func answer(_ connection: Connection) async {
    let answer = ByteBuffer(string: state.isInService ? "up ready\n" : "drain\n")
    do {
      try await connection.executeThenClose { _, outbound in try await outbound.write(answer) }
    } catch {
      logger.debug("\(subject): a check ended early: \(error)")
    }
  }
}
