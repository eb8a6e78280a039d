"""The clients behind one synchronous face, so that each case is written once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sluice_client import (
    AsyncChatStream,
    AsyncSluiceClient,
    ChatEvent,
    ChatResponse,
    ChatStream,
    CountTokensResponse,
    EmbedResponse,
    Model,
    SluiceClient,
)


@dataclass
class Read:
    """What was read of a stream, and what it says after its end."""

    stream: ChatStream | AsyncChatStream
    events: list[ChatEvent] = field(default_factory=list)
    text: str = ""
    final: ChatResponse | None = None


class Caller(Protocol):
    """Options are those of the clients."""

    def chat(self, model: str, messages: Any, **options: Any) -> ChatResponse: ...
    def stream(self, model: str, messages: Any, **options: Any) -> Read:
        """Reads a stream to its end."""

    def read_some(self, model: str, count: int) -> Read:
        """Reads so many events and leaves the stream. It is answered too, so that nothing but that can end it."""

    def stream_text(self, model: str, messages: Any, **options: Any) -> list[str]: ...
    def embed(self, model: str, inputs: Any, **options: Any) -> EmbedResponse: ...
    def count_tokens(self, model: str, messages: Any, **options: Any) -> CountTokensResponse: ...
    def list_models(self, **options: Any) -> list[Model]: ...
    def list_pages(self, **options: Any) -> list[Sequence[Model]]: ...
    def get_model(self, model_id: str, **options: Any) -> Model: ...
    def close(self) -> None: ...


class SyncCaller:
    def __init__(self, url: str, key: str, **options: Any) -> None:
        self.client = SluiceClient(url, key, **options)

    def chat(self, model: str, messages: Any, **options: Any) -> ChatResponse:
        return self.client.chat(model, messages, **options)

    def stream(self, model: str, messages: Any, **options: Any) -> Read:
        with self.client.stream_chat(model, messages, **options) as stream:
            read = Read(stream)
            for event in stream:
                read.events.append(event)
            read.text, read.final = stream.text(), stream.final()
            return read

    def read_some(self, model: str, count: int) -> Read:
        with self.client.stream_chat(model, "hi") as stream:
            return Read(stream, [next(stream) for _ in range(count)])

    def stream_text(self, model: str, messages: Any, **options: Any) -> list[str]:
        with self.client.stream_chat(model, messages, **options) as stream:
            return list(stream.text_stream())

    def embed(self, model: str, inputs: Any, **options: Any) -> EmbedResponse:
        return self.client.embed(model, inputs, **options)

    def count_tokens(self, model: str, messages: Any, **options: Any) -> CountTokensResponse:
        return self.client.count_tokens(model, messages, **options)

    def list_models(self, **options: Any) -> list[Model]:
        return list(self.client.list_models(**options))

    def list_pages(self, **options: Any) -> list[Sequence[Model]]:
        return [page.models for page in self.client.list_models(**options).pages()]

    def get_model(self, model_id: str, **options: Any) -> Model:
        return self.client.get_model(model_id, **options)

    def close(self) -> None:
        self.client.close()


class AsyncCaller:
    def __init__(self, url: str, key: str, **options: Any) -> None:
        self.client = AsyncSluiceClient(url, key, **options)
        self._runner = asyncio.Runner()

    def chat(self, model: str, messages: Any, **options: Any) -> ChatResponse:
        return self._runner.run(self.client.chat(model, messages, **options))

    def stream(self, model: str, messages: Any, **options: Any) -> Read:
        async def run() -> Read:
            async with self.client.stream_chat(model, messages, **options) as stream:
                read = Read(stream)
                async for event in stream:
                    read.events.append(event)
                read.text, read.final = await stream.text(), await stream.final()
                return read

        return self._runner.run(run())

    def read_some(self, model: str, count: int) -> Read:
        async def run() -> Read:
            async with self.client.stream_chat(model, "hi") as stream:
                return Read(stream, [await anext(stream) for _ in range(count)])

        return self._runner.run(run())

    def stream_text(self, model: str, messages: Any, **options: Any) -> list[str]:
        async def run() -> list[str]:
            async with self.client.stream_chat(model, messages, **options) as stream:
                return [text async for text in stream.text_stream()]

        return self._runner.run(run())

    def embed(self, model: str, inputs: Any, **options: Any) -> EmbedResponse:
        return self._runner.run(self.client.embed(model, inputs, **options))

    def count_tokens(self, model: str, messages: Any, **options: Any) -> CountTokensResponse:
        return self._runner.run(self.client.count_tokens(model, messages, **options))

    def list_models(self, **options: Any) -> list[Model]:
        async def run() -> list[Model]:
            return [model async for model in self.client.list_models(**options)]

        return self._runner.run(run())

    def list_pages(self, **options: Any) -> list[Sequence[Model]]:
        async def run() -> list[Sequence[Model]]:
            return [page.models async for page in self.client.list_models(**options).pages()]

        return self._runner.run(run())

    def get_model(self, model_id: str, **options: Any) -> Model:
        return self._runner.run(self.client.get_model(model_id, **options))

    def close(self) -> None:
        self._runner.run(self.client.aclose())
        self._runner.close()


CALLERS: dict[str, Callable[..., SyncCaller | AsyncCaller]] = {"sync": SyncCaller, "async": AsyncCaller}
PROTOCOLS = ("connect", "grpc", "grpc-web")
