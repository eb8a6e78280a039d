package sluice

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
	"github.com/sluice-ai/sluice/clients/go/gen/sluice/v1/sluicev1connect"
)

type chatStream = connect.ServerStream[sluicev1.StreamChatResponse]

// fakeGateway answers what the real one does not on demand. Functions that are not set are unimplemented.
type fakeGateway struct {
	sluicev1connect.UnimplementedChatServiceHandler
	sluicev1connect.UnimplementedModelServiceHandler
	onChat   func(ctx context.Context, request *connect.Request[sluicev1.ChatRequest]) (*sluicev1.ChatResponse, error)
	onStream func(ctx context.Context, stream *chatStream) error
	onCount  func() (*sluicev1.CountTokensResponse, error)
	onList   func(request *sluicev1.ListModelsRequest) (*sluicev1.ListModelsResponse, error)
}

func (f *fakeGateway) Chat(
	ctx context.Context, request *connect.Request[sluicev1.ChatRequest],
) (*connect.Response[sluicev1.ChatResponse], error) {
	return respond(f.onChat(ctx, request))
}

func (f *fakeGateway) StreamChat(
	ctx context.Context, _ *connect.Request[sluicev1.StreamChatRequest], stream *chatStream,
) error {
	return f.onStream(ctx, stream)
}

func (f *fakeGateway) CountTokens(
	context.Context, *connect.Request[sluicev1.CountTokensRequest],
) (*connect.Response[sluicev1.CountTokensResponse], error) {
	return respond(f.onCount())
}

func (f *fakeGateway) ListModels(
	_ context.Context, request *connect.Request[sluicev1.ListModelsRequest],
) (*connect.Response[sluicev1.ListModelsResponse], error) {
	return respond(f.onList(request.Msg))
}

func respond[T any](message *T, err error) (*connect.Response[T], error) {
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(message), nil
}

// serve listens for all three protocols.
func (f *fakeGateway) serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(sluicev1connect.NewChatServiceHandler(f))
	mux.Handle(sluicev1connect.NewModelServiceHandler(f))
	server := httptest.NewUnstartedServer(mux)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// overFake runs a case against a fake gateway with each protocol. Each run has a fake of its own.
func overFake(t *testing.T, make func() *fakeGateway, run func(t *testing.T, client *Client)) {
	for name, protocol := range protocols {
		t.Run(name, func(t *testing.T) {
			run(t, newTestClient(t, make().serve(t), "sk-sluice-test", WithProtocol(protocol)))
		})
	}
}

// recordWaits makes a client wait not at all, with the longest jitter there is, and returns what it would have waited.
func recordWaits(client *Client) *[]time.Duration {
	waits := new([]time.Duration)
	client.timing.random = func() float64 { return 1 }
	client.timing.sleep = func(_ context.Context, wait time.Duration) { *waits = append(*waits, wait) }
	return waits
}

// refuse is an error in the gateway's words.
func refuse(code connect.Code, reason string, details ...proto.Message) error {
	refusal := connect.NewError(code, http.ErrAbortHandler)
	info := &errdetails.ErrorInfo{Reason: reason, Domain: errorDomain, Metadata: map[string]string{"provider": "fake"}}
	for _, message := range append([]proto.Message{info}, details...) {
		detail, err := connect.NewErrorDetail(message)
		if err != nil {
			panic(err)
		}
		refusal.AddDetail(detail)
	}
	return refusal
}

func retryAfter(wait time.Duration) proto.Message {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(wait)}
}

func textEvents(texts ...string) []*sluicev1.StreamChatResponse {
	part := &sluicev1.Part{Kind: &sluicev1.Part_Text{Text: &sluicev1.TextPart{}}}
	events := []*sluicev1.StreamChatResponse{
		{Event: &sluicev1.StreamChatResponse_Start{Start: &sluicev1.StreamStart{Id: "fake-1"}}},
		{Event: &sluicev1.StreamChatResponse_PartStart{PartStart: &sluicev1.PartStart{Part: part}}},
	}
	for _, text := range texts {
		delta := &sluicev1.PartDelta{Delta: &sluicev1.PartDelta_Text{Text: text}}
		events = append(events, &sluicev1.StreamChatResponse{Event: &sluicev1.StreamChatResponse_PartDelta{PartDelta: delta}})
	}
	return events
}

func finishEvent(finish *sluicev1.StreamFinish) *sluicev1.StreamChatResponse {
	return &sluicev1.StreamChatResponse{Event: &sluicev1.StreamChatResponse_Finish{Finish: finish}}
}

func send(stream *chatStream, events ...*sluicev1.StreamChatResponse) error {
	for _, event := range events {
		if err := stream.Send(event); err != nil {
			return err
		}
	}
	return nil
}
