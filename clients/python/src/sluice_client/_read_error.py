from asyncio import CancelledError
from collections.abc import Iterator
from typing import TypeVar

from connectrpc.client import ResponseMetadata
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from protobuf import Message

from ._call import Call
from ._connection_fault import connection_fault
from ._sluice_error import ErrorFacts, FieldViolation, SluiceError, SluiceErrorReason, reason_of
from .gen.google.rpc.error_details_pb import BadRequest, ErrorInfo, RetryInfo
from .gen.sluice.v1.decision_pb import Decision

ERROR_DOMAIN = "sluice.dev"
"""Who defines the reasons, in ErrorInfo."""

M = TypeVar("M", bound=Message)


def read_error(thrown: ConnectError, call: Call, received: ResponseMetadata) -> SluiceError:
    """
    A failure of a call as a SluiceError: in the gateway's words where it spoke, else by what is seen from here.
    Raises what raise_foreign does.
    """
    raise_foreign(thrown)
    info = next((detail for detail in _details(thrown, ErrorInfo) if detail.domain == ERROR_DOMAIN), None)
    error = _local_error(thrown, call, received) if info is None else _gateway_error(thrown, info, received)
    error.__cause__ = thrown
    return error


def raise_foreign(thrown: ConnectError) -> None:
    """
    Raises what connectrpc has wrapped but must reach the caller as it is: the cancellation of a task, without which
    neither TaskGroup nor asyncio.timeout works, and the TypeError of a request that cannot be encoded.
    """
    if isinstance(thrown.__cause__, CancelledError | TypeError):
        raise thrown.__cause__ from None


def request_id_of(received: ResponseMetadata) -> str:
    """Where it stands depends on the protocol: over gRPC an error's metadata may come as trailers alone."""
    ids = [*received.headers.getall("x-request-id"), *received.trailers.getall("x-request-id")]
    # The gateway may say it both for HTTP and for RPC, and pyqwest joins what has the same name.
    return ids[0].split(",")[0] if ids else ""


def _gateway_error(thrown: ConnectError, info: ErrorInfo, received: ResponseMetadata) -> SluiceError:
    retry_info = next(_details(thrown, RetryInfo), None)
    delay = None if retry_info is None else retry_info.retry_delay
    decision = next(_details(thrown, Decision), None)
    facts = ErrorFacts(
        raw_reason=info.reason,
        retry_after=None if delay is None else delay.to_seconds(),
        metadata=info.metadata,
        violations=[
            FieldViolation(violation.field, violation.description)
            for bad_request in _details(thrown, BadRequest)
            for violation in bad_request.field_violations
        ],
        request_id=request_id_of(received) or ("" if decision is None else decision.request_id),
        decision=decision,
    )
    return SluiceError(reason_of(info.reason), thrown.code, thrown.message, facts)


def _local_error(thrown: ConnectError, call: Call, received: ResponseMetadata) -> SluiceError:
    """The gateway gave no reason: the deadline, the network or something between is why."""
    facts = ErrorFacts(request_id=request_id_of(received))
    remaining = call.remaining()
    fault = connection_fault(thrown)
    # A connection that took too long to make has the deadline's code too.
    is_deadline = thrown.code is Code.DEADLINE_EXCEEDED and fault is None
    if is_deadline or (remaining is not None and remaining <= 0):
        reason, code = SluiceErrorReason.DEADLINE_EXCEEDED, Code.DEADLINE_EXCEEDED
        return SluiceError(reason, code, "The call's deadline passed.", facts)
    if fault is not None:
        message = f"No answer from the gateway: {thrown.message or 'the connection failed'}"
        return SluiceError(SluiceErrorReason.CONNECTION, Code.UNAVAILABLE, message, facts)
    reason = SluiceErrorReason.CANCELED if thrown.code is Code.CANCELED else SluiceErrorReason.UNKNOWN
    return SluiceError(reason, thrown.code, thrown.message, facts)


def _details(error: ConnectError, kind: type[M]) -> Iterator[M]:
    for detail in error.details:
        value = detail.value(kind)
        if value is not None:
            yield value
