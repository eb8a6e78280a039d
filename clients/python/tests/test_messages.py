import re

import pytest
from connectrpc.code import Code
from fake_gateway import FakeCaller, FakeTiming, Script, event, text_events
from gateway import ROOT
from protobuf import enum_is_unknown

from sluice_client import (
    ChatRequest,
    ChatResponse,
    Choice,
    Cost,
    Decision,
    EmbeddingFields,
    ErrorReason,
    FinishReason,
    GatewayFields,
    GenerationFields,
    MetadataFields,
    PartEnd,
    SluiceError,
    SluiceErrorReason,
    StreamChatResponse,
    Usage,
)
from sluice_client.gen.sluice.v1.embedding_service_pb import Embedding
from sluice_client.gen.sluice.v1.gateway_pb import GatewayControls
from sluice_client.gen.sluice.v1.generation_pb import Generation
from sluice_client.gen.sluice.v1.metadata_pb import Metadata

MONEY = 2**53 + 1
"""More than a double holds."""


def test_zero_is_reported_and_unset_is_not(make: FakeCaller) -> None:
    usage = make(Script(), FakeTiming()).stream("m", "hi").stream.usage
    assert usage is not None
    assert usage.has_field("output_tokens")
    assert usage.output_tokens == 0
    assert not usage.has_field("reasoning_tokens")


def test_a_usage_that_is_not_there_is_none(make: FakeCaller) -> None:
    assert make(Script(answer=ChatResponse()), FakeTiming()).chat("m", "hi").usage is None
    assert make(Script(answer=ChatResponse(usage=Usage())), FakeTiming()).chat("m", "hi").usage == Usage()


def test_money_is_a_whole_number(make: FakeCaller) -> None:
    answer = ChatResponse(decision=Decision(cost=Cost(nano_usd=MONEY)))
    for decision in (
        make(Script(answer=answer), FakeTiming()).chat("m", "hi").decision,
        make(Script(), FakeTiming()).stream("m", "hi").stream.decision,
    ):
        assert decision is not None
        assert decision.cost is not None
        assert decision.cost.nano_usd == MONEY


def test_an_enum_value_newer_than_the_client_keeps_its_number(make: FakeCaller) -> None:
    answer = ChatResponse(choices=[Choice(finish_reason=FinishReason(99))])
    for reason in (
        make(Script(answer=answer), FakeTiming()).chat("m", "hi").choices[0].finish_reason,
        make(Script(), FakeTiming()).stream("m", "hi").stream.finish_reason,
    ):
        assert reason is not None
        assert int(reason) == 99
        assert enum_is_unknown(reason)


def test_an_event_newer_than_the_client_is_skipped(make: FakeCaller) -> None:
    first, *rest = text_events("ok")
    read = make(Script(events=[first, StreamChatResponse(), *rest]), FakeTiming()).stream("m", "hi")
    assert [one.field for one in read.events] == ["start", "part_start", "part_delta", "finish"]
    assert read.text == "ok"


def test_nothing_after_the_finish_event_counts(make: FakeCaller) -> None:
    read = make(Script(events=[*text_events("ok"), event("part_end", PartEnd())]), FakeTiming()).stream("m", "hi")
    assert read.events[-1].field == "finish"


def test_the_clients_metadata_gives_way_to_the_calls_field_by_field(make: FakeCaller) -> None:
    script = Script()
    caller = make(script, FakeTiming(), metadata={"user": "u", "team": "t", "labels": {"a": "1", "b": "2"}})
    caller.chat("m", "hi", metadata=Metadata(team="other", labels={"b": "3"}), gateway={"strict": True})
    request = script.requests[0]
    assert isinstance(request, ChatRequest)
    assert request.metadata == Metadata(user="u", team="other", labels={"a": "1", "b": "3"})
    assert request.gateway == GatewayControls(strict=True)


@pytest.mark.parametrize(
    ("fields", "message", "apart"),
    [
        (GenerationFields, Generation, {"model", "messages"}),
        (EmbeddingFields, Embedding, {"model", "inputs"}),
        (MetadataFields, Metadata, set()),
        (GatewayFields, GatewayControls, set()),
    ],
)
def test_every_field_of_the_contract_can_be_given(fields: type, message: type[Generation], apart: set[str]) -> None:
    assert set(fields.__annotations__) == {field.name for field in message.desc().fields} - apart


def test_every_reason_of_the_contract_is_known() -> None:
    contract = {reason.name for reason in ErrorReason} - {"UNSPECIFIED"}
    assert {reason.value for reason in SluiceErrorReason} == contract | {"CONNECTION", "UNKNOWN"}


def test_the_reasons_are_as_retryable_as_at_the_gateway() -> None:
    table = (ROOT / "server/errors/reason-table.ts").read_text()
    rows = re.findall(r"^  ([A-Z_]+): row\(.*?'(retryable|final)',?\s*\),$", table, re.MULTILINE | re.DOTALL)
    assert len(rows) == len(SluiceErrorReason) - 2
    for name, helps in rows:
        assert SluiceError(name, Code.UNKNOWN, "").retryable == (helps == "retryable"), name
