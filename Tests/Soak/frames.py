"""GSS-API tokens on a stream socket: four bytes of length, one byte of meaning, the token or a text."""

import socket
import struct

TOKEN = b"+"
REFUSAL = b"-"


def send(connection: socket.socket, kind: bytes, payload: bytes) -> None:
    connection.sendall(struct.pack(">I", len(payload)) + kind + payload)


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """The next frame; ConnectionError if the peer goes away before its end."""
    (length,) = struct.unpack(">I", receive_exactly(connection, 4))
    return receive_exactly(connection, 1), receive_exactly(connection, length)


def receive_exactly(connection: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        part = connection.recv(length - len(received))
        if not part:
            raise ConnectionError("the peer closed the connection")
        received += part
    return received
