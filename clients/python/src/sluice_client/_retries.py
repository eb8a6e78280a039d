from collections.abc import Awaitable, Callable
from typing import TypeVar

from connectrpc.client import ResponseMetadata
from connectrpc.errors import ConnectError

from ._call import Call
from ._connection_fault import connection_fault
from ._read_error import read_error
from ._sluice_error import SluiceError, SluiceErrorReason

BACKOFF_BASE = 0.5
"""The bound of the first wait in seconds; it doubles with each retry."""

BACKOFF_MAX = 8.0

MAX_RETRY_AFTER = 60.0
"""A longer wait than this, in seconds, is for the caller to decide on: the error says how long."""

T = TypeVar("T")


def with_retries(call: Call, repeatable: bool, run: Callable[[int | None, ResponseMetadata], T]) -> T:
    """
    Tries, and tries again where the failure says that it can help. run makes one try in so many milliseconds, or
    without a deadline, and is shown where the answer's headers will be. repeatable: the contract lets the call happen
    twice. Raises the last failure as a SluiceError.
    """
    retries = 0
    while True:
        with ResponseMetadata() as received:
            try:
                return run(call.timeout_ms(), received)
            except ConnectError as thrown:
                error = read_error(thrown, call, received)
        call.timing.sleep(_wait_or_raise(error, call, retries, repeatable))
        retries += 1


async def with_retries_async(
    call: Call, repeatable: bool, run: Callable[[int | None, ResponseMetadata], Awaitable[T]]
) -> T:
    """The same for coroutines."""
    retries = 0
    while True:
        with ResponseMetadata() as received:
            try:
                return await run(call.timeout_ms(), received)
            except ConnectError as thrown:
                error = read_error(thrown, call, received)
        await call.timing.sleep_async(_wait_or_raise(error, call, retries, repeatable))
        retries += 1


def _wait_or_raise(error: SluiceError, call: Call, retries: int, repeatable: bool) -> float:
    """How long to wait before the next try, in seconds. Raises the error where there is none."""
    wait = _retry_wait(error, call, retries) if _may_retry(error, repeatable) else None
    if wait is None or retries >= call.max_retries:
        raise error
    return wait


def _may_retry(error: SluiceError, repeatable: bool) -> bool:
    """A lost answer may have been paid for: a model is asked again only where the gateway surely did not hear."""
    if not error.retryable:
        return False
    if error.reason != SluiceErrorReason.CONNECTION or repeatable:
        return True
    cause = error.__cause__
    return isinstance(cause, ConnectError) and connection_fault(cause) == "not_sent"


def _retry_wait(error: SluiceError, call: Call, retries: int) -> float | None:
    """
    How long to wait, in seconds; None where the wait would be too long or go past the deadline.
    Full jitter after "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), on top of what the gateway asks.
    """
    asked = error.retry_after or 0.0
    wait = asked + call.timing.random() * min(BACKOFF_MAX, BACKOFF_BASE * 2.0**retries)
    remaining = call.remaining()
    if asked > MAX_RETRY_AFTER or (remaining is not None and wait >= remaining):
        return None
    return wait
