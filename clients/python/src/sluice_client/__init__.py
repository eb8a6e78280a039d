"""The Python client for the Sluice AI gateway."""

from connectrpc.code import Code
from protobuf import Oneof

from ._answer_builder import ChatEvent
from ._answer_text import answer_text
from ._async_chat_stream import AsyncChatStream
from ._async_client import AsyncSluiceClient
from ._chat_stream import ChatStream
from ._client import SluiceClient
from ._model_list import (
    AsyncModelList,
    ModelList,
)
from ._request_input import (
    EmbeddingFields,
    EmbedInputs,
    GatewayFields,
    GatewayInput,
    GenerationFields,
    MessagesInput,
    MetadataFields,
    MetadataInput,
    PlainMessage,
)
from ._sluice_error import (
    ErrorFacts,
    FieldViolation,
    SluiceError,
    SluiceErrorReason,
)
from ._timing import Timing
from ._transports import Protocol
from .gen.sluice.v1.chat_service_pb import (
    ChatRequest,
    ChatResponse,
    Choice,
    ChoiceFinish,
    CountTokensRequest,
    CountTokensResponse,
    FinishReason,
    Logprobs,
    PartDelta,
    PartEnd,
    PartStart,
    StreamChatRequest,
    StreamChatResponse,
    StreamFinish,
    StreamStart,
    TokenLogprob,
)
from .gen.sluice.v1.content_pb import (
    Annotation,
    AudioPart,
    CacheControl,
    CacheTtl,
    DocumentCitation,
    FilePart,
    ImagePart,
    MediaSource,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UrlCitation,
)
from .gen.sluice.v1.decision_pb import (
    Attempt,
    AttemptReason,
    Cost,
    Decision,
    Warning,  # noqa: A004
    WarningCode,
)
from .gen.sluice.v1.embedding_service_pb import (
    Embedding,
    EmbeddingInput,
    EmbedRequest,
    EmbedResponse,
    TokenList,
    Vector,
)
from .gen.sluice.v1.error_pb import (
    ErrorReason,
)
from .gen.sluice.v1.gateway_pb import (
    GatewayControls,
)
from .gen.sluice.v1.generation_pb import (
    AudioOutput,
    Generation,
    JsonObjectFormat,
    JsonSchemaFormat,
    Reasoning,
    ReasoningEffort,
    ResponseFormat,
    TextFormat,
    Verbosity,
)
from .gen.sluice.v1.metadata_pb import (
    Metadata,
)
from .gen.sluice.v1.model_service_pb import (
    GetModelRequest,
    GetModelResponse,
    ListModelsRequest,
    ListModelsResponse,
    Model,
)
from .gen.sluice.v1.tool_pb import (
    CustomTool,
    FunctionTool,
    ProviderTool,
    Tool,
    ToolChoice,
    ToolChoiceMode,
)
from .gen.sluice.v1.usage_pb import (
    Usage,
    UsageSource,
)

__all__ = [
    "Annotation",
    "AsyncChatStream",
    "AsyncModelList",
    "AsyncSluiceClient",
    "Attempt",
    "AttemptReason",
    "AudioOutput",
    "AudioPart",
    "CacheControl",
    "CacheTtl",
    "ChatEvent",
    "ChatRequest",
    "ChatResponse",
    "ChatStream",
    "Choice",
    "ChoiceFinish",
    "Code",
    "Cost",
    "CountTokensRequest",
    "CountTokensResponse",
    "CustomTool",
    "Decision",
    "DocumentCitation",
    "EmbedInputs",
    "EmbedRequest",
    "EmbedResponse",
    "Embedding",
    "EmbeddingFields",
    "EmbeddingInput",
    "ErrorFacts",
    "ErrorReason",
    "FieldViolation",
    "FilePart",
    "FinishReason",
    "FunctionTool",
    "GatewayControls",
    "GatewayFields",
    "GatewayInput",
    "Generation",
    "GenerationFields",
    "GetModelRequest",
    "GetModelResponse",
    "ImagePart",
    "JsonObjectFormat",
    "JsonSchemaFormat",
    "ListModelsRequest",
    "ListModelsResponse",
    "Logprobs",
    "MediaSource",
    "Message",
    "MessagesInput",
    "Metadata",
    "MetadataFields",
    "MetadataInput",
    "Model",
    "ModelList",
    "Oneof",
    "Part",
    "PartDelta",
    "PartEnd",
    "PartStart",
    "PlainMessage",
    "Protocol",
    "ProviderTool",
    "RawPart",
    "Reasoning",
    "ReasoningEffort",
    "ReasoningPart",
    "RefusalPart",
    "ResponseFormat",
    "Role",
    "SluiceClient",
    "SluiceError",
    "SluiceErrorReason",
    "StreamChatRequest",
    "StreamChatResponse",
    "StreamFinish",
    "StreamStart",
    "TextFormat",
    "TextPart",
    "Timing",
    "TokenList",
    "TokenLogprob",
    "Tool",
    "ToolCallPart",
    "ToolChoice",
    "ToolChoiceMode",
    "ToolResultPart",
    "UrlCitation",
    "Usage",
    "UsageSource",
    "Vector",
    "Verbosity",
    "Warning",
    "WarningCode",
    "answer_text",
]
