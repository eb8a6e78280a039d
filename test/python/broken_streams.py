"""The official SDKs of OpenAI and Anthropic for Python, unmodified, before streams that break.

usage: broken_streams.py URL KEY    Reads a JSON array of {"model", "whole"} from its input. A whole stream must be read to
its end, any other must raise an error of the SDK. Prints one line for each that does not, then the number of streams.
"""
import json
import sys

import anthropic
import openai

MESSAGES = [{"role": "user", "content": "Hello"}]


def ways(url, key):
    """Each way to a stream, with the error that it must raise."""
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    claude = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)
    chat, responses, completions = client.chat.completions, client.responses, client.completions
    return {
        "chat": (openai.APIError, lambda model: chat.create(model=model, messages=MESSAGES, stream=True)),
        "responses": (openai.APIError, lambda model: responses.create(model=model, input="Hello", stream=True)),
        "completions": (openai.APIError, lambda model: completions.create(model=model, prompt="Hello", stream=True)),
        "messages": (
            anthropic.APIError,
            lambda model: claude.messages.create(model=model, messages=MESSAGES, max_tokens=100, stream=True),
        ),
    }


def fault(error, open_stream, model, whole):
    """What is wrong with how the SDK reads a stream, or None."""
    try:
        for _ in open_stream(model):
            pass
    except error as raised:
        return f"raised {raised!r}" if whole else None
    except Exception as raised:
        return f"raised {raised!r}, which is none of the SDK's errors"
    return None if whole else "did not raise"


def main(url, key):
    streams = json.load(sys.stdin)
    for name, (error, open_stream) in ways(url, key).items():
        for stream in streams:
            wrong = fault(error, open_stream, stream["model"], stream["whole"])
            if wrong is not None:
                print(f"{name} {stream['model']} {wrong}")
    print(f"{len(streams)} streams")


if __name__ == "__main__":
    main(*sys.argv[1:])
