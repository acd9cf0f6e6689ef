"""Messages as bytes on a socket: four bytes of length (big endian), then MessagePack."""

import socket
import struct
from typing import TypeVar

import msgspec

from appliance.errors import LinkBroken
from appliance.link.messages import Reply, Request

LARGEST = 1 << 20
"""Bytes in a message at most: a page of calls or an audio range is far below."""

M = TypeVar("M")

_length = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def send(connection: socket.socket, message: Request | Reply) -> None:
    """Send one message.

    Raises:
        LinkBroken: the other end has gone.
    """
    body = _encoder.encode(message)
    try:
        connection.sendall(_length.pack(len(body)) + body)
    except OSError as wrong:
        raise LinkBroken("The other end of the link has gone.") from wrong


def receive_request(connection: socket.socket) -> Request | None:
    """Receive one request; None when the site has closed the connection between two.

    Raises:
        LinkBroken: the connection broke inside a message, or what came is not one.
    """
    body = _receive(connection)
    return None if body is None else _decoded(_requests, body)


def receive_reply(connection: socket.socket) -> Reply:
    """Receive one reply.

    Raises:
        LinkBroken: the keeper closed the connection, or what came is not a reply.
    """
    body = _receive(connection)
    if body is None:
        raise LinkBroken("The keeper closed the link.")
    return _decoded(_replies, body)


def _decoded(decoder: msgspec.msgpack.Decoder[M], body: bytes) -> M:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise LinkBroken("What came over the link is not a message.") from wrong


def _receive(connection: socket.socket) -> bytes | None:
    head = _exactly(connection, _length.size)
    if not head:
        return None
    (length,) = _length.unpack(head)
    if length > LARGEST:
        raise LinkBroken("A message over the link is too long.")
    body = _exactly(connection, length)
    if length and not body:
        raise LinkBroken("The link broke inside a message.")
    return body


def _exactly(connection: socket.socket, count: int) -> bytes:
    """Receive ``count`` bytes, or none at all when the connection was closed before the first."""
    parts, left = bytearray(), count
    while left:
        try:
            part = connection.recv(min(left, 65536))
        except OSError as wrong:
            raise LinkBroken("The link broke.") from wrong
        if not part:
            if parts:
                raise LinkBroken("The link broke inside a message.")
            return b""
        parts += part
        left -= len(part)
    return bytes(parts)
