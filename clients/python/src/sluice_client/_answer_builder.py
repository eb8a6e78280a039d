from copy import deepcopy
from typing import Literal

from protobuf import Oneof

from .gen.sluice.v1.chat_service_pb import (
    ChatResponse,
    Choice,
    Logprobs,
    PartDelta,
    PartEnd,
    PartStart,
    StreamFinish,
    StreamStart,
)
from .gen.sluice.v1.content_pb import (
    AudioPart,
    ImagePart,
    MediaSource,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
)

ChatEvent = (
    Oneof[Literal["start"], StreamStart]
    | Oneof[Literal["part_start"], PartStart]
    | Oneof[Literal["part_delta"], PartDelta]
    | Oneof[Literal["part_end"], PartEnd]
    | Oneof[Literal["finish"], StreamFinish]
)
"""One event of a streamed answer, of a kind that this client knows: its field is the kind, its value the message."""


class AnswerBuilder:
    """The answer of a stream so far: what sluice.v1.ChatService.Chat would have answered."""

    def __init__(self) -> None:
        self._answer = ChatResponse()
        self._choices: dict[int, Choice] = {}
        self._parts: dict[tuple[int, int], Part] = {}

    def add(self, event: ChatEvent) -> None:
        """Adds the next event."""
        match event.value:
            case StreamStart() as start:
                self._answer.id = start.id
                self._answer.model = start.model
                self._answer.create_time = start.create_time
                self._answer.system_fingerprint = start.system_fingerprint
            case PartStart() as begun:
                self._choice(begun.choice)
                self._parts[begun.choice, begun.index] = Part() if begun.part is None else deepcopy(begun.part)
            case PartDelta() as delta:
                self._add_delta(delta)
            case StreamFinish() as finish:
                self._finish(finish)

    def part(self, choice: int, index: int) -> Part | None:
        """A part as it is so far; None before it begins."""
        return self._parts.get((choice, index))

    def build(self) -> ChatResponse:
        """The answer as it is so far."""
        answer = deepcopy(self._answer)
        for index in sorted(self._choices):
            choice = deepcopy(self._choices[index])
            choice.parts = [deepcopy(self._parts[at]) for at in sorted(self._parts) if at[0] == index]
            answer.choices.append(choice)
        return answer

    def _choice(self, index: int) -> Choice:
        return self._choices.setdefault(index, Choice(index=index))

    def _add_delta(self, delta: PartDelta) -> None:
        part = self.part(delta.choice, delta.index)
        if part is not None:
            _extend_part(part, delta)
        if delta.logprobs is not None:
            choice = self._choice(delta.choice)
            choice.logprobs = choice.logprobs or Logprobs()
            choice.logprobs.content.extend(delta.logprobs.content)
            choice.logprobs.refusal.extend(delta.logprobs.refusal)

    def _finish(self, finish: StreamFinish) -> None:
        self._answer.usage = finish.usage
        self._answer.service_tier = finish.service_tier
        self._answer.decision = finish.decision
        for end in finish.choices:
            choice = self._choice(end.choice)
            choice.finish_reason = end.reason
            choice.raw_finish_reason = end.raw_reason


def _extend_part(part: Part, delta: PartDelta) -> None:
    """Adds a delta to its part. One that does not fit the part's kind comes from a newer contract and is skipped."""
    more = delta.delta
    kind = None if part.kind is None else part.kind.value
    if more is None:
        return
    if more.field == "signature":
        part.signature = more.value
    elif isinstance(kind, ToolCallPart) and (more.field == "text" or more.field == "arguments_json"):
        _extend_input(kind, more.field, more.value)
    elif isinstance(kind, TextPart | ReasoningPart | RefusalPart) and more.field == "text":
        kind.text += more.value
    elif isinstance(kind, AudioPart | ImagePart) and more.field == "data":
        _extend_data(kind, more.value)
    elif isinstance(kind, AudioPart) and more.field == "transcript":
        kind.transcript += more.value
    elif isinstance(kind, TextPart) and more.field == "annotation":
        kind.annotations.append(more.value)


def _extend_input(call: ToolCallPart, field: Literal["text", "arguments_json"], more: str) -> None:
    whole = (call.input.value if call.input is not None and call.input.field == field else "") + more
    text: Oneof[Literal["text"], str] = Oneof("text", whole)
    arguments: Oneof[Literal["arguments_json"], str] = Oneof("arguments_json", whole)
    call.input = text if field == "text" else arguments


def _extend_data(media: AudioPart | ImagePart, more: bytes) -> None:
    """Bytes go to the part's source, which a stream may leave out of the part's beginning."""
    media.source = media.source or MediaSource()
    location = media.source.location
    before = location.value if location is not None and location.field == "data" else b""
    data: Oneof[Literal["data"], bytes] = Oneof("data", before + more)
    media.source.location = data
