from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from types import TracebackType
from typing import Self, cast

from connectrpc.client import ResponseMetadata
from connectrpc.errors import ConnectError

from ._answer_builder import ChatEvent
from ._answer_text import answer_text
from ._call import Call
from ._read_error import read_error, request_id_of
from ._retries import with_retries
from ._sluice_error import SluiceError
from ._streamed_answer import StreamedAnswer, interrupted, read_failure
from .gen.sluice.v1.chat_service_pb import ChatResponse, StreamChatResponse

Messages = Generator[StreamChatResponse, None, None]

Send = Callable[[int | None], Iterator[StreamChatResponse]]
"""Sends the request once, in so many milliseconds or without a deadline."""


class ChatStream(StreamedAnswer):
    """
    A streamed answer. The call begins with the first read. The events can be read once; leaving the with block, or
    close(), cancels the call here and at the gateway. A failure is raised as a SluiceError; what came before it stands.
    """

    def __init__(self, open_call: Callable[[], Call], send: Send) -> None:
        super().__init__()
        self._open_call = open_call
        self._send = send
        self._events = self._read()

    def __iter__(self) -> Iterator[ChatEvent]:
        return self

    def __next__(self) -> ChatEvent:
        return next(self._events)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the call. Without effect after the end. For the thread that reads."""
        self._events.close()

    def text_stream(self) -> Iterator[str]:
        """The first answer's text, as it comes."""
        for event in self:
            text = self._new_text(event)
            if text:
                yield text

    def text(self) -> str:
        """Reads to the end. The first answer's whole text, with what was read before."""
        return answer_text(self.final())

    def final(self) -> ChatResponse:
        """Reads to the end. The whole answer as chat would have given it, with what was read before."""
        for _ in self:
            pass
        return self._whole()

    def _read(self) -> Generator[ChatEvent, None, None]:
        try:
            yield from self._read_call(self._open_call())
        except SluiceError as error:
            self._failure = error
            raise

    def _read_call(self, call: Call) -> Generator[ChatEvent, None, None]:
        """The events of a call, up to and with finish. Sent again only while nothing has come."""
        messages, message, received = with_retries(call, False, self._begin)
        with closing(messages):
            while message is not None:
                event = message.event
                if event is not None and event.field == "finish":
                    _read_out(messages)
                    self._take(event)
                    yield event
                    return
                # Events of a newer contract are skipped.
                if event is not None:
                    self._take(event)
                    yield event
                message = _next_message(messages, call, received)
        raise interrupted(request_id_of(received))

    def _begin(
        self, timeout_ms: int | None, received: ResponseMetadata
    ) -> tuple[Messages, StreamChatResponse | None, ResponseMetadata]:
        # connectrpc promises an Iterator, but what it makes is a generator, and only that can be closed.
        messages = cast("Messages", self._send(timeout_ms))
        return messages, next(messages, None), received


def _next_message(messages: Messages, call: Call, received: ResponseMetadata) -> StreamChatResponse | None:
    with received:
        try:
            return next(messages, None)
        except ConnectError as thrown:
            error = read_error(thrown, call, received)
    raise read_failure(error)


def _read_out(messages: Messages) -> None:
    """Reads to the end of the protocol, so that the connection is free again. The answer is whole whatever comes."""
    with suppress(ConnectError):
        for _ in messages:
            pass
