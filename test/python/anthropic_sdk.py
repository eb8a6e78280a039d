"""The official Anthropic SDK for Python, unmodified, against a running Sluice.

usage: anthropic_sdk.py URL KEY MODEL    Prints one line for each check and exits 1 at the first that fails.
"""
import json
import sys

import anthropic
from anthropic import Anthropic

MESSAGES = [{"role": "user", "content": "Hello"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
TOOL = {"name": "weather", "description": "The weather of a city.", "input_schema": SCHEMA}
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


@check
def answers_in_one_piece(client, model):
    answer = client.messages.create(model=model, messages=MESSAGES, max_tokens=200)
    assert "Hello" in answer.content[0].text
    assert answer.stop_reason == "end_turn"
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0


@check
def streams_events(client, model):
    events = list(client.messages.create(model=model, messages=MESSAGES, max_tokens=200, stream=True))
    text = "".join(event.delta.text for event in events if event.type == "content_block_delta")
    assert "Hello" in text
    assert [event.type for event in events][-2:] == ["message_delta", "message_stop"]


@check
def collects_with_the_stream_helper(client, model):
    with client.messages.stream(model=model, messages=MESSAGES, max_tokens=200, system="Be kind.") as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert final.content[0].text == text
    assert final.usage.input_tokens > 0 and final.usage.output_tokens > 1


@check
def calls_tools(client, model):
    asked = {"model": model, "messages": MESSAGES, "max_tokens": 200, "tools": [TOOL], "tool_choice": {"type": "any"}}
    whole = client.messages.create(**asked)
    with client.messages.stream(**asked) as stream:
        streamed = stream.get_final_message()
    call = whole.content[0]
    assert whole.stop_reason == streamed.stop_reason == "tool_use"
    assert "city" in call.input and streamed.content[0].input == call.input
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "Sunny"}
    follow = [*MESSAGES, {"role": "assistant", "content": whole.content}, {"role": "user", "content": [result]}]
    again = client.messages.create(model=model, messages=follow, max_tokens=200, tools=[TOOL])
    assert again.stop_reason == "end_turn"


@check
def thinks(client, model):
    thinking = {"type": "enabled", "budget_tokens": 1024}
    asked = {"model": model.replace("-chat", "-reasoning"), "messages": MESSAGES, "max_tokens": 4000, "thinking": thinking}
    whole = client.messages.create(**asked)
    with client.messages.stream(**asked) as stream:
        streamed = stream.get_final_message()
    for answer in (whole, streamed):
        assert [block.type for block in answer.content] == ["thinking", "text"]
        assert answer.content[0].thinking


@check
def parses_output(client, model):
    format = {"type": "json_schema", "schema": SCHEMA}
    answer = client.messages.create(model=model, messages=MESSAGES, max_tokens=200, output_config={"format": format})
    assert "city" in json.loads(answer.content[0].text)


@check
def counts_tokens(client, model):
    assert client.messages.count_tokens(model=model, messages=MESSAGES).input_tokens > 0


@check
def lists_models(client, model):
    assert "sim/simulated-chat" in [each.id for each in client.models.list()]
    assert client.models.retrieve("sim/some/deep/name").id == "sim/some/deep/name"


def raises(kind, function):
    try:
        function()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


@check
def raises_its_own_errors(client, model):
    def ask(name, messages=MESSAGES):
        return lambda: client.messages.create(model=name, messages=messages, max_tokens=200)

    raises(anthropic.AuthenticationError, lambda: client.with_options(api_key="wrong").models.list())
    raises(anthropic.NotFoundError, ask("nobody/knows"))
    raises(anthropic.RateLimitError, ask(f"{model}?fault=status&code=429"))
    raises(anthropic.InternalServerError, ask(f"{model}?fault=status&code=500"))
    error = raises(anthropic.BadRequestError, ask(model, [{"role": "wizard", "content": "x"}]))
    assert "messages[0].role" in error.body["error"]["message"], error.body
    assert error.request_id.startswith("req_")


@check
def raises_when_a_stream_breaks(client, model):
    events = []

    def read():
        for event in client.messages.create(model=f"{model}?fault=cut&after=5", messages=MESSAGES, max_tokens=200, stream=True):
            events.append(event.type)

    raises(anthropic.APIError, read)
    assert "content_block_delta" in events and "message_delta" not in events and "message_stop" not in events


@check
def passes_over_the_decision(client, model):
    headers = {"x-sluice-decision": "true"}
    with client.messages.stream(model=model, messages=MESSAGES, max_tokens=200, extra_headers=headers) as stream:
        assert stream.get_final_message().stop_reason == "end_turn"


@check
def leaves_a_stream_early(client, model):
    slow = f"{model}?output-tokens=5000&tokens-per-second=100"
    with client.messages.stream(model=slow, messages=MESSAGES, max_tokens=9000) as stream:
        next(iter(stream))


def main(url, key, model):
    client = Anthropic(base_url=url, api_key=key, max_retries=0)
    for function in CHECKS:
        function(client, model)
        print(function.__name__)
    print(f"{len(CHECKS)} checks")


if __name__ == "__main__":
    main(*sys.argv[1:])
