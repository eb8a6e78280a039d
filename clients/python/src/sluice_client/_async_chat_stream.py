from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Self, cast

from connectrpc.client import ResponseMetadata
from connectrpc.errors import ConnectError

from ._answer_builder import ChatEvent
from ._answer_text import answer_text
from ._call import Call
from ._read_error import raise_foreign, read_error, request_id_of
from ._retries import with_retries_async
from ._sluice_error import SluiceError
from ._streamed_answer import StreamedAnswer, interrupted, read_failure
from .gen.sluice.v1.chat_service_pb import ChatResponse, StreamChatResponse

Messages = AsyncGenerator[StreamChatResponse, None]

Send = Callable[[int | None], AsyncIterator[StreamChatResponse]]
"""Sends the request once, in so many milliseconds or without a deadline."""


class AsyncChatStream(StreamedAnswer):
    """
    A streamed answer. The call begins with the first read. The events can be read once; leaving the async with block,
    aclose() or the cancellation of the task that reads cancels the call here and at the gateway. A failure is raised as
    a SluiceError; what came before it stands.
    """

    def __init__(self, open_call: Callable[[], Call], send: Send) -> None:
        super().__init__()
        self._open_call = open_call
        self._send = send
        self._events = self._read()

    def __aiter__(self) -> AsyncIterator[ChatEvent]:
        return self

    async def __anext__(self) -> ChatEvent:
        return await anext(self._events)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the call. Without effect after the end. For the task that reads; from another, cancel that task."""
        await self._events.aclose()

    async def text_stream(self) -> AsyncIterator[str]:
        """The first answer's text, as it comes."""
        async for event in self:
            text = self._new_text(event)
            if text:
                yield text

    async def text(self) -> str:
        """Reads to the end. The first answer's whole text, with what was read before."""
        return answer_text(await self.final())

    async def final(self) -> ChatResponse:
        """Reads to the end. The whole answer as chat would have given it, with what was read before."""
        async for _ in self:
            pass
        return self._whole()

    async def _read(self) -> AsyncGenerator[ChatEvent, None]:
        try:
            async with aclosing(self._read_call(self._open_call())) as events:
                async for event in events:
                    yield event
        except SluiceError as error:
            self._failure = error
            raise

    async def _read_call(self, call: Call) -> AsyncGenerator[ChatEvent, None]:
        """The events of a call, up to and with finish. Sent again only while nothing has come."""
        messages, message, received = await with_retries_async(call, False, self._begin)
        async with aclosing(messages):
            while message is not None:
                event = message.event
                if event is not None and event.field == "finish":
                    await _read_out(messages)
                    self._take(event)
                    yield event
                    return
                # Events of a newer contract are skipped.
                if event is not None:
                    self._take(event)
                    yield event
                message = await _next_message(messages, call, received)
        raise interrupted(request_id_of(received))

    async def _begin(
        self, timeout_ms: int | None, received: ResponseMetadata
    ) -> tuple[Messages, StreamChatResponse | None, ResponseMetadata]:
        # connectrpc promises an AsyncIterator, but what it makes is a generator, and only that can be closed.
        messages = cast("Messages", self._send(timeout_ms))
        return messages, await anext(messages, None), received


async def _next_message(messages: Messages, call: Call, received: ResponseMetadata) -> StreamChatResponse | None:
    with received:
        try:
            return await anext(messages, None)
        except ConnectError as thrown:
            error = read_error(thrown, call, received)
    raise read_failure(error)


async def _read_out(messages: Messages) -> None:
    """Reads to the end of the protocol, so that the connection is free again. The answer is whole whatever comes."""
    try:
        async for _ in messages:
            pass
    except ConnectError as thrown:
        raise_foreign(thrown)
