"""
Streams an answer: SLUICE_URL=http://127.0.0.1:8080 SLUICE_API_KEY=sk-sluice-… python examples/chat.py MODEL [PROMPT]
The text goes to standard output, the gateway's Decision as JSON to standard error.
"""

import os
import sys

from sluice_client import SluiceClient, SluiceError


def main() -> None:
    base_url, api_key = os.environ.get("SLUICE_URL"), os.environ.get("SLUICE_API_KEY")
    if not base_url or not api_key or len(sys.argv) < 2:
        sys.exit("Set SLUICE_URL and SLUICE_API_KEY, and give a model name as the first argument.")
    model = sys.argv[1]
    prompt = sys.argv[2] if len(sys.argv) > 2 else "Say hello in five languages."
    with (
        SluiceClient(base_url, api_key, metadata={"application": "chat-example"}) as client,
        client.stream_chat(model, prompt) as stream,
    ):
        for text in stream.text_stream():
            print(text, end="", flush=True)
        print()
        if stream.decision is not None:
            print(stream.decision.to_json(), file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except SluiceError as error:
        sys.exit(str(error))
