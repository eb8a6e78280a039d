package sluice

import (
	"context"
	"time"

	"connectrpc.com/connect"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// Error is the one error of this client's calls; find it with errors.As. errors.Is(err, context.Canceled) holds for
// ReasonCanceled and errors.Is(err, context.DeadlineExceeded) for ReasonDeadlineExceeded, whoever noticed first.
type Error struct {
	// Reason says why.
	Reason Reason
	// Code is the status code of the RPC.
	Code connect.Code
	// Message is for people.
	Message string
	// RetryAfter is how long the gateway asks to wait before another try. 0 where it does not ask.
	RetryAfter time.Duration
	// Metadata holds facts for programs, under the keys that the reason's comment in sluice.v1.ErrorReason names.
	Metadata map[string]string
	// Violations are the fields that are wrong, with ReasonInvalidRequest.
	Violations []FieldViolation
	// RequestID names the call in the gateway's logs and records. Empty where it did not answer.
	RequestID string
	// Decision is what the gateway did. Nil where it did not say.
	Decision *sluicev1.Decision

	cause error
	// In the gateway's own words, not as seen from here.
	fromGateway bool
}

// FieldViolation is a field of the request that breaks the contract.
type FieldViolation struct {
	// Field is its path, as in generation.model.
	Field string
	// Description says what is wrong with it, for people.
	Description string
}

// Error gives the reason and the message, with the request's id where it is known.
func (e *Error) Error() string {
	text := "sluice: " + string(e.Reason) + ": " + e.Message
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// Retryable says whether the same call can succeed later without anybody's doing.
func (e *Error) Retryable() bool {
	return retryable[e.Reason]
}

// Unwrap gives the *connect.Error below, where there is one. With a canceled context it holds the context's cause.
func (e *Error) Unwrap() error {
	return e.cause
}

// Is lets a cancel and a deadline be told as everywhere in Go, also where the gateway noticed them first.
func (e *Error) Is(target error) bool {
	switch target {
	case context.Canceled:
		return e.Reason == ReasonCanceled
	case context.DeadlineExceeded:
		return e.Reason == ReasonDeadlineExceeded
	default:
		return false
	}
}
