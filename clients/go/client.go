package sluice

import (
	"context"

	"connectrpc.com/connect"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
	"github.com/sluice-ai/sluice/clients/go/gen/sluice/v1/sluicev1connect"
)

// Client calls a gateway. Every call that fails returns an *Error. Safe for use by several goroutines at once.
type Client struct {
	options
	authorization string
	timing        timing
	chat          sluicev1connect.ChatServiceClient
	embedding     sluicev1connect.EmbeddingServiceClient
	models        sluicev1connect.ModelServiceClient
}

// New makes a client of the gateway at the base URL, as in http://127.0.0.1:8080, with a key, sk-sluice-….
// Its error says which argument cannot be.
func New(baseURL, apiKey string, opts ...Option) (*Client, error) {
	chosen, err := readOptions(opts)
	if err != nil {
		return nil, err
	}
	if err := checkBaseURL(baseURL); err != nil {
		return nil, err
	}
	if err := checkKey(apiKey); err != nil {
		return nil, err
	}
	if chosen.httpClient == nil {
		chosen.httpClient = newHTTPClient(chosen.protocol)
	}
	protocol := protocolOptions(chosen.protocol)
	return &Client{
		options:       chosen,
		authorization: "Bearer " + apiKey,
		timing:        systemTiming,
		chat:          sluicev1connect.NewChatServiceClient(chosen.httpClient, baseURL, protocol...),
		embedding:     sluicev1connect.NewEmbeddingServiceClient(chosen.httpClient, baseURL, protocol...),
		models:        sluicev1connect.NewModelServiceClient(chosen.httpClient, baseURL, protocol...),
	}, nil
}

// Chat answers a conversation in one piece.
func (c *Client) Chat(ctx context.Context, request *sluicev1.ChatRequest) (*sluicev1.ChatResponse, error) {
	message := &sluicev1.ChatRequest{
		Generation: request.GetGeneration(),
		Metadata:   c.metadataOf(request),
		Gateway:    request.GetGateway(),
	}
	return unary(ctx, c, method[sluicev1.ChatRequest, sluicev1.ChatResponse]{call: c.chat.Chat}, message)
}

// CountTokens counts the tokens of a prompt without answering it.
func (c *Client) CountTokens(ctx context.Context, request *sluicev1.ChatRequest) (*sluicev1.CountTokensResponse, error) {
	message := &sluicev1.CountTokensRequest{
		Generation: request.GetGeneration(),
		Metadata:   c.metadataOf(request),
		Gateway:    request.GetGateway(),
	}
	count := method[sluicev1.CountTokensRequest, sluicev1.CountTokensResponse]{c.chat.CountTokens, true}
	return unary(ctx, c, count, message)
}

// Embed makes a vector of each input.
func (c *Client) Embed(ctx context.Context, request *sluicev1.EmbedRequest) (*sluicev1.EmbedResponse, error) {
	message := &sluicev1.EmbedRequest{
		Embedding: request.GetEmbedding(),
		Metadata:  c.metadataOf(request),
		Gateway:   request.GetGateway(),
	}
	return unary(ctx, c, method[sluicev1.EmbedRequest, sluicev1.EmbedResponse]{call: c.embedding.Embed}, message)
}

// GetModel gets one model by its name.
func (c *Client) GetModel(ctx context.Context, id string) (*sluicev1.Model, error) {
	get := method[sluicev1.GetModelRequest, sluicev1.GetModelResponse]{c.models.GetModel, true}
	response, err := unary(ctx, c, get, &sluicev1.GetModelRequest{Id: id})
	if err != nil {
		return nil, err
	}
	if response.GetModel() == nil {
		return nil, &Error{Reason: ReasonUnknown, Code: connect.CodeInternal, Message: "The answer holds no model."}
	}
	return response.GetModel(), nil
}

// method is a unary method of the generated client.
type method[Req, Res any] struct {
	call func(context.Context, *connect.Request[Req]) (*connect.Response[Res], error)
	// Whether the contract lets it happen twice (idempotency_level).
	repeatable bool
}

func unary[Req, Res any](ctx context.Context, c *Client, m method[Req, Res], message *Req) (*Res, error) {
	ctx, cancel := c.openCall(ctx)
	defer cancel()
	return withRetries(ctx, c, attempt[*Res]{m.repeatable, func(ctx context.Context) (*Res, error) {
		response, err := m.call(ctx, authorized(c, message))
		if err != nil {
			return nil, err
		}
		return response.Msg, nil
	}})
}

// openCall begins a call: its time runs from now.
func (c *Client) openCall(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeout)
}

func authorized[Req any](c *Client, message *Req) *connect.Request[Req] {
	request := connect.NewRequest(message)
	request.Header().Set("Authorization", c.authorization)
	return request
}
