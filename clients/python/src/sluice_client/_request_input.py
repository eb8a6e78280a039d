from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from protobuf import Oneof, merge_from_binary
from protobuf.wkt import Duration

from .gen.sluice.v1.content_pb import Message, Part, Role, TextPart
from .gen.sluice.v1.embedding_service_pb import Embedding, EmbeddingInput
from .gen.sluice.v1.gateway_pb import GatewayControls, RoutingPreferences
from .gen.sluice.v1.generation_pb import AudioOutput, Generation, Reasoning, ResponseFormat, Verbosity
from .gen.sluice.v1.metadata_pb import Metadata
from .gen.sluice.v1.tool_pb import Tool, ToolChoice


class PlainMessage(TypedDict):
    """A turn of plain text."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str


MessagesInput = str | Sequence[PlainMessage | Message]
"""The conversation so far. A text alone is one turn of the user's."""

EmbedInputs = str | Sequence[str | EmbeddingInput]
"""What to embed: a text, or several inputs."""


class MetadataFields(TypedDict, total=False):
    """sluice.v1.Metadata as a plain dictionary."""

    user: str
    team: str
    application: str
    environment: str
    workflow: str
    customer: str
    region: str
    session: str
    labels: dict[str, str]


MetadataInput = Metadata | MetadataFields
"""Who and what a call is for."""


class GatewayFields(TypedDict, total=False):
    """sluice.v1.GatewayControls as a plain dictionary."""

    max_retries: int
    timeout: Duration
    strict: bool
    routing: RoutingPreferences
    include_candidates: bool


GatewayInput = GatewayControls | GatewayFields
"""What is asked of the gateway itself."""


class GenerationFields(TypedDict, total=False):
    """The fields of sluice.v1.Generation besides model and messages."""

    tools: list[Tool]
    tool_choice: ToolChoice
    parallel_tool_calls: bool
    max_output_tokens: int
    temperature: float
    top_p: float
    top_k: int
    frequency_penalty: float
    presence_penalty: float
    seed: int
    stop: list[str]
    n: int
    logprobs: bool
    top_logprobs: int
    logit_bias: dict[str, float]
    response_format: ResponseFormat
    modalities: list[str]
    audio_output: AudioOutput
    reasoning: Reasoning
    verbosity: Verbosity
    prediction: list[Part]
    service_tier: str
    prompt_cache_key: str
    end_user_id: str
    store: bool
    previous_response_id: str
    provider_options_json: dict[str, str]


class EmbeddingFields(TypedDict, total=False):
    """The fields of sluice.v1.Embedding besides model and inputs."""

    dimensions: int
    input_type: str
    end_user_id: str
    provider_options_json: dict[str, str]


_ROLES: Mapping[str, Role] = {
    "system": Role.SYSTEM,
    "developer": Role.DEVELOPER,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
}


def generation_of(model: str, messages: MessagesInput, fields: GenerationFields) -> Generation:
    turns = [PlainMessage(role="user", content=messages)] if isinstance(messages, str) else messages
    return Generation(model=model, messages=[_message(turn) for turn in turns], **fields)


def embedding_of(model: str, inputs: EmbedInputs, fields: EmbeddingFields) -> Embedding:
    items = [inputs] if isinstance(inputs, str) else inputs
    return Embedding(model=model, inputs=[_embedding_input(item) for item in items], **fields)


def _message(turn: PlainMessage | Message) -> Message:
    if isinstance(turn, Message):
        return turn
    text: Oneof[Literal["text"], TextPart] = Oneof("text", TextPart(text=turn["content"]))
    return Message(role=_ROLES[turn["role"]], parts=[Part(kind=text)])


def _embedding_input(item: str | EmbeddingInput) -> EmbeddingInput:
    if isinstance(item, EmbeddingInput):
        return item
    text: Oneof[Literal["text"], str] = Oneof("text", item)
    return EmbeddingInput(content=text)


def merged_metadata(layers: Sequence[MetadataInput | None]) -> Metadata | None:
    """Later ones win, by Protobuf's own rule: what is empty does not count, labels are merged one by one."""
    given = [layer for layer in layers if layer is not None]
    if not given:
        return None
    merged = Metadata()
    for layer in given:
        message = layer if isinstance(layer, Metadata) else Metadata(**layer)
        # By way of bytes: merge_from of protobuf-py 0.7 lets empty fields win.
        merge_from_binary(merged, message.to_binary())
    return merged


def gateway_controls(controls: GatewayInput | None) -> GatewayControls | None:
    return controls if controls is None or isinstance(controls, GatewayControls) else GatewayControls(**controls)
