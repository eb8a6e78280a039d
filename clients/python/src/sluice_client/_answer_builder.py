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
from .gen.sluice.v1.content_pb import AudioPart, ImagePart, MediaSource, Part, ToolCallPart

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
        match event:
            case Oneof("start", start):
                self._answer.id = start.id
                self._answer.model = start.model
                self._answer.create_time = start.create_time
                self._answer.system_fingerprint = start.system_fingerprint
            case Oneof("part_start", begun):
                self._choice(begun.choice)
                self._parts[begun.choice, begun.index] = Part() if begun.part is None else deepcopy(begun.part)
            case Oneof("part_delta", delta):
                self._add_delta(delta)
            case Oneof("finish", finish):
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
    match delta.delta, part.kind:
        case (Oneof("text" | "arguments_json") as more, Oneof("tool_call", call)):
            _extend_input(call, more.field, more.value)
        case (Oneof("text", text), Oneof("text" | "reasoning" | "refusal") as kind):
            kind.value.text += text
        case (Oneof("data", data), Oneof("audio" | "image") as kind):
            _extend_data(kind.value, data)
        case (Oneof("transcript", transcript), Oneof("audio", audio)):
            audio.transcript += transcript
        case (Oneof("signature", signature), _):
            part.signature = signature
        case (Oneof("annotation", annotation), Oneof("text", text_part)):
            text_part.annotations.append(annotation)


def _extend_input(call: ToolCallPart, field: Literal["text", "arguments_json"], more: str) -> None:
    before = call.input.value if call.input is not None and call.input.field == field else ""
    if field == "text":
        call.input = Oneof("text", before + more)
    else:
        call.input = Oneof("arguments_json", before + more)


def _extend_data(media: AudioPart | ImagePart, more: bytes) -> None:
    """Bytes go to the part's source, which a stream may leave out of the part's beginning."""
    media.source = media.source or MediaSource()
    location = media.source.location
    before = location.value if location is not None and location.field == "data" else b""
    media.source.location = Oneof("data", before + more)
