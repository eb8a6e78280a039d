import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Time and chance, so that tests can own them. All times are in seconds."""

    now: Callable[[], float] = time.monotonic
    """Seconds from an arbitrary start; never goes back."""
    random: Callable[[], float] = random.random
    """A number from 0 up to but not including 1."""
    sleep: Callable[[float], None] = time.sleep
    sleep_async: Callable[[float], Awaitable[None]] = asyncio.sleep


SYSTEM_TIMING = Timing()
