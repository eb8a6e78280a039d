"""The official OpenAI SDK for Python, unmodified, against a running Sluice.

usage: openai_sdk.py URL KEY    Prints one line for each check and exits 1 at the first that fails.
"""
import json
import sys

import openai
from openai import OpenAI

MODEL = "sim/simulated-chat"
MESSAGES = [{"role": "user", "content": "Hello"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA, "strict": True}}
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


@check
def answers_in_one_piece(client):
    answer = client.chat.completions.create(model=MODEL, messages=MESSAGES)
    assert "Hello" in answer.choices[0].message.content
    assert answer.usage.total_tokens > 0


@check
def streams(client):
    chunks = list(client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True))
    assert "Hello" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert all(chunk.usage is None for chunk in chunks)


@check
def streams_usage_when_asked(client):
    chunks = list(client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].usage.completion_tokens > 0


@check
def calls_tools(client):
    answer = client.chat.completions.create(model=MODEL, messages=MESSAGES, tools=[TOOL], tool_choice="required")
    call = answer.choices[0].message.tool_calls[0]
    assert "city" in json.loads(call.function.arguments)
    again = client.chat.completions.create(
        model=MODEL, messages=[*MESSAGES, answer.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "Sunny"}]
    )
    assert again.choices[0].finish_reason == "stop"


@check
def collects_with_the_stream_helper(client):
    with client.chat.completions.stream(model=MODEL, messages=MESSAGES, tools=[TOOL], tool_choice="required") as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert "city" in json.loads(final.choices[0].message.tool_calls[0].function.arguments)


@check
def parses_output(client):
    from pydantic import BaseModel

    class Weather(BaseModel):
        city: str
        days: int

    answer = client.chat.completions.parse(model=MODEL, messages=MESSAGES, response_format=Weather)
    assert isinstance(answer.choices[0].message.parsed, Weather)


@check
def embeds(client):
    plain = client.embeddings.create(model="sim/simulated-embedding", input=["one", "two"], encoding_format="float")
    usual = client.embeddings.create(model="sim/simulated-embedding", input=["one", "two"])
    assert len(plain.data) == len(usual.data) == 2
    assert all(abs(a - b) < 1e-5 for a, b in zip(plain.data[0].embedding, usual.data[0].embedding, strict=True))


@check
def lists_models(client):
    assert MODEL in [model.id for model in client.models.list()]
    assert client.models.retrieve("sim/some/deep/name").owned_by == "sim"


def raises(kind, function):
    try:
        function()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


@check
def raises_its_own_errors(client):
    def ask(model, **more):
        return lambda: client.chat.completions.create(model=model, messages=more.get("messages", MESSAGES))

    raises(openai.AuthenticationError, lambda: client.with_options(api_key="wrong").models.list())
    raises(openai.NotFoundError, ask("nobody/knows"))
    raises(openai.RateLimitError, ask(f"{MODEL}?fault=status&code=429"))
    raises(openai.InternalServerError, ask(f"{MODEL}?fault=status&code=500"))
    error = raises(openai.BadRequestError, ask(MODEL, messages=[{"role": "wizard", "content": "x"}]))
    assert error.param == "messages[0].role", error.param


@check
def raises_when_a_stream_breaks(client):
    chunks = []

    def read():
        for chunk in client.chat.completions.create(model=f"{MODEL}?fault=cut&after=5", messages=MESSAGES, stream=True):
            chunks.append(chunk)

    raises(openai.APIError, read)
    assert chunks and all(choice.finish_reason is None for chunk in chunks for choice in chunk.choices)


@check
def shows_raw_headers(client):
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=MESSAGES)
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.headers["x-sluice-provider"] == "sim"


@check
def leaves_a_stream_early(client):
    model = f"{MODEL}?output-tokens=5000&tokens-per-second=100"
    with client.chat.completions.create(model=model, messages=MESSAGES, stream=True) as stream:
        next(iter(stream))


def main(url, key):
    client = OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    for function in CHECKS:
        function(client)
        print(function.__name__)
    print(f"{len(CHECKS)} checks")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
