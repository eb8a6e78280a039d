package sluice

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

func openStream(t *testing.T, client *Client) *Stream {
	t.Helper()
	stream, err := client.StreamChat(t.Context(), hello("any"))
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// endless streams until its caller goes away, and says so.
func endless(gone chan<- struct{}) *fakeGateway {
	return &fakeGateway{onStream: func(ctx context.Context, stream *chatStream) error {
		defer func() { gone <- struct{}{} }()
		if err := send(stream, textEvents("one ")...); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}}
}

func TestLeavingAStreamEarlyEndsTheCallAtTheGateway(t *testing.T) {
	ways := map[string]func(*Stream){
		"Close": func(stream *Stream) {
			stream.Next()
			_ = stream.Close()
		},
		"Close before reading": func(stream *Stream) { _ = stream.Close() },
		"break out of Events": func(stream *Stream) {
			for range stream.Events() {
				break
			}
		},
		"break out of TextStream": func(stream *Stream) {
			for range stream.TextStream() {
				break
			}
		},
	}
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			gone := make(chan struct{}, 1)
			overFake(t, func() *fakeGateway { return endless(gone) }, func(t *testing.T, client *Client) {
				stream := openStream(t, client)
				leave(stream)
				select {
				case <-gone:
				case <-time.After(5 * time.Second):
					t.Error("the gateway still streams")
				}
				if stream.Next() {
					t.Error("an event after the stream was left")
				}
				if _, err := stream.Text(); !errors.Is(err, context.Canceled) {
					t.Errorf("reading on: got %v", err)
				}
			})
		})
	}
}

func TestCloseWakesAReadThatWaits(t *testing.T) {
	gone := make(chan struct{}, 1)
	overFake(t, func() *fakeGateway { return endless(gone) }, func(t *testing.T, client *Client) {
		stream := openStream(t, client)
		time.AfterFunc(50*time.Millisecond, func() { _ = stream.Close() })
		for stream.Next() {
		}
		if !errors.Is(stream.Err(), context.Canceled) {
			t.Errorf("got %v", stream.Err())
		}
		<-gone
	})
}

func TestAStreamWithoutItsFinishEventIsInterrupted(t *testing.T) {
	endings := map[string]func(stream *chatStream) error{
		"at once":        func(*chatStream) error { return nil },
		"after events":   func(stream *chatStream) error { return send(stream, textEvents("half")...) },
		"by a reset":     func(stream *chatStream) error { _ = send(stream, textEvents("half")...); panic(http.ErrAbortHandler) },
		"by a bare code": func(stream *chatStream) error { _ = send(stream, textEvents("half")...); return errors.New("oops") },
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			fake := func() *fakeGateway {
				return &fakeGateway{onStream: func(_ context.Context, stream *chatStream) error { return end(stream) }}
			}
			overFake(t, fake, func(t *testing.T, client *Client) {
				_, err := openStream(t, client).Final()
				failure := failureOf(t, err)
				if failure.Reason != ReasonStreamInterrupted || failure.Code != connect.CodeUnavailable {
					t.Errorf("got %v", failure)
				}
			})
		})
	}
}

func TestWhatCameBeforeAFailureStands(t *testing.T) {
	fake := func() *fakeGateway {
		return &fakeGateway{onStream: func(_ context.Context, stream *chatStream) error {
			if err := send(stream, textEvents("so ", "far")...); err != nil {
				return err
			}
			return refuse(connect.CodeUnavailable, "UPSTREAM_OVERLOADED", &sluicev1.Decision{RequestId: "req_1"})
		}}
	}
	overFake(t, fake, func(t *testing.T, client *Client) {
		var text string
		var failure error
		for piece, err := range openStream(t, client).TextStream() {
			text += piece
			failure = err
		}
		if text != "so far" {
			t.Errorf("the text is %q", text)
		}
		if got := failureOf(t, failure); got.Reason != ReasonUpstreamOverloaded || got.RequestID != "req_1" {
			t.Errorf("got %v", got)
		}
	})
}

func TestEventsAfterFinishDoNotCount(t *testing.T) {
	fake := func() *fakeGateway {
		return &fakeGateway{onStream: func(_ context.Context, stream *chatStream) error {
			events := append(textEvents("whole"), finishEvent(&sluicev1.StreamFinish{ServiceTier: "flex"}))
			return send(stream, append(events, textEvents("late")...)...)
		}}
	}
	overFake(t, fake, func(t *testing.T, client *Client) {
		stream := openStream(t, client)
		var last *sluicev1.StreamChatResponse
		for stream.Next() {
			last = stream.Event()
		}
		answer, err := stream.Final()
		if err != nil || last.GetFinish() == nil || AnswerText(answer) != "whole" || answer.GetServiceTier() != "flex" {
			t.Errorf("the last event is %v, the answer %v, %v", last, answer, err)
		}
	})
}

// What a contract newer than this client may send: an event of an unknown kind.
func unknownEvent(t *testing.T) *sluicev1.StreamChatResponse {
	event := &sluicev1.StreamChatResponse{}
	wire := protowire.AppendString(protowire.AppendTag(nil, 99, protowire.BytesType), "new")
	if err := proto.Unmarshal(wire, event); err != nil {
		t.Fatal(err)
	}
	return event
}

func TestEventsNewerThanTheClientAreSkipped(t *testing.T) {
	fake := func() *fakeGateway {
		return &fakeGateway{onStream: func(_ context.Context, stream *chatStream) error {
			events := append([]*sluicev1.StreamChatResponse{unknownEvent(t)}, textEvents("a")...)
			return send(stream, append(events, unknownEvent(t), finishEvent(&sluicev1.StreamFinish{}))...)
		}}
	}
	overFake(t, fake, func(t *testing.T, client *Client) {
		for event, err := range openStream(t, client).Events() {
			if err != nil || event.GetEvent() == nil {
				t.Errorf("got %v, %v", event, err)
			}
		}
	})
}
