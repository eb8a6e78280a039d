from typing import Literal

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from pyqwest import ReadError, RemoteProtocolError, WriteError

ConnectionFault = Literal["not_sent", "broken"]
"""How far a call came whose connection failed: never to the gateway, or perhaps."""


def connection_fault(error: ConnectError) -> ConnectionFault | None:
    """How the connection failed; None where something else is wrong, as with a certificate that no retry mends."""
    cause = error.__cause__
    # pyqwest keeps ConnectionError for connections that were never made.
    if isinstance(cause, ConnectionError):
        return None if "certificate" in str(cause) else "not_sent"
    if isinstance(cause, ReadError | WriteError | RemoteProtocolError):
        return "broken"
    # A proxy in between says so with a status of HTTP.
    return "broken" if cause is None and error.code is Code.UNAVAILABLE else None
