from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from connectrpc.code import Code

from .gen.sluice.v1.decision_pb import Decision


class SluiceErrorReason(StrEnum):
    """Why a call failed: the names of sluice.v1.ErrorReason, and the client's own two."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    INVALID_REQUEST = "INVALID_REQUEST"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    UNKNOWN_ENDPOINT = "UNKNOWN_ENDPOINT"
    MODEL_NOT_FOUND = "MODEL_NOT_FOUND"
    UNSUPPORTED_PARAMETER = "UNSUPPORTED_PARAMETER"
    UNSUPPORTED_OPERATION = "UNSUPPORTED_OPERATION"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    CANCELED = "CANCELED"
    SHUTTING_DOWN = "SHUTTING_DOWN"
    INTERNAL = "INTERNAL"
    UPSTREAM_REJECTED = "UPSTREAM_REJECTED"
    CONTEXT_LENGTH_EXCEEDED = "CONTEXT_LENGTH_EXCEEDED"
    CONTENT_FILTERED = "CONTENT_FILTERED"
    UPSTREAM_RATE_LIMITED = "UPSTREAM_RATE_LIMITED"
    UPSTREAM_OVERLOADED = "UPSTREAM_OVERLOADED"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    UPSTREAM_TIMEOUT = "UPSTREAM_TIMEOUT"
    UPSTREAM_CREDENTIAL_REJECTED = "UPSTREAM_CREDENTIAL_REJECTED"
    UPSTREAM_MALFORMED = "UPSTREAM_MALFORMED"
    EGRESS_DENIED = "EGRESS_DENIED"
    STREAM_INTERRUPTED = "STREAM_INTERRUPTED"
    NO_ELIGIBLE_TARGET = "NO_ELIGIBLE_TARGET"
    CONFIG_REVISION_STALE = "CONFIG_REVISION_STALE"
    CONFIG_REVISION_NOT_FOUND = "CONFIG_REVISION_NOT_FOUND"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND"
    CONNECTION = "CONNECTION"
    """The gateway was not reached, or the connection broke before an answer began."""
    UNKNOWN = "UNKNOWN"
    """A failure that gave no reason."""


# The same call can succeed later without anybody's doing. A reason that is not known is taken for final.
_RETRYABLE = frozenset(
    {
        SluiceErrorReason.SHUTTING_DOWN,
        SluiceErrorReason.UPSTREAM_RATE_LIMITED,
        SluiceErrorReason.UPSTREAM_OVERLOADED,
        SluiceErrorReason.UPSTREAM_UNAVAILABLE,
        SluiceErrorReason.UPSTREAM_TIMEOUT,
        SluiceErrorReason.UPSTREAM_MALFORMED,
        SluiceErrorReason.STREAM_INTERRUPTED,
        SluiceErrorReason.STORE_UNAVAILABLE,
        SluiceErrorReason.CONNECTION,
    }
)


def reason_of(name: str) -> str:
    """The reason that the gateway's word names; the word itself where it is newer than this client."""
    return SluiceErrorReason.__members__.get(name, name)


@dataclass(frozen=True)
class FieldViolation:
    """A field of the request that breaks the contract."""

    field: str
    """Its path, as in generation.model."""
    description: str
    """What is wrong with it, for people."""


@dataclass(frozen=True)
class ErrorFacts:
    """What a failure says besides its reason, its code and its message."""

    raw_reason: str = ""
    retry_after: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: Sequence[FieldViolation] = ()
    request_id: str = ""
    decision: Decision | None = None


class SluiceError(Exception):
    """The one error of this client: every call that fails raises it. Its cause is the ConnectError below it."""

    reason: str
    """A SluiceErrorReason, or the gateway's word for a reason newer than this client."""
    raw_reason: str
    """The reason in the gateway's word. Empty where the gateway did not speak: the client or the network noticed."""
    code: Code
    """The status code of the RPC."""
    message: str
    """What went wrong, for people."""
    retry_after: float | None
    """How long to wait before another try, in seconds, where the gateway says."""
    metadata: Mapping[str, str]
    """Facts for programs, under the keys that the reason's comment in sluice.v1.ErrorReason names."""
    violations: Sequence[FieldViolation]
    """The fields that are wrong, with INVALID_REQUEST."""
    request_id: str
    """Names the call in the gateway's logs and records. Empty where it did not answer."""
    decision: Decision | None
    """What the gateway did."""

    def __init__(self, reason: str, code: Code, message: str, facts: ErrorFacts | None = None) -> None:
        super().__init__(reason, code, message, facts)
        facts = facts or ErrorFacts()
        self.reason = reason
        self.code = code
        self.message = message
        self.raw_reason = facts.raw_reason
        self.retry_after = facts.retry_after
        self.metadata = facts.metadata
        self.violations = facts.violations
        self.request_id = facts.request_id
        self.decision = facts.decision

    @property
    def retryable(self) -> bool:
        """Whether the same call can succeed later without anybody's doing."""
        return self.reason in _RETRYABLE

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"
