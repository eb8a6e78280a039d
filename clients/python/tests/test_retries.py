import math
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from callers import CALLERS
from connectrpc.code import Code
from fake_gateway import FakeCaller, FakeTiming, Script, refusal, text_events

from sluice_client import SluiceError, SluiceErrorReason

CALLS = ("chat", "stream", "count_tokens")


def failure(run: Callable[[], object]) -> SluiceError:
    with pytest.raises(SluiceError) as caught:
        run()
    return caught.value


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_sent_again_when_the_gateway_says_that_it_can_help(make: FakeCaller, call: str) -> None:
    time, script = FakeTiming(), Script(failures=[refusal("UPSTREAM_OVERLOADED")] * 2)
    getattr(make(script, time), call)("m", "hi")
    assert len(script.requests) == 3
    assert time.waits == [0.25, 0.5]


@pytest.mark.parametrize("call", CALLS)
def test_the_last_error_is_raised_when_the_retries_are_used_up(make: FakeCaller, call: str) -> None:
    script = Script(failures=[refusal("SHUTTING_DOWN")] * 9)
    assert failure(lambda: getattr(make(script, FakeTiming()), call)("m", "hi")).reason == "SHUTTING_DOWN"
    assert len(script.requests) == 3


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("MODEL_NOT_FOUND", Code.NOT_FOUND),
        ("INTERNAL", Code.INTERNAL),
        ("REQUEST_TOO_LARGE", Code.RESOURCE_EXHAUSTED),
        ("SOMETHING_NEW", Code.UNAVAILABLE),
    ],
)
def test_a_call_is_sent_once_when_nothing_helps(make: FakeCaller, call: str, reason: str, code: Code) -> None:
    script = Script(failures=[refusal(reason, code)] * 9)
    error = failure(lambda: getattr(make(script, FakeTiming()), call)("m", "hi"))
    assert (error.reason, error.raw_reason, error.code) == (reason, reason, code)
    assert error.metadata == {"provider": "p"}
    assert len(script.requests) == 1


def test_a_wait_is_never_shorter_than_the_gateway_asks_for(make: FakeCaller) -> None:
    time, script = FakeTiming(chance=0), Script(failures=[refusal("UPSTREAM_RATE_LIMITED", retry_after=1.5)])
    make(script, time).chat("m", "hi")
    assert time.waits == [1.5]


def test_a_wait_of_more_than_a_minute_is_left_to_the_caller(make: FakeCaller) -> None:
    script = Script(failures=[refusal("UPSTREAM_RATE_LIMITED", retry_after=60.001)])
    assert failure(lambda: make(script, FakeTiming()).chat("m", "hi")).retry_after == 60.001
    assert len(script.requests) == 1


def test_a_wait_past_the_deadline_does_not_begin(make: FakeCaller) -> None:
    script = Script(failures=[refusal("UPSTREAM_RATE_LIMITED", retry_after=2)])
    error = failure(lambda: make(script, FakeTiming()).chat("m", "hi", timeout=2))
    assert error.reason is SluiceErrorReason.UPSTREAM_RATE_LIMITED
    assert len(script.requests) == 1


def test_a_wait_takes_its_time_out_of_the_calls(make: FakeCaller) -> None:
    script = Script(failures=[refusal("UPSTREAM_RATE_LIMITED", retry_after=4)])
    make(script, FakeTiming(chance=0), timeout=9).chat("m", "hi")
    first, second = script.timeouts
    assert first is not None
    assert second is not None
    assert 8000 < first <= 9000
    assert second <= 5000


def test_a_call_without_a_timeout_has_no_deadline(make: FakeCaller) -> None:
    script = Script()
    make(script, FakeTiming(), timeout=9).chat("m", "hi", timeout=0)
    assert script.timeouts == [None]


def test_the_wait_grows_and_is_bounded(make: FakeCaller) -> None:
    time, script = FakeTiming(chance=0.999), Script(failures=[refusal("UPSTREAM_TIMEOUT")] * 9)
    make(script, time, max_retries=9).chat("m", "hi")
    assert [math.ceil(wait * 1000) for wait in time.waits] == [500, 999, 1998, 3996, 7992, 7992, 7992, 7992, 7992]


def test_there_is_no_retry_where_the_caller_wants_none(make: FakeCaller) -> None:
    script = Script(failures=[refusal("UPSTREAM_TIMEOUT")])
    failure(lambda: make(script, FakeTiming()).chat("m", "hi", max_retries=0))
    assert len(script.requests) == 1


def test_a_stream_is_never_sent_again_once_an_event_has_come(make: FakeCaller) -> None:
    script = Script(events=[text_events()[0], refusal("UPSTREAM_OVERLOADED")])
    assert failure(lambda: make(script, FakeTiming()).stream("m", "hi")).reason == "UPSTREAM_OVERLOADED"
    assert len(script.requests) == 1


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_stream_without_a_finish_event_is_interrupted(make: FakeCaller, count: int) -> None:
    script = Script(events=[*text_events("o", "k")[:count]])
    error = failure(lambda: make(script, FakeTiming()).stream("m", "hi"))
    assert error.reason is SluiceErrorReason.STREAM_INTERRUPTED
    assert error.raw_reason == ""
    assert len(script.requests) == 1


HALF_A_STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/connect+proto\r\nx-request-id: req_2\r\n"
    b"transfer-encoding: chunked\r\n\r\n5\r\n\0\0\0\0\0\r\n"
)


@contextmanager
def breaking_server(answer: bytes) -> Iterator[tuple[str, list[int]]]:
    """Takes a request, sends these bytes and closes the connection. Counts the connections."""
    counted = [0]
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    counted[0] += 1
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", counted


@pytest.mark.parametrize("kind", CALLERS)
@pytest.mark.parametrize(("call", "expected"), [("chat", 1), ("embed", 1), ("stream", 1), ("count_tokens", 3)])
def test_a_call_whose_answer_may_be_lost_is_repeated_only_where_it_costs_nothing(
    kind: str, call: str, expected: int
) -> None:
    with breaking_server(b"") as (url, counted):
        caller = CALLERS[kind](url, "k", timing=FakeTiming().timing())
        error = failure(lambda: getattr(caller, call)("m", "hi"))
    assert error.reason is SluiceErrorReason.CONNECTION
    assert error.retryable
    assert counted == [expected]


@pytest.mark.parametrize("kind", CALLERS)
@pytest.mark.parametrize("call", [*CALLS, "embed"])
def test_a_call_is_tried_again_when_nobody_listens(kind: str, call: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    time = FakeTiming()
    caller = CALLERS[kind](f"http://127.0.0.1:{port}", "k", timing=time.timing())
    assert failure(lambda: getattr(caller, call)("m", "hi")).reason is SluiceErrorReason.CONNECTION
    assert len(time.waits) == 2


@pytest.mark.parametrize("kind", CALLERS)
def test_a_stream_whose_connection_breaks_after_an_event_is_interrupted(kind: str) -> None:
    with breaking_server(HALF_A_STREAM) as (url, counted):
        error = failure(lambda: CALLERS[kind](url, "k").stream("m", "hi"))
    assert error.reason is SluiceErrorReason.STREAM_INTERRUPTED
    assert (error.raw_reason, error.request_id) == ("", "req_2")
    assert counted == [1]
