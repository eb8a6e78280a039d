from collections.abc import Mapping
from typing import Literal

from connectrpc.protocol import ProtocolType
from pyqwest import HTTPTransport, HTTPVersion, SyncHTTPTransport

Protocol = Literal["connect", "grpc", "grpc-web"]

_PROTOCOLS: Mapping[str, ProtocolType] = {
    "connect": ProtocolType.CONNECT,
    "grpc": ProtocolType.GRPC,
    "grpc-web": ProtocolType.GRPC_WEB,
}

_IDLE_CONNECTIONS = 100
"""Kept for the next calls. A stream over HTTP/1.1 has a connection of its own, so there can be many."""


def protocol_type(protocol: Protocol) -> ProtocolType:
    """The protocol in connectrpc's word. Raises ValueError for others than ours."""
    found = _PROTOCOLS.get(protocol)
    if found is None:
        raise ValueError(f"protocol must be one of {', '.join(_PROTOCOLS)}, not {protocol!r}")
    return found


def network(protocol: Protocol) -> SyncHTTPTransport:
    return SyncHTTPTransport(
        http_version=_http_version(protocol),
        tls_include_system_certs=True,
        follow_redirects=False,
        pool_max_idle_per_host=_IDLE_CONNECTIONS,
    )


def async_network(protocol: Protocol) -> HTTPTransport:
    return HTTPTransport(
        http_version=_http_version(protocol),
        tls_include_system_certs=True,
        follow_redirects=False,
        pool_max_idle_per_host=_IDLE_CONNECTIONS,
    )


def _http_version(protocol: Protocol) -> HTTPVersion:
    """gRPC needs HTTP/2, without TLS from the first byte (h2c). HTTP/1.1 passes every proxy."""
    return HTTPVersion.HTTP2 if protocol == "grpc" else HTTPVersion.HTTP1
