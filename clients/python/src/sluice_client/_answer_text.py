from .gen.sluice.v1.chat_service_pb import ChatResponse
from .gen.sluice.v1.content_pb import Part, TextPart


def answer_text(answer: ChatResponse) -> str:
    """The text of the first answer, its text parts joined; reasoning, refusals and tool calls are not in it."""
    first = next((choice for choice in answer.choices if choice.index == 0), None)
    return "" if first is None else "".join(part_text(part) for part in first.parts)


def part_text(part: Part | None) -> str:
    """The text of a text part; empty for other kinds."""
    kind = None if part is None or part.kind is None else part.kind.value
    return kind.text if isinstance(kind, TextPart) else ""
