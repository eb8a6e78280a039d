package sluice

import (
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// answerBuilder is the answer of a stream so far: what ChatService.Chat would have answered.
type answerBuilder struct {
	head    *sluicev1.StreamStart
	finish  *sluicev1.StreamFinish
	choices map[uint32]*choiceSoFar
}

type choiceSoFar struct {
	parts    map[uint32]*partSoFar
	logprobs *sluicev1.Logprobs
}

// add takes the next event. Those that do not fit what came before are of a newer contract and are skipped.
func (b *answerBuilder) add(event *sluicev1.StreamChatResponse) {
	switch event := event.GetEvent().(type) {
	case *sluicev1.StreamChatResponse_Start:
		b.head = event.Start
	case *sluicev1.StreamChatResponse_PartStart:
		start := event.PartStart
		b.choice(start.GetChoice()).parts[start.GetIndex()] = &partSoFar{begun: start.GetPart()}
	case *sluicev1.StreamChatResponse_PartDelta:
		b.addDelta(event.PartDelta)
	case *sluicev1.StreamChatResponse_Finish:
		b.finish = event.Finish
		for _, ended := range event.Finish.GetChoices() {
			b.choice(ended.GetChoice())
		}
	}
}

func (b *answerBuilder) addDelta(delta *sluicev1.PartDelta) {
	choice := b.choice(delta.GetChoice())
	if part, ok := choice.parts[delta.GetIndex()]; ok {
		part.add(delta)
	}
	if more := delta.GetLogprobs(); more != nil {
		if choice.logprobs == nil {
			choice.logprobs = &sluicev1.Logprobs{}
		}
		choice.logprobs.Content = append(choice.logprobs.Content, more.GetContent()...)
		choice.logprobs.Refusal = append(choice.logprobs.Refusal, more.GetRefusal()...)
	}
}

func (b *answerBuilder) choice(index uint32) *choiceSoFar {
	if b.choices == nil {
		b.choices = map[uint32]*choiceSoFar{}
	}
	if b.choices[index] == nil {
		b.choices[index] = &choiceSoFar{parts: map[uint32]*partSoFar{}}
	}
	return b.choices[index]
}

// newText is the text that an event, added before, brought to the first answer.
func (b *answerBuilder) newText(event *sluicev1.StreamChatResponse) string {
	if start := event.GetPartStart(); start != nil && start.GetChoice() == 0 {
		return start.GetPart().GetText().GetText()
	}
	delta := event.GetPartDelta()
	if delta == nil || delta.GetChoice() != 0 {
		return ""
	}
	if part, ok := b.choice(0).parts[delta.GetIndex()]; ok && part.begun.GetText() != nil {
		return delta.GetText()
	}
	return ""
}

// build is the answer as it is so far. It shares no part with the events.
func (b *answerBuilder) build() *sluicev1.ChatResponse {
	answer := &sluicev1.ChatResponse{
		Id:                b.head.GetId(),
		Model:             b.head.GetModel(),
		CreateTime:        b.head.GetCreateTime(),
		SystemFingerprint: b.head.GetSystemFingerprint(),
		Usage:             b.finish.GetUsage(),
		ServiceTier:       b.finish.GetServiceTier(),
		Decision:          b.finish.GetDecision(),
	}
	for _, index := range slices.Sorted(maps.Keys(b.choices)) {
		answer.Choices = append(answer.Choices, b.buildChoice(index))
	}
	return answer
}

func (b *answerBuilder) buildChoice(index uint32) *sluicev1.Choice {
	soFar := b.choices[index]
	choice := &sluicev1.Choice{Index: index, Logprobs: soFar.logprobs}
	for _, position := range slices.Sorted(maps.Keys(soFar.parts)) {
		choice.Parts = append(choice.Parts, soFar.parts[position].build())
	}
	for _, ended := range b.finish.GetChoices() {
		if ended.GetChoice() == index {
			choice.FinishReason, choice.RawFinishReason = ended.GetReason(), ended.GetRawReason()
		}
	}
	return choice
}

// partSoFar is a part as it began and what came to it. Long texts come in thousands of pieces: they are joined once.
type partSoFar struct {
	begun       *sluicev1.Part
	text        strings.Builder
	arguments   strings.Builder
	transcript  strings.Builder
	data        []byte
	signature   string
	annotations []*sluicev1.Annotation
}

func (p *partSoFar) add(delta *sluicev1.PartDelta) {
	switch delta := delta.GetDelta().(type) {
	case *sluicev1.PartDelta_Text:
		p.text.WriteString(delta.Text)
	case *sluicev1.PartDelta_ArgumentsJson:
		p.arguments.WriteString(delta.ArgumentsJson)
	case *sluicev1.PartDelta_Data:
		p.data = append(p.data, delta.Data...)
	case *sluicev1.PartDelta_Transcript:
		p.transcript.WriteString(delta.Transcript)
	case *sluicev1.PartDelta_Signature:
		p.signature = delta.Signature
	case *sluicev1.PartDelta_Annotation:
		p.annotations = append(p.annotations, delta.Annotation)
	}
}

// build joins the pieces. Those that do not fit the part's kind are skipped.
func (p *partSoFar) build() *sluicev1.Part {
	part := &sluicev1.Part{}
	if p.begun != nil {
		part = proto.CloneOf(p.begun)
	}
	if p.signature != "" {
		part.Signature = p.signature
	}
	switch kind := part.GetKind().(type) {
	case *sluicev1.Part_Text:
		kind.Text.Text += p.text.String()
		kind.Text.Annotations = append(kind.Text.Annotations, p.annotations...)
	case *sluicev1.Part_Reasoning:
		kind.Reasoning.Text += p.text.String()
	case *sluicev1.Part_Refusal:
		kind.Refusal.Text += p.text.String()
	case *sluicev1.Part_ToolCall:
		p.addInput(kind.ToolCall)
	case *sluicev1.Part_Audio:
		kind.Audio.Transcript += p.transcript.String()
		kind.Audio.Source = p.longerSource(kind.Audio.GetSource())
	case *sluicev1.Part_Image:
		kind.Image.Source = p.longerSource(kind.Image.GetSource())
	}
	return part
}

func (p *partSoFar) addInput(call *sluicev1.ToolCallPart) {
	switch {
	case p.arguments.Len() > 0:
		whole := call.GetArgumentsJson() + p.arguments.String()
		call.Input = &sluicev1.ToolCallPart_ArgumentsJson{ArgumentsJson: whole}
	case p.text.Len() > 0:
		call.Input = &sluicev1.ToolCallPart_Text{Text: call.GetText() + p.text.String()}
	}
}

// longerSource adds the bytes to a source, which a stream may leave out of the part's beginning.
func (p *partSoFar) longerSource(source *sluicev1.MediaSource) *sluicev1.MediaSource {
	if len(p.data) == 0 {
		return source
	}
	if source == nil {
		source = &sluicev1.MediaSource{}
	}
	source.Location = &sluicev1.MediaSource_Data{Data: slices.Concat(source.GetData(), p.data)}
	return source
}
