package sluice

import (
	"testing"

	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

func partStart(choice, index uint32, part *sluicev1.Part) *sluicev1.StreamChatResponse {
	start := &sluicev1.PartStart{Choice: choice, Index: index, Part: part}
	return &sluicev1.StreamChatResponse{Event: &sluicev1.StreamChatResponse_PartStart{PartStart: start}}
}

func partDelta(delta *sluicev1.PartDelta) *sluicev1.StreamChatResponse {
	return &sluicev1.StreamChatResponse{Event: &sluicev1.StreamChatResponse_PartDelta{PartDelta: delta}}
}

func argumentsDelta(index uint32, json string) *sluicev1.StreamChatResponse {
	return partDelta(&sluicev1.PartDelta{Index: index, Delta: &sluicev1.PartDelta_ArgumentsJson{ArgumentsJson: json}})
}

func toolCall(id, arguments string) *sluicev1.Part {
	call := &sluicev1.ToolCallPart{Id: id}
	if arguments != "" {
		call.Input = &sluicev1.ToolCallPart_ArgumentsJson{ArgumentsJson: arguments}
	}
	return &sluicev1.Part{Kind: &sluicev1.Part_ToolCall{ToolCall: call}}
}

func buildFrom(events ...*sluicev1.StreamChatResponse) *sluicev1.ChatResponse {
	var builder answerBuilder
	for _, event := range events {
		builder.add(event)
	}
	// Building must not change what the next build starts from.
	builder.build()
	return builder.build()
}

func TestInterleavedPartsComeInTheirOrder(t *testing.T) {
	got := buildFrom(
		partStart(0, 1, toolCall("b", "")),
		partStart(0, 0, toolCall("a", "")),
		argumentsDelta(1, `{"b"`),
		argumentsDelta(0, `{"a":1}`),
		argumentsDelta(1, `:2}`),
		finishEvent(&sluicev1.StreamFinish{Choices: []*sluicev1.ChoiceFinish{
			{Choice: 0, Reason: sluicev1.FinishReason_FINISH_REASON_TOOL_CALLS, RawReason: "tool_calls"},
			{Choice: 1, Reason: sluicev1.FinishReason_FINISH_REASON_STOP},
		}}),
	)
	want := &sluicev1.ChatResponse{Choices: []*sluicev1.Choice{
		{
			Index:           0,
			Parts:           []*sluicev1.Part{toolCall("a", `{"a":1}`), toolCall("b", `{"b":2}`)},
			FinishReason:    sluicev1.FinishReason_FINISH_REASON_TOOL_CALLS,
			RawFinishReason: "tool_calls",
		},
		{Index: 1, FinishReason: sluicev1.FinishReason_FINISH_REASON_STOP},
	}}
	if !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEachKindOfPartTakesItsDeltas(t *testing.T) {
	annotation := &sluicev1.Annotation{StartIndex: new(uint32(1))}
	logprobs := &sluicev1.Logprobs{Content: []*sluicev1.TokenLogprob{{Token: "x"}}}
	text := &sluicev1.PartDelta{Delta: &sluicev1.PartDelta_Text{Text: "b"}, Logprobs: logprobs}
	signature := &sluicev1.PartDelta{Index: 1, Delta: &sluicev1.PartDelta_Signature{Signature: "proof"}}
	thought := &sluicev1.PartDelta{Index: 1, Delta: &sluicev1.PartDelta_Text{Text: "hm"}}
	sound := &sluicev1.PartDelta{Index: 2, Delta: &sluicev1.PartDelta_Data{Data: []byte{1, 2}}}
	spoken := &sluicev1.PartDelta{Index: 2, Delta: &sluicev1.PartDelta_Transcript{Transcript: "ah"}}
	misfit := &sluicev1.PartDelta{Index: 3, Delta: &sluicev1.PartDelta_Text{Text: "lost"}}
	got := buildFrom(
		partStart(0, 0, textPart("a")),
		partStart(0, 1, &sluicev1.Part{Kind: &sluicev1.Part_Reasoning{Reasoning: &sluicev1.ReasoningPart{}}}),
		partStart(0, 2, &sluicev1.Part{Kind: &sluicev1.Part_Audio{Audio: &sluicev1.AudioPart{}}}),
		partDelta(text),
		partDelta(&sluicev1.PartDelta{Delta: &sluicev1.PartDelta_Annotation{Annotation: annotation}}),
		partDelta(thought), partDelta(signature),
		partDelta(sound), partDelta(sound), partDelta(spoken),
		partDelta(misfit),
	)
	source := &sluicev1.MediaSource{Location: &sluicev1.MediaSource_Data{Data: []byte{1, 2, 1, 2}}}
	whole := textPart("ab")
	whole.GetText().Annotations = []*sluicev1.Annotation{annotation}
	reasoning := &sluicev1.Part_Reasoning{Reasoning: &sluicev1.ReasoningPart{Text: "hm"}}
	audio := &sluicev1.Part_Audio{Audio: &sluicev1.AudioPart{Source: source, Transcript: "ah"}}
	want := &sluicev1.ChatResponse{Choices: []*sluicev1.Choice{{
		Parts:    []*sluicev1.Part{whole, {Kind: reasoning, Signature: "proof"}, {Kind: audio}},
		Logprobs: logprobs,
	}}}
	if !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheTextStreamHasNeitherReasoningNorOtherAnswers(t *testing.T) {
	var builder answerBuilder
	text := ""
	for _, event := range []*sluicev1.StreamChatResponse{
		partStart(0, 0, &sluicev1.Part{Kind: &sluicev1.Part_Reasoning{Reasoning: &sluicev1.ReasoningPart{}}}),
		partDelta(&sluicev1.PartDelta{Delta: &sluicev1.PartDelta_Text{Text: "secret"}}),
		partStart(0, 1, textPart("a")),
		partStart(1, 1, textPart("other")),
		partDelta(&sluicev1.PartDelta{Choice: 1, Index: 1, Delta: &sluicev1.PartDelta_Text{Text: "other"}}),
		partDelta(&sluicev1.PartDelta{Index: 1, Delta: &sluicev1.PartDelta_Text{Text: "b"}}),
		finishEvent(&sluicev1.StreamFinish{}),
	} {
		builder.add(event)
		text += builder.newText(event)
	}
	if text != "ab" || AnswerText(builder.build()) != "ab" {
		t.Errorf("the stream is %q, the answer %q", text, AnswerText(builder.build()))
	}
}
