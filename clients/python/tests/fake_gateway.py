"""A gateway that does as it is told, inside the process: generated services without a network."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from callers import AsyncCaller, SyncCaller
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.request import RequestContext
from protobuf import Message
from protobuf.wkt import Duration
from pyqwest.testing import ASGITransport, WSGITransport

from sluice_client import (
    ChatRequest,
    ChatResponse,
    ChoiceFinish,
    Cost,
    CountTokensRequest,
    CountTokensResponse,
    Decision,
    FinishReason,
    Oneof,
    Part,
    PartDelta,
    PartStart,
    StreamChatRequest,
    StreamChatResponse,
    StreamFinish,
    StreamStart,
    TextPart,
    Timing,
    Usage,
)
from sluice_client.gen.google.rpc.error_details_pb import ErrorInfo, RetryInfo
from sluice_client.gen.sluice.v1.chat_service_connect import (
    ChatService,
    ChatServiceASGIApplication,
    ChatServiceSync,
    ChatServiceWSGIApplication,
)


def refusal(reason: str, code: Code = Code.UNAVAILABLE, retry_after: float | None = None) -> ConnectError:
    """A failure as the gateway sends it."""
    details: list[Message] = [ErrorInfo(reason=reason, domain="sluice.dev", metadata={"provider": "p"})]
    if retry_after is not None:
        details.append(RetryInfo(retry_delay=Duration.from_seconds(retry_after)))
    return ConnectError(code, f"refused: {reason}", details)


def event(kind: str, value: Message) -> StreamChatResponse:
    return StreamChatResponse(event=Oneof(kind, value))  # type: ignore[arg-type]


def text_events(*texts: str) -> list[StreamChatResponse]:
    """The events of an answer of one text part."""
    text: Oneof[Literal["text"], TextPart] = Oneof("text", TextPart())
    finish = StreamFinish(
        choices=[ChoiceFinish(reason=FinishReason(99), raw_reason="new")],
        usage=Usage(input_tokens=3, output_tokens=0),
        decision=Decision(request_id="req_1", cost=Cost(nano_usd=2**53 + 1)),
    )
    deltas = [event("part_delta", PartDelta(delta=Oneof("text", piece))) for piece in texts]  # type: ignore[arg-type]
    return [
        event("start", StreamStart(id="answer_1")),
        event("part_start", PartStart(part=Part(kind=text))),
        *deltas,
        event("finish", finish),
    ]


@dataclass
class Script:
    """What the gateway does, call by call: raises a failure, or answers once they are used up."""

    failures: list[ConnectError] = field(default_factory=list)
    events: list[StreamChatResponse | ConnectError] = field(default_factory=lambda: [*text_events("o", "k")])
    answer: ChatResponse = field(default_factory=ChatResponse)
    requests: list[Message] = field(default_factory=list)
    timeouts: list[float | None] = field(default_factory=list)

    def begin(self, request: Message, context: RequestContext[Any, Any]) -> None:
        self.requests.append(request)
        self.timeouts.append(context.timeout_ms)
        if self.failures:
            raise self.failures.pop(0)

    def play(self) -> Iterator[StreamChatResponse]:
        for step in self.events:
            if isinstance(step, ConnectError):
                raise step
            yield step


@dataclass
class _SyncService(ChatServiceSync):
    script: Script

    def chat(self, request: ChatRequest, context: RequestContext[Any, Any]) -> ChatResponse:
        self.script.begin(request, context)
        return self.script.answer

    def stream_chat(
        self, request: StreamChatRequest, context: RequestContext[Any, Any]
    ) -> Iterator[StreamChatResponse]:
        self.script.begin(request, context)
        yield from self.script.play()

    def count_tokens(self, request: CountTokensRequest, context: RequestContext[Any, Any]) -> CountTokensResponse:
        self.script.begin(request, context)
        return CountTokensResponse(input_tokens=1)


@dataclass
class _AsyncService(ChatService):
    script: Script

    async def chat(self, request: ChatRequest, context: RequestContext[Any, Any]) -> ChatResponse:
        return _SyncService(self.script).chat(request, context)

    async def stream_chat(
        self, request: StreamChatRequest, context: RequestContext[Any, Any]
    ) -> AsyncIterator[StreamChatResponse]:
        for step in _SyncService(self.script).stream_chat(request, context):
            yield step

    async def count_tokens(self, request: CountTokensRequest, context: RequestContext[Any, Any]) -> CountTokensResponse:
        return _SyncService(self.script).count_tokens(request, context)


@dataclass
class FakeTiming:
    """Time that passes only by waiting, and chance that always gives the same."""

    chance: float = 0.5
    waits: list[float] = field(default_factory=list)

    def timing(self) -> Timing:
        async def sleep_async(seconds: float) -> None:
            self.waits.append(seconds)

        return Timing(
            now=lambda: sum(self.waits), random=lambda: self.chance, sleep=self.waits.append, sleep_async=sleep_async
        )


FakeCaller = Callable[..., SyncCaller | AsyncCaller]


def sync_caller(script: Script, time: FakeTiming, **options: Any) -> SyncCaller:
    transport = WSGITransport(ChatServiceWSGIApplication(_SyncService(script)))
    return SyncCaller("http://gateway", "k", transport=transport, timing=time.timing(), **options)


def async_caller(script: Script, time: FakeTiming, **options: Any) -> AsyncCaller:
    transport = ASGITransport(ChatServiceASGIApplication(_AsyncService(script)))
    return AsyncCaller("http://gateway", "k", transport=transport, timing=time.timing(), **options)


FAKE_CALLERS: dict[str, FakeCaller] = {"sync": sync_caller, "async": async_caller}
