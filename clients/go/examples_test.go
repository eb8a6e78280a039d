package sluice

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

type outcome struct {
	stdout, stderr string
	code           int
}

func runExample(t *testing.T, name, model string) outcome {
	t.Helper()
	target := theGateway(t)
	binary := filepath.Join(t.TempDir(), name)
	if output, err := exec.Command("go", "build", "-o", binary, "./examples/"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	var stdout, stderr bytes.Buffer
	command := exec.Command(binary, model, "Hello")
	command.Env = []string{"SLUICE_URL=" + target.url, "SLUICE_API_KEY=" + target.key}
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if _, isExit := errors.AsType[*exec.ExitError](err); err != nil && !isExit {
		t.Fatal(err)
	}
	return outcome{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}

func TestTheChatExamplePrintsTheAnswerAndTheDecision(t *testing.T) {
	got := runExample(t, "chat", chatModel)
	if got.code != 0 || !strings.Contains(got.stdout, "Hello") {
		t.Errorf("got %+v", got)
	}
	var decision sluicev1.Decision
	if err := protojson.Unmarshal([]byte(got.stderr), &decision); err != nil || len(decision.GetAttempts()) != 1 {
		t.Errorf("decision %q: %v", got.stderr, err)
	}
}

func TestTheChatExampleFailsWithTheReason(t *testing.T) {
	got := runExample(t, "chat", chatModel+"?fault=status&code=404")
	if got.code != 1 || !strings.HasPrefix(got.stderr, "MODEL_NOT_FOUND: ") {
		t.Errorf("got %+v", got)
	}
}

func TestTheDeadlineExampleStopsInTime(t *testing.T) {
	got := runExample(t, "deadline", chatModel+"?output-tokens=500&tokens-per-second=20")
	if got.code != 0 || !strings.Contains(got.stdout, "Time is up") {
		t.Errorf("got %+v", got)
	}
}
