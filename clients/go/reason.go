package sluice

// Reason says why a call failed: a name of sluice.v1.ErrorReason without its prefix, or one of the client's own two.
// A name newer than this client is kept as it came.
type Reason string

// The reasons of sluice.v1.ErrorReason, whose comments there name code and metadata keys.
const (
	ReasonUnauthenticated            Reason = "UNAUTHENTICATED"
	ReasonPermissionDenied           Reason = "PERMISSION_DENIED"
	ReasonInvalidRequest             Reason = "INVALID_REQUEST"
	ReasonRequestTooLarge            Reason = "REQUEST_TOO_LARGE"
	ReasonUnknownEndpoint            Reason = "UNKNOWN_ENDPOINT"
	ReasonModelNotFound              Reason = "MODEL_NOT_FOUND"
	ReasonUnsupportedParameter       Reason = "UNSUPPORTED_PARAMETER"
	ReasonUnsupportedOperation       Reason = "UNSUPPORTED_OPERATION"
	ReasonDeadlineExceeded           Reason = "DEADLINE_EXCEEDED"
	ReasonCanceled                   Reason = "CANCELED"
	ReasonShuttingDown               Reason = "SHUTTING_DOWN"
	ReasonInternal                   Reason = "INTERNAL"
	ReasonUpstreamRejected           Reason = "UPSTREAM_REJECTED"
	ReasonContextLengthExceeded      Reason = "CONTEXT_LENGTH_EXCEEDED"
	ReasonContentFiltered            Reason = "CONTENT_FILTERED"
	ReasonUpstreamRateLimited        Reason = "UPSTREAM_RATE_LIMITED"
	ReasonUpstreamOverloaded         Reason = "UPSTREAM_OVERLOADED"
	ReasonUpstreamUnavailable        Reason = "UPSTREAM_UNAVAILABLE"
	ReasonUpstreamTimeout            Reason = "UPSTREAM_TIMEOUT"
	ReasonUpstreamCredentialRejected Reason = "UPSTREAM_CREDENTIAL_REJECTED"
	ReasonUpstreamMalformed          Reason = "UPSTREAM_MALFORMED"
	ReasonEgressDenied               Reason = "EGRESS_DENIED"
	ReasonStreamInterrupted          Reason = "STREAM_INTERRUPTED"
	ReasonNoEligibleTarget           Reason = "NO_ELIGIBLE_TARGET"
	ReasonConfigRevisionStale        Reason = "CONFIG_REVISION_STALE"
	ReasonConfigRevisionNotFound     Reason = "CONFIG_REVISION_NOT_FOUND"
	ReasonStoreUnavailable           Reason = "STORE_UNAVAILABLE"
	ReasonResourceNotFound           Reason = "RESOURCE_NOT_FOUND"
)

// The client's own reasons.
const (
	// ReasonConnection: the gateway was not reached, or the connection broke before an answer began.
	ReasonConnection Reason = "CONNECTION"
	// ReasonUnknown: a failure that gave no reason.
	ReasonUnknown Reason = "UNKNOWN"
)

// retryable says whether the same call can succeed later without anybody's doing. A reason that is not here is taken
// for final.
var retryable = map[Reason]bool{
	ReasonUnauthenticated:            false,
	ReasonPermissionDenied:           false,
	ReasonInvalidRequest:             false,
	ReasonRequestTooLarge:            false,
	ReasonUnknownEndpoint:            false,
	ReasonModelNotFound:              false,
	ReasonUnsupportedParameter:       false,
	ReasonUnsupportedOperation:       false,
	ReasonDeadlineExceeded:           false,
	ReasonCanceled:                   false,
	ReasonShuttingDown:               true,
	ReasonInternal:                   false,
	ReasonUpstreamRejected:           false,
	ReasonContextLengthExceeded:      false,
	ReasonContentFiltered:            false,
	ReasonUpstreamRateLimited:        true,
	ReasonUpstreamOverloaded:         true,
	ReasonUpstreamUnavailable:        true,
	ReasonUpstreamTimeout:            true,
	ReasonUpstreamCredentialRejected: false,
	ReasonUpstreamMalformed:          true,
	ReasonEgressDenied:               false,
	ReasonStreamInterrupted:          true,
	ReasonNoEligibleTarget:           false,
	ReasonConfigRevisionStale:        false,
	ReasonConfigRevisionNotFound:     false,
	ReasonStoreUnavailable:           true,
	ReasonResourceNotFound:           false,
	ReasonConnection:                 true,
	ReasonUnknown:                    false,
}
