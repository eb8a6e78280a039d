import pickle
from time import monotonic

import pytest
from callers import CALLERS, Caller
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from gateway import CHAT, SLOW, Gateway

from sluice_client import AttemptReason, SluiceClient, SluiceError, SluiceErrorReason

WAYS = ("chat", "stream")


def failure(caller: Caller, way: str, model: str, messages: object = "hi", **options: object) -> SluiceError:
    with pytest.raises(SluiceError) as caught:
        getattr(caller, way)(model, messages, **options)
    return caught.value


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_key(gateway: Gateway, kind_and_protocol: tuple[str, str], way: str) -> None:
    kind, protocol = kind_and_protocol
    caller = CALLERS[kind](gateway.url, "sk-sluice-wrong", protocol=protocol)
    error = failure(caller, way, CHAT)
    assert error.reason is SluiceErrorReason.UNAUTHENTICATED
    assert error.code is Code.UNAUTHENTICATED
    assert not error.retryable
    assert error.request_id.startswith("req_")
    assert "," not in error.request_id
    assert isinstance(error.__cause__, ConnectError)
    caller.close()


@pytest.mark.parametrize("way", WAYS)
def test_an_unknown_model(caller: Caller, way: str) -> None:
    error = failure(caller, way, f"{CHAT}?fault=status=404")
    assert error.reason == "MODEL_NOT_FOUND"
    assert error.code is Code.NOT_FOUND
    assert error.decision is not None
    assert error.decision.attempts[0].reason is AttemptReason.MODEL_NOT_FOUND
    assert error.request_id == error.decision.request_id


@pytest.mark.parametrize("way", WAYS)
def test_a_request_against_the_contract_names_the_fields(caller: Caller, way: str) -> None:
    error = failure(caller, way, "", [], temperature=9.0)
    assert error.reason is SluiceErrorReason.INVALID_REQUEST
    assert error.code is Code.INVALID_ARGUMENT
    assert {violation.field for violation in error.violations} == {
        "generation.model",
        "generation.messages",
        "generation.temperature",
    }
    assert all(violation.description for violation in error.violations)
    assert error.metadata["field"] == "generation.model"


@pytest.mark.parametrize("way", WAYS)
def test_a_limited_rate_says_how_long_to_wait(caller: Caller, way: str) -> None:
    controls = {"max_retries": 0}
    error = failure(caller, way, f"{CHAT}?fault=status=429;retry-after=7", max_retries=0, gateway=controls)
    assert error.reason is SluiceErrorReason.UPSTREAM_RATE_LIMITED
    assert error.code is Code.RESOURCE_EXHAUSTED
    assert error.retryable
    assert error.retry_after == pytest.approx(7, abs=0.2)
    assert error.metadata["provider"] == "simulator"


@pytest.mark.parametrize("way", WAYS)
def test_a_deadline(caller: Caller, way: str) -> None:
    begin = monotonic()
    error = failure(caller, way, SLOW, timeout=0.15)
    assert error.reason is SluiceErrorReason.DEADLINE_EXCEEDED
    assert error.code is Code.DEADLINE_EXCEEDED
    assert 0.1 < monotonic() - begin < 2


def test_a_deadline_in_mid_stream(caller: Caller) -> None:
    error = failure(caller, "stream", f"{CHAT}?tokens-per-second=20&output-tokens=1000", timeout=0.3)
    assert error.reason is SluiceErrorReason.DEADLINE_EXCEEDED


@pytest.mark.parametrize("way", WAYS)
def test_a_field_of_the_wrong_type_is_the_callers_own_error(caller: Caller, way: str) -> None:
    with pytest.raises(TypeError):
        getattr(caller, way)(CHAT, "hi", temperature="hot")


@pytest.mark.parametrize("timeout", [-1, 2**31, float("nan"), float("inf")])
def test_a_timeout_that_no_timer_holds_is_refused(timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        SluiceClient("http://127.0.0.1:1", "k", timeout=timeout)
    with pytest.raises(ValueError, match="timeout"):
        SluiceClient("http://127.0.0.1:1", "k").chat("m", "hi", timeout=timeout)


def test_a_protocol_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="grpc-web"):
        SluiceClient("http://127.0.0.1:1", "k", protocol="soap")  # type: ignore[arg-type]


def test_an_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(SluiceError("INTERNAL", Code.INTERNAL, "broken")))
    assert (error.reason, error.code, error.message) == ("INTERNAL", Code.INTERNAL, "broken")
    assert str(error) == "INTERNAL: broken"
