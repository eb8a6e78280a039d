// Chat streams an answer:
//
//	SLUICE_URL=http://127.0.0.1:8080 SLUICE_API_KEY=sk-sluice-… go run ./examples/chat MODEL [PROMPT]
//
// The text goes to standard output, the gateway's Decision as JSON to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"google.golang.org/protobuf/encoding/protojson"

	sluice "github.com/sluice-ai/sluice/clients/go"
	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

func main() {
	err := run(context.Background())
	if err == nil {
		return
	}
	if failure, ok := errors.AsType[*sluice.Error](err); ok {
		fmt.Fprintf(os.Stderr, "%s: %s\n", failure.Reason, failure.Message)
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(1)
}

func run(ctx context.Context) error {
	if len(os.Args) < 2 {
		return errors.New("set SLUICE_URL and SLUICE_API_KEY, and give a model name as the first argument")
	}
	prompt := "Say hello in five languages."
	if len(os.Args) > 2 {
		prompt = os.Args[2]
	}
	application := sluice.WithMetadata(&sluicev1.Metadata{Application: "chat-example"})
	client, err := sluice.New(os.Getenv("SLUICE_URL"), os.Getenv("SLUICE_API_KEY"), application)
	if err != nil {
		return err
	}
	stream, err := client.StreamChat(ctx, sluice.NewChatRequest(os.Args[1], sluice.UserText(prompt)))
	if err != nil {
		return err
	}
	for text, err := range stream.TextStream() {
		if err != nil {
			return err
		}
		fmt.Print(text)
	}
	fmt.Println()
	decision, err := protojson.Marshal(stream.Decision())
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, string(decision))
	return nil
}
