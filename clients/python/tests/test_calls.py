import json

from callers import Caller
from gateway import CHAT

from sluice_client import (
    FinishReason,
    FunctionTool,
    Message,
    Oneof,
    Part,
    Role,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolChoiceMode,
    UsageSource,
    answer_text,
)

WEATHER = Tool(
    kind=Oneof[str, FunctionTool](  # type: ignore[arg-type]
        "function",
        FunctionTool(
            name="get_weather",
            parameters_json_schema='{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}',
        ),
    )
)


def test_a_text_is_one_turn_of_the_user(caller: Caller) -> None:
    answer = caller.chat(CHAT, "How are you?")
    assert "How are you?" in answer_text(answer)
    assert answer.choices[0].finish_reason is FinishReason.STOP


def test_turns_may_be_plain_or_generated(caller: Caller) -> None:
    part = Part(kind=Oneof[str, TextPart]("text", TextPart(text="the last one")))  # type: ignore[arg-type]
    turns = [{"role": "system", "content": "Be kind."}, Message(role=Role.USER, parts=[part])]
    assert "the last one" in answer_text(caller.chat(CHAT, turns))


def test_the_answer_has_its_usage_and_the_decision(caller: Caller) -> None:
    answer = caller.chat(f"{CHAT}?output-tokens=7", "hi")
    assert answer.usage is not None
    assert answer.usage.output_tokens == 7
    assert answer.usage.source is UsageSource.PROVIDER
    assert answer.decision is not None
    assert answer.decision.request_id.startswith("req_")
    assert answer.decision.attempts[0].provider == "simulator"
    assert answer.decision.attempts[0].status == 200


def test_a_count_that_the_provider_did_not_report_is_unset_and_not_zero(caller: Caller) -> None:
    usage = caller.chat(CHAT, "hi").usage
    assert usage is not None
    assert usage.has_field("reasoning_tokens")
    assert usage.reasoning_tokens == 0
    assert not usage.has_field("cache_write_tokens")


def test_fields_of_the_generation_go_along(caller: Caller) -> None:
    answer = caller.chat(CHAT, "hi", max_output_tokens=3, temperature=0.5, seed=-(2**40))
    assert answer.choices[0].finish_reason is FinishReason.LENGTH


def test_tools_are_called(caller: Caller) -> None:
    choice = ToolChoice(mode=ToolChoiceMode.REQUIRED)
    answer = caller.chat(CHAT, "What is it like in Oslo?", tools=[WEATHER], tool_choice=choice)
    kind = answer.choices[0].parts[0].kind
    assert kind is not None
    assert isinstance(kind.value, ToolCallPart)
    assert kind.value.name == "get_weather"
    assert kind.value.input is not None
    assert "city" in json.loads(kind.value.input.value)
    assert answer.choices[0].finish_reason is FinishReason.TOOL_CALLS


def test_each_input_gets_a_vector(caller: Caller) -> None:
    answer = caller.embed("simulator/simulated-embedding", ["one", "two"], dimensions=8)
    assert [vector.index for vector in answer.vectors] == [0, 1]
    assert all(len(vector.values) == 8 for vector in answer.vectors)
    assert len(caller.embed("simulator/simulated-embedding", "one").vectors) == 1


def test_tokens_are_counted(caller: Caller) -> None:
    assert caller.count_tokens(CHAT, "one two three").input_tokens > 2


def test_models_are_listed_over_all_pages(caller: Caller) -> None:
    names = [model.id for model in caller.list_models()]
    assert CHAT in names
    assert len(names) > 1
    pages = caller.list_pages(page_size=1)
    assert [[model.id for model in page] for page in pages] == [[name] for name in names]


def test_one_model_is_got_by_its_name(caller: Caller) -> None:
    assert caller.get_model(CHAT).owned_by == "simulator"
