package sluice

import (
	"context"
	"math"
	"slices"
	"strconv"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// answering is a gateway that answers so, and keeps the request.
func answering(answer *sluicev1.ChatResponse) (*fakeGateway, *connect.Request[sluicev1.ChatRequest]) {
	kept := new(connect.Request[sluicev1.ChatRequest])
	return &fakeGateway{
		onChat: func(_ context.Context, request *connect.Request[sluicev1.ChatRequest]) (*sluicev1.ChatResponse, error) {
			*kept = *request
			return answer, nil
		},
	}, kept
}

func TestValuesArriveAsTheyWere(t *testing.T) {
	sent := &sluicev1.ChatResponse{
		Usage: &sluicev1.Usage{InputTokens: new(uint32(0)), OutputTokens: new(uint32(math.MaxUint32))},
		Choices: []*sluicev1.Choice{{
			FinishReason: sluicev1.FinishReason(4711),
			Parts: []*sluicev1.Part{{Kind: &sluicev1.Part_Audio{Audio: &sluicev1.AudioPart{
				ExpireTimeSeconds: new(int64(math.MinInt64)),
			}}}},
		}},
		Decision: &sluicev1.Decision{Cost: &sluicev1.Cost{NanoUsd: math.MaxInt64}},
	}
	overFake(t, func() *fakeGateway { fake, _ := answering(sent); return fake }, func(t *testing.T, client *Client) {
		got, err := client.Chat(t.Context(), hello("any"))
		if err != nil || !proto.Equal(sent, got) {
			t.Fatalf("got %v and %v, want %v", got, err, sent)
		}
		usage := got.GetUsage()
		if usage.InputTokens == nil || *usage.InputTokens != 0 {
			t.Error("a zero became unset")
		}
		if usage.CacheReadTokens != nil {
			t.Error("what was unset became a number")
		}
		if got.GetChoices()[0].GetFinishReason() != 4711 {
			t.Error("an unknown enum value was lost")
		}
		if got.GetDecision().GetCost().GetNanoUsd() != math.MaxInt64 {
			t.Error("a 64-bit value was rounded")
		}
	})
}

func TestA64BitSeedArrivesWhole(t *testing.T) {
	fake, kept := answering(&sluicev1.ChatResponse{})
	client := newTestClient(t, fake.serve(t), "sk-sluice-1")
	request := hello("any")
	request.Generation.Seed = new(int64(math.MaxInt64 - 1))
	if _, err := client.Chat(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if kept.Msg.GetGeneration().GetSeed() != math.MaxInt64-1 {
		t.Errorf("the seed is %d", kept.Msg.GetGeneration().GetSeed())
	}
	if kept.Header().Get("Authorization") != "Bearer sk-sluice-1" {
		t.Errorf("the header is %q", kept.Header().Get("Authorization"))
	}
}

func TestTheRequestsMetadataWinsOverTheClients(t *testing.T) {
	fake, kept := answering(&sluicev1.ChatResponse{})
	labels := map[string]string{"a": "client", "b": "client"}
	defaults := WithMetadata(&sluicev1.Metadata{Application: "client", Team: "client", Labels: labels})
	client := newTestClient(t, fake.serve(t), "k", defaults)
	request := hello("any")
	request.Metadata = &sluicev1.Metadata{Team: "request", Labels: map[string]string{"b": "request"}}
	if _, err := client.Chat(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	want := &sluicev1.Metadata{
		Application: "client",
		Team:        "request",
		Labels:      map[string]string{"a": "client", "b": "request"},
	}
	if !proto.Equal(kept.Msg.GetMetadata(), want) {
		t.Errorf("got %v", kept.Msg.GetMetadata())
	}
	if len(request.GetMetadata().GetLabels()) != 1 || request.GetMetadata().GetApplication() != "" {
		t.Errorf("the caller's own request became %v", request.GetMetadata())
	}
	if _, err := client.Chat(t.Context(), hello("any")); err != nil {
		t.Fatal(err)
	}
	if kept.Msg.GetMetadata().GetTeam() != "client" || kept.Msg.GetMetadata().GetLabels()["b"] != "client" {
		t.Errorf("a request left its metadata behind: %v", kept.Msg.GetMetadata())
	}
}

// paging has so many models, each its own page.
func paging(pages int) *fakeGateway {
	return &fakeGateway{onList: func(request *sluicev1.ListModelsRequest) (*sluicev1.ListModelsResponse, error) {
		at, _ := strconv.Atoi(request.GetPageToken())
		page := &sluicev1.ListModelsResponse{Models: []*sluicev1.Model{{Id: strconv.Itoa(at)}}}
		if at+1 < pages {
			page.NextPageToken = strconv.Itoa(at + 1)
		}
		return page, nil
	}}
}

func TestModelsAreListedOverAllPages(t *testing.T) {
	client := newTestClient(t, paging(3).serve(t), "k")
	var names []string
	for model, err := range client.ListModels(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, model.GetId())
	}
	if !slices.Equal(names, []string{"0", "1", "2"}) {
		t.Errorf("got %v", names)
	}
	pages := 0
	for range client.ListModelPages(t.Context(), 1) {
		pages++
		if pages == 2 {
			break
		}
	}
	if pages != 2 {
		t.Errorf("%d pages", pages)
	}
}

func TestAFailedPageEndsTheList(t *testing.T) {
	fake := &fakeGateway{onList: func(*sluicev1.ListModelsRequest) (*sluicev1.ListModelsResponse, error) {
		return nil, refuse(connect.CodePermissionDenied, "PERMISSION_DENIED")
	}}
	client := newTestClient(t, fake.serve(t), "k")
	rounds := 0
	for model, err := range client.ListModels(t.Context()) {
		rounds++
		if model != nil || failureOf(t, err).Reason != ReasonPermissionDenied {
			t.Errorf("got %v, %v", model, err)
		}
	}
	if rounds != 1 {
		t.Errorf("%d rounds", rounds)
	}
}
