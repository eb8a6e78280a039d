package sluice

import (
	"context"
	"iter"

	"connectrpc.com/connect"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// Stream is a streamed answer. Its events can be read once, by one goroutine; Close may be called from any. Leaving it
// early, by Close or by leaving a loop over Events or TextStream, cancels the call here and at the gateway. A failure is
// an *Error; what came before it stands.
type Stream struct {
	ctx      context.Context
	cancel   context.CancelFunc
	messages *connect.ServerStreamForClient[sluicev1.StreamChatResponse]
	// The first message was received and waits for Next.
	hasFirst bool

	event  *sluicev1.StreamChatResponse
	answer answerBuilder
	err    *Error
}

// StreamChat answers a conversation piece by piece. It waits for the first event: a failure before that is returned
// here, after the retries that it allows. Close the stream, unless it was read to its end.
func (c *Client) StreamChat(ctx context.Context, request *sluicev1.ChatRequest) (*Stream, error) {
	message := &sluicev1.StreamChatRequest{
		Generation: request.GetGeneration(),
		Metadata:   c.metadataOf(request),
		Gateway:    request.GetGateway(),
	}
	ctx, cancel := c.openCall(ctx)
	stream, err := withRetries(ctx, c, attempt[*Stream]{run: func(ctx context.Context) (*Stream, error) {
		messages, err := c.chat.StreamChat(ctx, authorized(c, message))
		if err != nil {
			return nil, err
		}
		stream := &Stream{ctx: ctx, cancel: cancel, messages: messages, hasFirst: messages.Receive()}
		if err := messages.Err(); err != nil {
			_ = messages.Close()
			return nil, err
		}
		return stream, nil
	}})
	if err != nil {
		cancel()
		return nil, err
	}
	return stream, nil
}

// Next reads the next event, up to and with finish. False at the end and after a failure: Err tells the two apart.
func (s *Stream) Next() bool {
	for s.err == nil && s.answer.finish == nil {
		if !s.receive() {
			s.fail(s.messages.Err())
			return false
		}
		s.event = s.messages.Msg()
		if s.event.GetEvent() == nil {
			continue // An event newer than this client.
		}
		s.answer.add(s.event)
		if s.answer.finish != nil {
			s.readOut()
		}
		return true
	}
	return false
}

// Event is the event that Next read.
func (s *Stream) Event() *sluicev1.StreamChatResponse {
	return s.event
}

// Err is why the stream failed, an *Error; nil before its end and after a whole answer. Reading on after Close fails with
// ReasonCanceled.
func (s *Stream) Err() error {
	if s.err == nil {
		return nil
	}
	return s.err
}

// Close ends the call. A Next that waits fails with ReasonCanceled. Without effect after the end. It returns nil.
func (s *Stream) Close() error {
	s.cancel()
	_ = s.messages.Close()
	return nil
}

// Events gives every event, and at last the failure, if there is one. Leaving the loop closes the stream.
func (s *Stream) Events() iter.Seq2[*sluicev1.StreamChatResponse, error] {
	return func(yield func(*sluicev1.StreamChatResponse, error) bool) {
		defer func() { _ = s.Close() }()
		for s.Next() {
			if !yield(s.event, nil) {
				return
			}
		}
		if s.err != nil {
			yield(nil, s.err)
		}
	}
}

// TextStream gives the first answer's text as it comes. Leaving the loop closes the stream.
func (s *Stream) TextStream() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for event, err := range s.Events() {
			text := s.answer.newText(event)
			if (text != "" || err != nil) && !yield(text, err) {
				return
			}
		}
	}
}

// Text reads to the end. The first answer's whole text, with what was read before.
func (s *Stream) Text() (string, error) {
	answer, err := s.Final()
	return AnswerText(answer), err
}

// Final reads to the end. The whole answer as Chat would have given it, with what was read before.
func (s *Stream) Final() (*sluicev1.ChatResponse, error) {
	defer func() { _ = s.Close() }()
	for s.Next() {
	}
	if s.err != nil {
		return nil, s.err
	}
	return s.answer.build(), nil
}

// Decision is what the gateway did. Nil until the finish event was read.
func (s *Stream) Decision() *sluicev1.Decision {
	return s.answer.finish.GetDecision()
}

// Usage is the tokens of the attempt that answered. Nil until the finish event was read, and where the provider did not
// say.
func (s *Stream) Usage() *sluicev1.Usage {
	return s.answer.finish.GetUsage()
}

// FinishReason is why the first answer ended. Unspecified until the finish event was read.
func (s *Stream) FinishReason() sluicev1.FinishReason {
	for _, ended := range s.answer.finish.GetChoices() {
		if ended.GetChoice() == 0 {
			return ended.GetReason()
		}
	}
	return sluicev1.FinishReason_FINISH_REASON_UNSPECIFIED
}

// receive does not give the first message either after Close.
func (s *Stream) receive() bool {
	isFirst := s.hasFirst && s.ctx.Err() == nil
	s.hasFirst = false
	return isFirst || s.messages.Receive()
}

// fail ends a stream without its finish event. What breaks after a first event is an interruption, whatever the network
// calls it.
func (s *Stream) fail(failure error) {
	defer func() { _ = s.Close() }()
	if failure == nil {
		s.err = interrupted("The stream ended without its finish event.", nil)
		return
	}
	s.err = readError(s.ctx, failure)
	if !s.err.fromGateway && (s.err.Reason == ReasonConnection || s.err.Reason == ReasonUnknown) {
		s.err = interrupted("The stream broke: "+s.err.Message, s.err)
	}
}

// readOut reads to the end of the protocol, so that the connection is free again, and frees what the call held. The
// answer is whole whatever comes here.
func (s *Stream) readOut() {
	finish := s.messages.Msg()
	for s.messages.Receive() {
	}
	s.event = finish
	_ = s.Close()
}

func interrupted(message string, cause *Error) *Error {
	result := &Error{Reason: ReasonStreamInterrupted, Code: connect.CodeUnavailable, Message: message}
	if cause != nil {
		result.cause, result.RequestID = cause.cause, cause.RequestID
	}
	return result
}
