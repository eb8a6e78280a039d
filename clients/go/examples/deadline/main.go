// Deadline gives an answer half a second, in which the gateway stops too:
//
//	SLUICE_URL=http://127.0.0.1:8080 SLUICE_API_KEY=sk-sluice-… go run ./examples/deadline MODEL [PROMPT]
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	sluice "github.com/sluice-ai/sluice/clients/go"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) < 2 {
		return errors.New("set SLUICE_URL and SLUICE_API_KEY, and give a model name as the first argument")
	}
	prompt := "Tell me a very long story."
	if len(os.Args) > 2 {
		prompt = os.Args[2]
	}
	client, err := sluice.New(os.Getenv("SLUICE_URL"), os.Getenv("SLUICE_API_KEY"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	stream, err := client.StreamChat(ctx, sluice.NewChatRequest(os.Args[1], sluice.UserText(prompt)))
	if errors.Is(err, context.DeadlineExceeded) {
		fmt.Println("No answer began in time.")
		return nil
	}
	if err != nil {
		return err
	}
	for text, err := range stream.TextStream() {
		if errors.Is(err, context.DeadlineExceeded) {
			fmt.Println("\nTime is up; the text so far stands.")
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Print(text)
	}
	fmt.Println()
	return nil
}
