package sluice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// failing is a gateway whose chat fails with the error.
func failing(err error) *fakeGateway {
	return &fakeGateway{
		onChat: func(context.Context, *connect.Request[sluicev1.ChatRequest]) (*sluicev1.ChatResponse, error) {
			return nil, err
		},
	}
}

func chatFailure(t *testing.T, client *Client) *Error {
	t.Helper()
	_, err := client.Chat(t.Context(), hello("any"))
	return failureOf(t, err)
}

func TestAnErrorHasAllThatTheGatewaySays(t *testing.T) {
	violation := &errdetails.BadRequest_FieldViolation{Field: "generation.model", Description: "must not be empty"}
	refusal := refuse(
		connect.CodeInvalidArgument, "INVALID_REQUEST",
		retryAfter(1500*time.Millisecond),
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{violation}},
		&sluicev1.Decision{RequestId: "req_1", Attempts: []*sluicev1.Attempt{{Provider: "p", Status: 503}}},
	)
	overFake(t, func() *fakeGateway { return failing(refusal) }, func(t *testing.T, client *Client) {
		failure := chatFailure(t, client)
		if failure.Reason != ReasonInvalidRequest || failure.Code != connect.CodeInvalidArgument || failure.Retryable() {
			t.Errorf("got %+v", failure)
		}
		if failure.RetryAfter != 1500*time.Millisecond || failure.Metadata["provider"] != "fake" || failure.RequestID != "req_1" {
			t.Errorf("got %+v", failure)
		}
		if len(failure.Violations) != 1 || failure.Violations[0].Field != "generation.model" {
			t.Errorf("violations %v", failure.Violations)
		}
		if failure.Decision.GetAttempts()[0].GetStatus() != 503 {
			t.Errorf("decision %v", failure.Decision)
		}
		if !strings.Contains(failure.Error(), "INVALID_REQUEST") || !strings.Contains(failure.Error(), "req_1") {
			t.Errorf("as text: %v", failure)
		}
	})
}

func TestAReasonNewerThanTheClientIsKeptAndFinal(t *testing.T) {
	refusal := refuse(connect.CodeUnavailable, "MOON_TOO_FULL")
	overFake(t, func() *fakeGateway { return failing(refusal) }, func(t *testing.T, client *Client) {
		if failure := chatFailure(t, client); failure.Reason != "MOON_TOO_FULL" || failure.Retryable() {
			t.Errorf("got %+v", failure)
		}
	})
}

func TestAnErrorWithoutDetailsIsUnknownAndKeepsItsCode(t *testing.T) {
	refusal := connect.NewError(connect.CodePermissionDenied, errors.New("who are you"))
	overFake(t, func() *fakeGateway { return failing(refusal) }, func(t *testing.T, client *Client) {
		if failure := chatFailure(t, client); failure.Reason != ReasonUnknown || failure.Code != connect.CodePermissionDenied {
			t.Errorf("got %+v", failure)
		}
	})
}

func TestTheGatewaysOwnDeadlineAndCancelAreTheContexts(t *testing.T) {
	for reason, want := range map[string]error{"DEADLINE_EXCEEDED": context.DeadlineExceeded, "CANCELED": context.Canceled} {
		client := newTestClient(t, failing(refuse(connect.CodeAborted, reason)).serve(t), "k")
		if failure := chatFailure(t, client); !errors.Is(failure, want) {
			t.Errorf("%s: got %v", reason, failure)
		}
	}
}

func TestAllReasonsOfTheContractAreKnown(t *testing.T) {
	for number, name := range sluicev1.ErrorReason_name {
		short := Reason(strings.TrimPrefix(name, "ERROR_REASON_"))
		if _, known := retryable[short]; !known && number != 0 {
			t.Errorf("%s is not in the table", short)
		}
	}
	if want := len(sluicev1.ErrorReason_name) - 1 + 2; len(retryable) != want {
		t.Errorf("the table has %d reasons, the contract and the client %d", len(retryable), want)
	}
}

// deadAddress is one where nothing listens.
func deadAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	return "http://" + listener.Addr().String()
}

func TestNoGatewayIsAConnectionError(t *testing.T) {
	for name, protocol := range protocols {
		client := newTestClient(t, deadAddress(t), "k", WithProtocol(protocol), WithMaxRetries(0))
		if failure := chatFailure(t, client); failure.Reason != ReasonConnection || failure.Code != connect.CodeUnavailable {
			t.Errorf("%s: got %+v", name, failure)
		}
	}
}

// resetting is an HTTP client whose streams the gateway resets as HTTP/2 does.
type resetting struct{}

func (resetting) Do(*http.Request) (*http.Response, error) {
	return nil, errors.New("stream error: stream ID 1; CANCEL; received from peer")
}

func TestAResetByTheOtherSideIsNotTheCallersCancel(t *testing.T) {
	client := newTestClient(t, "http://127.0.0.1", "k", WithHTTPClient(resetting{}))
	if failure := chatFailure(t, client); failure.Reason != ReasonConnection || errors.Is(failure, context.Canceled) {
		t.Errorf("got %+v", failure)
	}
}

func TestAnUntrustedCertificateIsNotWorthARetry(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	client := newTestClient(t, server.URL, "k")
	waits := recordWaits(client)
	if failure := chatFailure(t, client); failure.Reason != ReasonUnknown || len(*waits) > 0 {
		t.Errorf("got %+v after %v", failure, *waits)
	}
}

func TestAPromptDoesNotFollowRedirects(t *testing.T) {
	var visits []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits = append(visits, r.URL.Path)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	failure := chatFailure(t, newTestClient(t, server.URL, "k"))
	if failure.Reason != ReasonUnknown || len(visits) != 1 {
		t.Errorf("got %v after %v", failure, visits)
	}
}

func TestNewRefusesWhatCannotBe(t *testing.T) {
	cases := []struct {
		baseURL, key string
		option       Option
	}{
		{"127.0.0.1:8080", "k", WithMaxRetries(0)},
		{"ftp://127.0.0.1", "k", WithMaxRetries(0)},
		{"http://127.0.0.1", "", WithMaxRetries(0)},
		{"http://127.0.0.1", "k\n", WithMaxRetries(0)},
		{"http://127.0.0.1", "k", WithMaxRetries(-1)},
		{"http://127.0.0.1", "k", WithTimeout(-time.Second)},
		{"http://127.0.0.1", "k", WithProtocol(7)},
	}
	for _, each := range cases {
		if _, err := New(each.baseURL, each.key, each.option); err == nil {
			t.Errorf("%s is taken", fmt.Sprint(each.baseURL, " ", each.key))
		}
	}
}
