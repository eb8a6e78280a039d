package sluice

import (
	"context"
	"errors"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// errorDomain is who defines the reasons, in google.rpc.ErrorInfo.
const errorDomain = "sluice.dev"

const requestIDHeader = "X-Request-Id"

// readError makes an Error of any failure of a call: in the gateway's words where it spoke, else by what is seen from
// here. The context is the call's.
func readError(ctx context.Context, failure error) *Error {
	if known, ok := errors.AsType[*Error](failure); ok {
		return known
	}
	rpc, ok := errors.AsType[*connect.Error](failure)
	if !ok {
		rpc = connect.NewError(connect.CodeOf(failure), failure)
	}
	if spoken := gatewayError(rpc); spoken != nil {
		return spoken
	}
	return localError(ctx, rpc)
}

// gatewayError reads the details; nil where they hold no reason of the gateway's.
func gatewayError(rpc *connect.Error) *Error {
	result := &Error{Code: rpc.Code(), Message: rpc.Message(), cause: rpc}
	for _, detail := range rpc.Details() {
		value, err := detail.Value()
		if err != nil {
			continue // A detail newer than this client.
		}
		addDetail(result, value)
	}
	if !result.fromGateway {
		return nil
	}
	result.RequestID = rpc.Meta().Get(requestIDHeader)
	if result.RequestID == "" {
		result.RequestID = result.Decision.GetRequestId()
	}
	return result
}

func addDetail(result *Error, detail any) {
	switch detail := detail.(type) {
	case *errdetails.ErrorInfo:
		if detail.GetDomain() == errorDomain && detail.GetReason() != "" {
			result.Reason, result.Metadata = Reason(detail.GetReason()), detail.GetMetadata()
			result.fromGateway = true
		}
	case *errdetails.RetryInfo:
		result.RetryAfter = detail.GetRetryDelay().AsDuration()
	case *errdetails.BadRequest:
		for _, violation := range detail.GetFieldViolations() {
			field := FieldViolation{Field: violation.GetField(), Description: violation.GetDescription()}
			result.Violations = append(result.Violations, field)
		}
	case *sluicev1.Decision:
		result.Decision = detail
	}
}

// localError: the gateway gave no reason. The caller's context, the network or something between is why.
func localError(ctx context.Context, rpc *connect.Error) *Error {
	if stopped := contextError(ctx); stopped != nil {
		return stopped
	}
	result := &Error{Code: rpc.Code(), Message: rpc.Message(), cause: rpc, RequestID: rpc.Meta().Get(requestIDHeader)}
	switch {
	case readConnectionFault(rpc) != faultNone:
		result.Reason, result.Code = ReasonConnection, connect.CodeUnavailable
		result.Message = "No answer from the gateway: " + rpc.Message()
	case rpc.Code() == connect.CodeDeadlineExceeded:
		return deadlineError(rpc)
	case rpc.Code() == connect.CodeCanceled:
		result.Reason = ReasonCanceled
	default:
		result.Reason = ReasonUnknown
	}
	return result
}

// contextError is why the call's context ends it; nil while it does not. The clock is asked too, because a call can
// fail at its deadline before the context's own timer has run.
func contextError(ctx context.Context) *Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		cause := connect.NewError(connect.CodeCanceled, context.Cause(ctx))
		return &Error{Reason: ReasonCanceled, Code: connect.CodeCanceled, Message: "The caller canceled.", cause: cause}
	}
	deadline, hasDeadline := ctx.Deadline()
	if ctx.Err() == nil && (!hasDeadline || time.Now().Before(deadline)) {
		return nil
	}
	cause := context.Cause(ctx)
	if cause == nil {
		cause = context.DeadlineExceeded
	}
	return deadlineError(connect.NewError(connect.CodeDeadlineExceeded, cause))
}

func deadlineError(cause error) *Error {
	message := "The call's deadline passed."
	return &Error{Reason: ReasonDeadlineExceeded, Code: connect.CodeDeadlineExceeded, Message: message, cause: cause}
}
