import pytest
from callers import Caller
from gateway import CHAT
from test_calls import WEATHER

from sluice_client import FinishReason, SluiceError, SluiceErrorReason, UsageSource, answer_text


def test_events_come_in_order_and_finish_is_the_last(caller: Caller) -> None:
    kinds = [event.field for event in caller.stream(CHAT, "hi").events]
    assert kinds[0] == "start"
    assert kinds[1] == "part_start"
    assert set(kinds[2:-2]) == {"part_delta"}
    assert kinds[-2:] == ["part_end", "finish"]


def test_after_the_end_the_stream_has_what_chat_would_have_answered(caller: Caller) -> None:
    model = f"{CHAT}?output-tokens=9"
    read = caller.stream(model, "hi")
    answer = caller.chat(model, "hi")
    assert read.final is not None
    assert read.final.choices == answer.choices
    assert read.text == answer_text(answer)
    assert read.final.usage == read.stream.usage
    assert read.stream.usage is not None
    assert read.stream.usage.output_tokens == 9
    assert read.stream.finish_reason is FinishReason.STOP
    assert read.stream.decision is not None
    assert read.stream.decision.request_id.startswith("req_")


def test_a_tool_call_is_put_together_from_its_pieces(caller: Caller) -> None:
    model = f"{CHAT}?fault=tool-arguments-split"
    read = caller.stream(model, "use get_weather", tools=[WEATHER])
    whole = caller.chat(CHAT, "use get_weather", tools=[WEATHER])
    assert read.final is not None
    assert read.final.choices[0].parts[0].kind is not None
    assert read.final.choices[0].parts == whole.choices[0].parts
    assert read.stream.finish_reason is FinishReason.TOOL_CALLS


def test_reasoning_is_no_part_of_the_text(caller: Caller) -> None:
    read = caller.stream("simulator/simulated-reasoning", "hi")
    assert read.final is not None
    kinds = [part.kind.field for part in read.final.choices[0].parts if part.kind]
    assert kinds == ["reasoning", "text"]
    assert "".join(caller.stream_text("simulator/simulated-reasoning", "hi")) == read.text


def test_the_text_comes_in_pieces(caller: Caller) -> None:
    pieces = caller.stream_text(CHAT, "hi")
    assert len(pieces) > 3
    assert "".join(pieces) == caller.stream(CHAT, "hi").text


def test_usage_that_the_provider_left_out_is_an_estimate_or_unset(caller: Caller) -> None:
    usage = caller.stream(f"{CHAT}?fault=usage-absent", "hi").stream.usage
    assert usage is None or usage.source is not UsageSource.PROVIDER


@pytest.mark.parametrize("fault", ["cut", "reset", "no-terminal"])
def test_a_stream_that_breaks_off_is_interrupted(caller: Caller, fault: str) -> None:
    with pytest.raises(SluiceError) as caught:
        caller.stream(f"{CHAT}?fault={fault}", "hi", max_retries=0)
    assert caught.value.reason == SluiceErrorReason.STREAM_INTERRUPTED
    assert caught.value.decision is not None
