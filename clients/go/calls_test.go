package sluice

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

const chatModel = "simulator/simulated-chat"

func hello(model string) *sluicev1.ChatRequest {
	return NewChatRequest(model, UserText("Hello"))
}

func TestAnAnswerInOnePieceComesWithItsUsageAndDecision(t *testing.T) {
	overProtocols(t, func(t *testing.T, client *Client) {
		answer, err := client.Chat(t.Context(), hello(chatModel))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(AnswerText(answer), "Hello") {
			t.Errorf("the answer is %q", AnswerText(answer))
		}
		if answer.GetUsage().GetInputTokens() == 0 || answer.GetDecision().GetRequestId() == "" {
			t.Errorf("usage %v, decision %v", answer.GetUsage(), answer.GetDecision())
		}
	})
}

func TestAStreamSaysTheSameAsTheAnswerInOnePiece(t *testing.T) {
	overProtocols(t, func(t *testing.T, client *Client) {
		whole, err := client.Chat(t.Context(), hello(chatModel))
		if err != nil {
			t.Fatal(err)
		}
		stream, err := client.StreamChat(t.Context(), hello(chatModel))
		if err != nil {
			t.Fatal(err)
		}
		text, err := stream.Text()
		if err != nil || text != AnswerText(whole) {
			t.Errorf("got %q and %v, want %q", text, err, AnswerText(whole))
		}
		if stream.FinishReason() != sluicev1.FinishReason_FINISH_REASON_STOP {
			t.Errorf("it ended with %v", stream.FinishReason())
		}
		if stream.Usage().GetOutputTokens() != whole.GetUsage().GetOutputTokens() {
			t.Errorf("usage %v, in one piece %v", stream.Usage(), whole.GetUsage())
		}
		if len(stream.Decision().GetAttempts()) != 1 {
			t.Errorf("decision %v", stream.Decision())
		}
	})
}

func weatherRequest() *sluicev1.ChatRequest {
	request := NewChatRequest(chatModel, UserText("What is the weather in Paris? Call get_weather."))
	schema := `{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`
	function := &sluicev1.FunctionTool{Name: "get_weather", ParametersJsonSchema: schema}
	request.Generation.Tools = []*sluicev1.Tool{{Kind: &sluicev1.Tool_Function{Function: function}}}
	return request
}

func TestAToolCallIsWholeAndItsResultGoesBack(t *testing.T) {
	overProtocols(t, func(t *testing.T, client *Client) {
		request := weatherRequest()
		stream, err := client.StreamChat(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := stream.Final()
		if err != nil {
			t.Fatal(err)
		}
		calls := AnswerToolCalls(answer)
		if len(calls) != 1 || calls[0].GetName() != "get_weather" || !json.Valid([]byte(calls[0].GetArgumentsJson())) {
			t.Fatalf("the calls are %v", calls)
		}
		if stream.FinishReason() != sluicev1.FinishReason_FINISH_REASON_TOOL_CALLS {
			t.Errorf("it ended with %v", stream.FinishReason())
		}
		turns := []*sluicev1.Message{AssistantTurn(answer.GetChoices()[0]), ToolText(calls[0], "Rain, 12 degrees.")}
		request.Generation.Messages = append(request.Generation.Messages, turns...)
		next, err := client.Chat(t.Context(), request)
		if err != nil || AnswerText(next) == "" {
			t.Errorf("with the result: %q, %v", AnswerText(next), err)
		}
	})
}

func TestEmbeddingsTokensAndModels(t *testing.T) {
	overProtocols(t, func(t *testing.T, client *Client) {
		vectors, err := client.Embed(t.Context(), NewEmbedRequest("simulator/simulated-embedding", "one", "two"))
		if err != nil || len(vectors.GetVectors()) != 2 || len(vectors.GetVectors()[1].GetValues()) == 0 {
			t.Errorf("vectors %v, %v", vectors, err)
		}
		count, err := client.CountTokens(t.Context(), hello(chatModel))
		if err != nil || count.GetInputTokens() == 0 {
			t.Errorf("tokens %v, %v", count, err)
		}
		var names []string
		for model, err := range client.ListModels(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, model.GetId())
		}
		if !slices.Contains(names, chatModel) {
			t.Errorf("the models are %v", names)
		}
		model, err := client.GetModel(t.Context(), chatModel)
		if err != nil || model.GetOwnedBy() != "simulator" {
			t.Errorf("the model is %v, %v", model, err)
		}
	})
}

