"""The official OpenAI SDK for Python, unmodified: responses and completions, against a running Sluice.

usage: openai_responses_sdk.py URL KEY MODEL TEXT_MODEL    MODEL answers responses, TEXT_MODEL completions.
Prints one line for each check and exits 1 at the first that fails.
"""
import json
import sys

import openai
from openai import OpenAI

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
TOOL = {"type": "function", "name": "weather", "description": "The weather.", "parameters": SCHEMA, "strict": True}
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


@check
def answers_in_one_piece(client, model, _):
    response = client.responses.create(model=model, input="Hello", instructions="Be kind.")
    assert response.status == "completed"
    assert "Hello" in response.output_text
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    assert response.usage.output_tokens_details.reasoning_tokens == 0


@check
def streams(client, model, _):
    events = list(client.responses.create(model=model, input="Hello", stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert events[0].type == "response.created" and events[-1].type == "response.completed"
    assert events[-1].response.output_text == text and "Hello" in text


@check
def collects_with_the_stream_helper(client, model, _):
    for headers in ({}, {"x-sluice-decision": "true"}):
        with client.responses.stream(model=model, input="Hello", extra_headers=headers) as stream:
            text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
            final = stream.get_final_response()
        assert final.output_text == text and final.status == "completed"


@check
def parses_output(client, model, _):
    from pydantic import BaseModel

    class Weather(BaseModel):
        city: str
        days: int

    response = client.responses.parse(model=model, input="Hello", text_format=Weather)
    assert isinstance(response.output_parsed, Weather)
    with client.responses.stream(model=model, input="Hello", text_format=Weather) as stream:
        assert isinstance(stream.get_final_response().output_parsed, Weather)


@check
def calls_functions_and_goes_on(client, model, _):
    history = [{"role": "user", "content": "Hello"}]
    first = client.responses.create(model=model, input=history, tools=[TOOL], tool_choice="required")
    call = next(item for item in first.output if item.type == "function_call")
    assert "city" in json.loads(call.arguments)
    history += first.output
    history.append({"type": "function_call_output", "call_id": call.call_id, "output": "Sunny"})
    second = client.responses.create(model=model, input=history, tools=[TOOL])
    assert second.output_text and all(item.type != "function_call" for item in second.output)


@check
def collects_a_streamed_call(client, model, _):
    with client.responses.stream(model=model, input="Hello", tools=[TOOL], tool_choice="required") as stream:
        done = [event.arguments for event in stream if event.type == "response.function_call_arguments.done"]
        final = stream.get_final_response()
    assert [item.arguments for item in final.output if item.type == "function_call"] == done
    assert "city" in json.loads(done[0])


def raises(kind, function):
    try:
        function()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


@check
def raises_its_own_errors(client, model, _):
    def ask(name, **more):
        return lambda: client.responses.create(model=name, **{"input": "Hello", **more})

    raises(openai.NotFoundError, ask("nobody/knows"))
    raises(openai.RateLimitError, ask(f"{model}?fault=status&code=429"))
    raises(openai.InternalServerError, ask(f"{model}?fault=status&code=500"))
    assert raises(openai.BadRequestError, ask(model, input=[{"role": "wizard", "content": "x"}])).param == "input[0].role"
    assert raises(openai.BadRequestError, ask(model, background=True)).param == "background"
    raises(openai.NotFoundError, lambda: client.responses.retrieve("resp_1"))


@check
def raises_when_a_stream_breaks(client, model, _):
    types = []

    def read():
        for event in client.responses.create(model=f"{model}?fault=cut&after=8", input="Hello", stream=True):
            types.append(event.type)

    error = raises(openai.APIError, read)
    assert error.code == "stream_interrupted", error.code
    assert types and "response.completed" not in types


@check
def completes_texts(client, _, model):
    answer = client.completions.create(model=model, prompt="Hello")
    assert "Hello" in answer.choices[0].text and answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0
    chunks = list(client.completions.create(model=model, prompt="Hello", stream=True, stream_options={"include_usage": True}))
    assert "Hello" in "".join(choice.text for chunk in chunks for choice in chunk.choices)
    assert chunks[-1].usage.completion_tokens > 0


@check
def leaves_a_stream_early(client, model, _):
    slow = f"{model}?output-tokens=5000&tokens-per-second=100"
    with client.responses.create(model=slow, input="Hello", stream=True) as stream:
        next(iter(stream))


def main(url, key, model, text_model):
    client = OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    for function in CHECKS:
        function(client, model, text_model)
        print(function.__name__)
    print(f"{len(CHECKS)} checks")


if __name__ == "__main__":
    main(*sys.argv[1:])
