from connectrpc.code import Code

from ._answer_builder import AnswerBuilder, ChatEvent
from ._answer_text import part_text
from ._sluice_error import ErrorFacts, SluiceError, SluiceErrorReason
from .gen.sluice.v1.chat_service_pb import ChatResponse, FinishReason, PartDelta, PartStart, StreamFinish
from .gen.sluice.v1.decision_pb import Decision
from .gen.sluice.v1.usage_pb import Usage


class StreamedAnswer:
    """What was read of a streamed answer so far: the part of a stream that does not wait."""

    def __init__(self) -> None:
        self._answer = AnswerBuilder()
        self._finish: StreamFinish | None = None
        self._failure: SluiceError | None = None

    @property
    def decision(self) -> Decision | None:
        """What the gateway did. Set once the finish event was read."""
        return None if self._finish is None else self._finish.decision

    @property
    def usage(self) -> Usage | None:
        """Tokens of the attempt that answered. Set once the finish event was read, where the provider said."""
        return None if self._finish is None else self._finish.usage

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why the first answer ended. Set once the finish event was read."""
        ends = [] if self._finish is None else self._finish.choices
        return next((end.reason for end in ends if end.choice == 0), None)

    def _take(self, event: ChatEvent) -> None:
        self._answer.add(event)
        if isinstance(event.value, StreamFinish):
            self._finish = event.value

    def _new_text(self, event: ChatEvent) -> str:
        """What an event, already taken, adds to the first answer's text."""
        match event.value:
            case PartStart(choice=0, part=part):
                return part_text(part)
            case PartDelta(choice=0, index=index, delta=delta) if delta is not None and delta.field == "text":
                part = self._answer.part(0, index)
                return delta.value if part is not None and part.kind and part.kind.field == "text" else ""
            case _:
                return ""

    def _whole(self) -> ChatResponse:
        """The answer, once all was read. Raises why it is not whole."""
        if self._finish is not None:
            return self._answer.build()
        if self._failure is not None:
            raise self._failure
        raise SluiceError(SluiceErrorReason.CANCELED, Code.CANCELED, "The stream was left before its end.")


def interrupted(request_id: str) -> SluiceError:
    """The failure of a stream that ended as if it were whole."""
    return _interrupted("The stream ended without its finish event.", request_id)


def read_failure(error: SluiceError) -> SluiceError:
    """The failure of a stream that has begun: where the gateway did not speak, the network broke it."""
    network = (SluiceErrorReason.CONNECTION, SluiceErrorReason.UNKNOWN)
    if error.raw_reason != "" or error.reason not in network:
        return error
    failure = _interrupted(f"The stream broke: {error.message}", error.request_id)
    failure.__cause__ = error.__cause__
    return failure


def _interrupted(message: str, request_id: str) -> SluiceError:
    facts = ErrorFacts(request_id=request_id)
    return SluiceError(SluiceErrorReason.STREAM_INTERRUPTED, Code.UNAVAILABLE, message, facts)
