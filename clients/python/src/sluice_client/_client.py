from types import TracebackType
from typing import Self, Unpack

from connectrpc.code import Code
from pyqwest import SyncClient, SyncHTTPTransport, SyncTransport

from ._call import DEFAULT_MAX_RETRIES, CallDefaults
from ._chat_stream import ChatStream
from ._client_settings import client_settings
from ._model_list import ModelList
from ._request_input import (
    EmbeddingFields,
    EmbedInputs,
    GatewayInput,
    GenerationFields,
    MessagesInput,
    MetadataInput,
    embedding_of,
    gateway_controls,
    generation_of,
)
from ._retries import with_retries
from ._sluice_error import SluiceError, SluiceErrorReason
from ._timing import SYSTEM_TIMING, Timing
from ._transports import Protocol, network, protocol_type
from .gen.sluice.v1.chat_service_connect import ChatServiceClientSync
from .gen.sluice.v1.chat_service_pb import (
    ChatRequest,
    ChatResponse,
    CountTokensRequest,
    CountTokensResponse,
    StreamChatRequest,
)
from .gen.sluice.v1.embedding_service_connect import EmbeddingServiceClientSync
from .gen.sluice.v1.embedding_service_pb import EmbedRequest, EmbedResponse
from .gen.sluice.v1.model_service_connect import ModelServiceClientSync
from .gen.sluice.v1.model_service_pb import GetModelRequest, ListModelsRequest, ListModelsResponse, Model


class SluiceClient:
    """
    The gateway's API. Every call that fails raises a SluiceError. Threads may share a client.

    base_url: where the gateway is, as in http://127.0.0.1:8080. api_key: the key, sk-sluice-…. timeout: the most
    seconds for a call, its retries included; it travels as the protocol's deadline, so that the gateway stops too; 0 or
    None: none of the client's. max_retries: the most times that a failed call is sent again. metadata: goes with every
    call; what a call gives itself wins, field by field and label by label. transport: in place of the network, and
    timing: in place of the clock and of chance, for tests. timeout and max_retries of a call win over the client's.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        protocol: Protocol = "connect",
        timeout: float | None = None,
        max_retries: int = DEFAULT_MAX_RETRIES,
        metadata: MetadataInput | None = None,
        transport: SyncTransport | None = None,
        timing: Timing = SYSTEM_TIMING,
    ) -> None:
        self._settings = client_settings(api_key, metadata, CallDefaults(timeout, max_retries, timing))
        kind = protocol_type(protocol)
        self._network: SyncHTTPTransport | None = network(protocol) if transport is None else None
        http = SyncClient(transport or self._network)
        url = base_url.rstrip("/")
        self._chat = ChatServiceClientSync(url, protocol=kind, http_client=http, send_compression=None)
        self._embedding = EmbeddingServiceClientSync(url, protocol=kind, http_client=http, send_compression=None)
        self._model = ModelServiceClientSync(url, protocol=kind, http_client=http, send_compression=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections. The client cannot be used afterwards."""
        if self._network is not None:
            self._network.close()

    def chat(
        self,
        model: str,
        messages: MessagesInput,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        metadata: MetadataInput | None = None,
        gateway: GatewayInput | None = None,
        **generation: Unpack[GenerationFields],
    ) -> ChatResponse:
        """Answers a conversation in one piece."""
        request = ChatRequest(
            generation=generation_of(model, messages, generation),
            metadata=self._settings.merged(metadata),
            gateway=gateway_controls(gateway),
        )
        return with_retries(
            self._settings.open_call(timeout, max_retries),
            False,
            lambda timeout_ms, _: self._chat.chat(request, headers=self._settings.headers, timeout_ms=timeout_ms),
        )

    def stream_chat(
        self,
        model: str,
        messages: MessagesInput,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        metadata: MetadataInput | None = None,
        gateway: GatewayInput | None = None,
        **generation: Unpack[GenerationFields],
    ) -> ChatStream:
        """Answers a conversation piece by piece. The call begins when the stream is first read."""
        request = StreamChatRequest(
            generation=generation_of(model, messages, generation),
            metadata=self._settings.merged(metadata),
            gateway=gateway_controls(gateway),
        )
        return ChatStream(
            lambda: self._settings.open_call(timeout, max_retries),
            lambda timeout_ms: self._chat.stream_chat(request, headers=self._settings.headers, timeout_ms=timeout_ms),
        )

    def count_tokens(
        self,
        model: str,
        messages: MessagesInput,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        metadata: MetadataInput | None = None,
        gateway: GatewayInput | None = None,
        **generation: Unpack[GenerationFields],
    ) -> CountTokensResponse:
        """Counts the tokens of a prompt without answering it."""
        request = CountTokensRequest(
            generation=generation_of(model, messages, generation),
            metadata=self._settings.merged(metadata),
            gateway=gateway_controls(gateway),
        )
        headers = self._settings.headers
        return with_retries(
            self._settings.open_call(timeout, max_retries),
            True,
            lambda timeout_ms, _: self._chat.count_tokens(request, headers=headers, timeout_ms=timeout_ms),
        )

    def embed(
        self,
        model: str,
        inputs: EmbedInputs,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        metadata: MetadataInput | None = None,
        gateway: GatewayInput | None = None,
        **embedding: Unpack[EmbeddingFields],
    ) -> EmbedResponse:
        """Makes a vector of each input."""
        request = EmbedRequest(
            embedding=embedding_of(model, inputs, embedding),
            metadata=self._settings.merged(metadata),
            gateway=gateway_controls(gateway),
        )
        return with_retries(
            self._settings.open_call(timeout, max_retries),
            False,
            lambda timeout_ms, _: self._embedding.embed(request, headers=self._settings.headers, timeout_ms=timeout_ms),
        )

    def list_models(
        self, *, page_size: int = 0, timeout: float | None = None, max_retries: int | None = None
    ) -> ModelList:
        """
        Lists the models that the key may use, routes first. Timeout and retries count for each page.
        page_size: the most models on a page, up to 250; 0: 50.
        """

        def get_page(page_token: str) -> ListModelsResponse:
            request = ListModelsRequest(page_size=page_size, page_token=page_token)
            headers = self._settings.headers
            return with_retries(
                self._settings.open_call(timeout, max_retries),
                True,
                lambda timeout_ms, _: self._model.list_models(request, headers=headers, timeout_ms=timeout_ms),
            )

        return ModelList(get_page)

    def get_model(self, model_id: str, *, timeout: float | None = None, max_retries: int | None = None) -> Model:
        """Gets one model by its name."""
        request = GetModelRequest(id=model_id)
        answer = with_retries(
            self._settings.open_call(timeout, max_retries),
            True,
            lambda timeout_ms, _: self._model.get_model(request, headers=self._settings.headers, timeout_ms=timeout_ms),
        )
        if answer.model is None:
            raise SluiceError(SluiceErrorReason.UNKNOWN, Code.INTERNAL, "The answer holds no model.")
        return answer.model
