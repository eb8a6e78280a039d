package sluice

import (
	"strings"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// AnswerText is the text of the first answer, its text parts joined; reasoning, refusals and tool calls are not in it.
func AnswerText(answer *sluicev1.ChatResponse) string {
	var text strings.Builder
	for _, part := range firstChoice(answer).GetParts() {
		text.WriteString(part.GetText().GetText())
	}
	return text.String()
}

// AnswerToolCalls are the tool calls of the first answer that wait for the caller, in order.
func AnswerToolCalls(answer *sluicev1.ChatResponse) []*sluicev1.ToolCallPart {
	var calls []*sluicev1.ToolCallPart
	for _, part := range firstChoice(answer).GetParts() {
		if call := part.GetToolCall(); call != nil && !call.GetProviderExecuted() {
			calls = append(calls, call)
		}
	}
	return calls
}

func firstChoice(answer *sluicev1.ChatResponse) *sluicev1.Choice {
	for _, choice := range answer.GetChoices() {
		if choice.GetIndex() == 0 {
			return choice
		}
	}
	return nil
}
