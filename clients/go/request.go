package sluice

import (
	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// NewChatRequest asks a model, a route's name or "provider/model", to go on with a conversation. Everything else that
// can be asked is in the request's fields.
func NewChatRequest(model string, messages ...*sluicev1.Message) *sluicev1.ChatRequest {
	return &sluicev1.ChatRequest{Generation: &sluicev1.Generation{Model: model, Messages: messages}}
}

// NewEmbedRequest asks a model for vectors of texts.
func NewEmbedRequest(model string, texts ...string) *sluicev1.EmbedRequest {
	inputs := make([]*sluicev1.EmbeddingInput, len(texts))
	for i, text := range texts {
		inputs[i] = &sluicev1.EmbeddingInput{Content: &sluicev1.EmbeddingInput_Text{Text: text}}
	}
	return &sluicev1.EmbedRequest{Embedding: &sluicev1.Embedding{Model: model, Inputs: inputs}}
}

// SystemText is a turn of plain text with instructions for the whole conversation.
func SystemText(text string) *sluicev1.Message {
	return textMessage(sluicev1.Role_ROLE_SYSTEM, text)
}

// DeveloperText is a turn of plain text with the developer's instructions.
func DeveloperText(text string) *sluicev1.Message {
	return textMessage(sluicev1.Role_ROLE_DEVELOPER, text)
}

// UserText is a turn of plain text of the person or program that asks.
func UserText(text string) *sluicev1.Message {
	return textMessage(sluicev1.Role_ROLE_USER, text)
}

// AssistantText is a turn of plain text of the model.
func AssistantText(text string) *sluicev1.Message {
	return textMessage(sluicev1.Role_ROLE_ASSISTANT, text)
}

// ToolText is a turn with what a tool answered to a call, as plain text.
func ToolText(call *sluicev1.ToolCallPart, text string) *sluicev1.Message {
	result := &sluicev1.ToolResultPart{
		CallId: call.GetId(),
		Name:   call.GetName(),
		Parts:  []*sluicev1.Part{textPart(text)},
	}
	part := &sluicev1.Part{Kind: &sluicev1.Part_ToolResult{ToolResult: result}}
	return &sluicev1.Message{Role: sluicev1.Role_ROLE_TOOL, Parts: []*sluicev1.Part{part}}
}

// AssistantTurn is an answer as the model's turn, tool calls included, to go on with the conversation.
func AssistantTurn(choice *sluicev1.Choice) *sluicev1.Message {
	return &sluicev1.Message{Role: sluicev1.Role_ROLE_ASSISTANT, Parts: choice.GetParts()}
}

func textMessage(role sluicev1.Role, text string) *sluicev1.Message {
	return &sluicev1.Message{Role: role, Parts: []*sluicev1.Part{textPart(text)}}
}

func textPart(text string) *sluicev1.Part {
	return &sluicev1.Part{Kind: &sluicev1.Part_Text{Text: &sluicev1.TextPart{Text: text}}}
}

// metadataOf lays the request's metadata over the client's, by Protobuf's own rule: what is empty does not count,
// labels are merged one by one. The request stays as it is.
func (c *Client) metadataOf(request interface{ GetMetadata() *sluicev1.Metadata }) *sluicev1.Metadata {
	if c.metadata == nil {
		return request.GetMetadata()
	}
	merged := proto.CloneOf(c.metadata)
	if own := request.GetMetadata(); own != nil {
		proto.Merge(merged, own)
	}
	return merged
}
