package sluice

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// failingFirst fails so often before it answers; all kinds of calls count together.
func failingFirst(failures int32, failure error) (*fakeGateway, *atomic.Int32) {
	calls := new(atomic.Int32)
	answer := func() error {
		if calls.Add(1) <= failures {
			return failure
		}
		return nil
	}
	fake := &fakeGateway{
		onChat: func(context.Context, *connect.Request[sluicev1.ChatRequest]) (*sluicev1.ChatResponse, error) {
			return &sluicev1.ChatResponse{}, answer()
		},
		onCount: func() (*sluicev1.CountTokensResponse, error) { return &sluicev1.CountTokensResponse{}, answer() },
		onStream: func(_ context.Context, stream *chatStream) error {
			if err := answer(); err != nil {
				return err
			}
			return send(stream, append(textEvents("ok"), finishEvent(&sluicev1.StreamFinish{}))...)
		},
	}
	return fake, calls
}

func overloaded() error {
	return refuse(connect.CodeUnavailable, "UPSTREAM_OVERLOADED")
}

var retriedCalls = map[string]func(context.Context, *Client) error{
	"Chat": func(ctx context.Context, client *Client) error {
		_, err := client.Chat(ctx, hello("any"))
		return err
	},
	"CountTokens": func(ctx context.Context, client *Client) error {
		_, err := client.CountTokens(ctx, hello("any"))
		return err
	},
	"StreamChat": func(ctx context.Context, client *Client) error {
		stream, err := client.StreamChat(ctx, hello("any"))
		if err != nil {
			return err
		}
		_, err = stream.Final()
		return err
	},
}

func TestARetryableFailureIsSentAgainWithGrowingWaits(t *testing.T) {
	for name, call := range retriedCalls {
		for protocolName, protocol := range protocols {
			t.Run(name+" over "+protocolName, func(t *testing.T) {
				fake, calls := failingFirst(2, overloaded())
				client := newTestClient(t, fake.serve(t), "k", WithProtocol(protocol))
				waits := recordWaits(client)
				if err := call(t.Context(), client); err != nil || calls.Load() != 3 {
					t.Errorf("got %v after %d calls", err, calls.Load())
				}
				if !slices.Equal(*waits, []time.Duration{500 * time.Millisecond, time.Second}) {
					t.Errorf("waited %v", *waits)
				}
			})
		}
	}
}

func TestRetriesEnd(t *testing.T) {
	for _, maxRetries := range []int{0, 1, 6} {
		fake, calls := failingFirst(100, overloaded())
		client := newTestClient(t, fake.serve(t), "k", WithMaxRetries(maxRetries))
		waits := recordWaits(client)
		if failure := chatFailure(t, client); failure.Reason != ReasonUpstreamOverloaded || int(calls.Load()) != maxRetries+1 {
			t.Errorf("got %v after %d calls", failure, calls.Load())
		}
		if len(*waits) > 0 && slices.Max(*waits) > backoffMax {
			t.Errorf("waited %v", *waits)
		}
	}
}

func TestAFinalFailureIsNotSentAgain(t *testing.T) {
	fake, calls := failingFirst(1, refuse(connect.CodeInvalidArgument, "INVALID_REQUEST"))
	client := newTestClient(t, fake.serve(t), "k")
	if chatFailure(t, client); calls.Load() != 1 {
		t.Errorf("%d calls", calls.Load())
	}
}

func TestTheWaitThatTheGatewayAsksForIsKept(t *testing.T) {
	fake, _ := failingFirst(1, refuse(connect.CodeResourceExhausted, "UPSTREAM_RATE_LIMITED", retryAfter(7*time.Second)))
	client := newTestClient(t, fake.serve(t), "k")
	waits := recordWaits(client)
	if _, err := client.Chat(t.Context(), hello("any")); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(*waits, []time.Duration{7*time.Second + backoffBase}) {
		t.Errorf("waited %v", *waits)
	}
}

func TestAWaitThatIsTooLongIsNotBegun(t *testing.T) {
	cases := map[string]struct{ asked, timeout time.Duration }{
		"past the deadline":   {2 * time.Second, time.Second},
		"more than a minute":  {61 * time.Second, 0},
		"a minute and jitter": {time.Minute, time.Minute},
	}
	for name, each := range cases {
		t.Run(name, func(t *testing.T) {
			limited := refuse(connect.CodeResourceExhausted, "UPSTREAM_RATE_LIMITED", retryAfter(each.asked))
			fake, calls := failingFirst(1, limited)
			client := newTestClient(t, fake.serve(t), "k", WithTimeout(each.timeout))
			failure := chatFailure(t, client)
			if failure.Reason != ReasonUpstreamRateLimited || failure.RetryAfter != each.asked || calls.Load() != 1 {
				t.Errorf("got %v after %d calls", failure, calls.Load())
			}
		})
	}
}

func TestACancelEndsTheWait(t *testing.T) {
	fake, calls := failingFirst(100, refuse(connect.CodeUnavailable, "SHUTTING_DOWN", retryAfter(30*time.Second)))
	client := newTestClient(t, fake.serve(t), "k")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := client.Chat(ctx, hello("any"))
	if !errors.Is(err, context.Canceled) || calls.Load() != 1 {
		t.Errorf("got %v after %d calls", err, calls.Load())
	}
}

func TestAStreamIsNeverSentAgainOnceAnEventHasCome(t *testing.T) {
	calls := new(atomic.Int32)
	fake := func() *fakeGateway {
		calls.Store(0)
		return &fakeGateway{onStream: func(_ context.Context, stream *chatStream) error {
			calls.Add(1)
			if err := send(stream, textEvents()...); err != nil {
				return err
			}
			return overloaded()
		}}
	}
	overFake(t, fake, func(t *testing.T, client *Client) {
		_, err := openStream(t, client).Final()
		if failureOf(t, err).Reason != ReasonUpstreamOverloaded || calls.Load() != 1 {
			t.Errorf("got %v after %d calls", err, calls.Load())
		}
	})
}

// hangingUp accepts connections, reads what comes first and closes or resets them.
func hangingUp(t *testing.T, reset bool) (string, *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	calls := new(atomic.Int32)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			_, _ = connection.Read(make([]byte, 4096))
			if tcp, ok := connection.(*net.TCPConn); ok && reset {
				_ = tcp.SetLinger(0)
			}
			_ = connection.Close()
		}
	}()
	return "http://" + listener.Addr().String(), calls
}

func TestALostAnswerIsAskedForAgainOnlyWhereThatCostsNothing(t *testing.T) {
	for name, want := range map[string]int32{"Chat": 1, "StreamChat": 1, "CountTokens": 3} {
		for _, reset := range []bool{false, true} {
			url, calls := hangingUp(t, reset)
			client := newTestClient(t, url, "k")
			recordWaits(client)
			err := retriedCalls[name](t.Context(), client)
			if failureOf(t, err).Reason != ReasonConnection || calls.Load() != want {
				t.Errorf("%s (reset: %v): got %v after %d connections", name, reset, err, calls.Load())
			}
		}
	}
}

func TestACallThatWasNeverSentIsTriedAgain(t *testing.T) {
	for name, call := range retriedCalls {
		client := newTestClient(t, deadAddress(t), "k")
		waits := recordWaits(client)
		err := call(t.Context(), client)
		if failureOf(t, err).Reason != ReasonConnection || len(*waits) != 2 {
			t.Errorf("%s: got %v after %d waits", name, err, len(*waits))
		}
	}
}