func TestAWrongKeyIsUnauthenticated(t *testing.T) {
	target := theGateway(t)
	for name, protocol := range protocols {
		t.Run(name, func(t *testing.T) {
			client := newTestClient(t, target.url, "sk-sluice-wrong", WithProtocol(protocol))
			_, err := client.Chat(t.Context(), hello(chatModel))
			failure := failureOf(t, err)
			if failure.Reason != ReasonUnauthenticated || failure.Code != connect.CodeUnauthenticated {
				t.Errorf("got %v", failure)
			}
		})
	}
}

func TestAnUnknownModelIsNotFound(t *testing.T) {
	overProtocols(t, func(t *testing.T, client *Client) {
		_, err := client.Chat(t.Context(), hello(chatModel+"?fault=status&code=404"))
		failure := failureOf(t, err)
		if failure.Reason != ReasonModelNotFound || failure.Code != connect.CodeNotFound || failure.RequestID == "" {
			t.Errorf("got %+v", failure)
		}
		if len(failure.Metadata) == 0 {
			t.Error("the error names no model")
		}
	})
}

func TestABrokenRuleOfTheContractNamesItsField(t *testing.T) {
	overProtocols(t, func(t *testing.T, client *Client) {
		request := hello(chatModel)
		request.Generation.Temperature = new(7.0)
		_, err := client.Chat(t.Context(), request)
		failure := failureOf(t, err)
		if failure.Reason != ReasonInvalidRequest || len(failure.Violations) != 1 {
			t.Fatalf("got %+v", failure)
		}
		if failure.Violations[0].Field != "generation.temperature" || failure.Violations[0].Description == "" {
			t.Errorf("violations %v", failure.Violations)
		}
	})
}

func TestARateLimitOfTheProviderSaysHowLongToWait(t *testing.T) {
	overProtocols(t, func(t *testing.T, client *Client) {
		request := hello(chatModel + "?fault=status&code=429&retry-after=17")
		request.Gateway = &sluicev1.GatewayControls{MaxRetries: new(uint32(0))}
		_, err := client.StreamChat(t.Context(), request)
		failure := failureOf(t, err)
		if failure.Reason != ReasonUpstreamRateLimited || failure.Code != connect.CodeResourceExhausted || !failure.Retryable() {
			t.Fatalf("got %+v", failure)
		}
		if failure.RetryAfter < 15*time.Second || failure.RetryAfter > 17*time.Second {
			t.Errorf("retry after %v", failure.RetryAfter)
		}
		if attempts := failure.Decision.GetAttempts(); len(attempts) != 1 || attempts[0].GetStatus() != 429 {
			t.Errorf("decision %v", failure.Decision)
		}
		if _, ok := errors.AsType[*connect.Error](err); !ok {
			t.Error("no connect error below")
		}
	})
}

const slowModel = chatModel + "?latency=20000"

func TestADeadlineEndsACallInTime(t *testing.T) {
	calls := map[string]func(context.Context, *Client) error{
		"Chat": func(ctx context.Context, client *Client) error {
			_, err := client.Chat(ctx, hello(slowModel))
			return err
		},
		"StreamChat": func(ctx context.Context, client *Client) error {
			_, err := client.StreamChat(ctx, hello(slowModel))
			return err
		},
		"StreamChat, later": func(ctx context.Context, client *Client) error {
			stream, err := client.StreamChat(ctx, hello(chatModel+"?output-tokens=1000&tokens-per-second=20"))
			if err != nil {
				return err
			}
			_, err = stream.Final()
			return err
		},
	}
	overProtocols(t, func(t *testing.T, client *Client) {
		for name, call := range calls {
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
			err := call(ctx, client)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || failureOf(t, err).Reason != ReasonDeadlineExceeded {
				t.Errorf("%s: got %v", name, err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("%s took %v", name, took)
			}
		}
	})
}

func TestTheClientsTimeoutIsADeadlineToo(t *testing.T) {
	target := theGateway(t)
	client := newTestClient(t, target.url, target.key, WithTimeout(150*time.Millisecond))
	_, err := client.Chat(t.Context(), hello(slowModel))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestACancelEndsACall(t *testing.T) {
	reason := errors.New("nobody wants it any more")
	overProtocols(t, func(t *testing.T, client *Client) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(50*time.Millisecond, func() { cancel(reason) })
		_, err := client.Chat(ctx, hello(slowModel))
		if !errors.Is(err, context.Canceled) || failureOf(t, err).Reason != ReasonCanceled || !errors.Is(err, reason) {
			t.Errorf("got %v", err)
		}
		_, err = client.StreamChat(ctx, hello(chatModel))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a canceled context: got %v", err)
		}
	})
}
