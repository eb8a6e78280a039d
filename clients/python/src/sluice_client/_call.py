from dataclasses import dataclass

from ._timing import SYSTEM_TIMING, Timing

DEFAULT_MAX_RETRIES = 2

MAX_TIMEOUT = (2**31 - 1) / 1000
"""The longest timeout in seconds; the other clients of Sluice have the same."""


@dataclass(frozen=True)
class CallDefaults:
    """How each call is made unless it says otherwise itself."""

    timeout: float | None = None
    max_retries: int = DEFAULT_MAX_RETRIES
    timing: Timing = SYSTEM_TIMING


@dataclass(frozen=True)
class Call:
    """One call, with all its tries."""

    deadline: float | None
    """When it must be over, in the seconds of Timing.now."""
    max_retries: int
    timing: Timing

    def remaining(self) -> float | None:
        """Seconds until the deadline, negative after it; None where there is none."""
        return None if self.deadline is None else self.deadline - self.timing.now()

    def timeout_ms(self) -> int | None:
        """The same as transports take it: whole milliseconds, at least one."""
        remaining = self.remaining()
        return None if remaining is None else max(1, int(remaining * 1000))


def checked_timeout(timeout: float | None) -> float | None:
    """A timeout in seconds as it was given. Raises ValueError for one that no timer holds."""
    if timeout is not None and not 0 <= timeout <= MAX_TIMEOUT:
        raise ValueError(f"timeout must be from 0 to {MAX_TIMEOUT} seconds, not {timeout}")
    return timeout


def open_call(defaults: CallDefaults, timeout: float | None, max_retries: int | None) -> Call:
    """Opens a call: its time runs from now. A timeout of 0 is none. Raises ValueError for one that no timer holds."""
    seconds = checked_timeout(defaults.timeout if timeout is None else timeout)
    return Call(
        deadline=defaults.timing.now() + seconds if seconds else None,
        max_retries=defaults.max_retries if max_retries is None else max_retries,
        timing=defaults.timing,
    )
