package sluice

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// gateway is a Sluice of the checkout, run as users run it. No provider is configured, so its simulator answers.
type gateway struct {
	url, key string
	process  *os.Process
	folder   string
}

var (
	sharedGateway = sync.OnceValues(startGateway)
	// Set by the first test that needs it.
	running *gateway
)

var errNoGateway = errors.New("node_modules is missing above this folder; run npm ci there")

func TestMain(m *testing.M) {
	code := m.Run()
	if running != nil {
		if err := running.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "the gateway did not stop:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// theGateway is the one of all tests; where the checkout cannot start one, the test is skipped.
func theGateway(t *testing.T) *gateway {
	t.Helper()
	started, err := sharedGateway()
	if errors.Is(err, errNoGateway) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return started
}

func startGateway() (*gateway, error) {
	root, err := findRoot()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "sluice-go-")
	if err != nil {
		return nil, err
	}
	command := exec.Command(filepath.Join(root, "node_modules", ".bin", "node"), filepath.Join(root, "server", "main.ts"))
	// A folder of its own, so that no configuration file is found, and no provider's key of whoever runs the tests.
	command.Dir = folder
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "SLUICE_LISTEN=127.0.0.1:0", "SLUICE_DATA=" + filepath.Join(folder, "data")}
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	started := &gateway{process: command.Process, folder: folder}
	if err := started.readGreeting(bufio.NewScanner(output)); err != nil {
		return nil, errors.Join(err, started.stop())
	}
	if err := started.awaitReady(); err != nil {
		return nil, errors.Join(err, started.stop())
	}
	running = started
	return started, nil
}

// findRoot walks up to the folder with package.json.
func findRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "package.json")); err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(folder, "node_modules")); err == nil {
			return folder, nil
		}
	}
	return "", errNoGateway
}

var (
	urlPattern = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	keyPattern = regexp.MustCompile(`sk-sluice-[\w-]+`)
)

// readGreeting waits for the address and the key, and lets the rest of the output go by.
func (g *gateway) readGreeting(lines *bufio.Scanner) error {
	for (g.url == "" || g.key == "") && lines.Scan() {
		if found := urlPattern.FindString(lines.Text()); found != "" {
			g.url = found
		}
		if found := keyPattern.FindString(lines.Text()); found != "" {
			g.key = found
		}
	}
	if g.url == "" || g.key == "" {
		return fmt.Errorf("the gateway ended before it said where it is: %v", lines.Err())
	}
	go func() {
		for lines.Scan() {
		}
	}()
	return nil
}

func (g *gateway) awaitReady() error {
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		response, err := http.Get(g.url + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("the gateway did not become ready")
}

func (g *gateway) stop() error {
	if err := g.process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	_, err := g.process.Wait()
	return errors.Join(err, os.RemoveAll(g.folder))
}

// protocols are the ways to call; every promise is kept over each.
var protocols = map[string]Protocol{"Connect": Connect, "gRPC": GRPC, "gRPC-Web": GRPCWeb}

// overProtocols runs a case against the gateway with each protocol.
func overProtocols(t *testing.T, run func(t *testing.T, client *Client)) {
	target := theGateway(t)
	for name, protocol := range protocols {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, newTestClient(t, target.url, target.key, WithProtocol(protocol), WithMaxRetries(0)))
		})
	}
}

func newTestClient(t *testing.T, url, key string, opts ...Option) *Client {
	t.Helper()
	client, err := New(url, key, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// failureOf is the error as this client's own, which every failure must be.
func failureOf(t *testing.T, err error) *Error {
	t.Helper()
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v, want an *Error", err)
	}
	return failure
}
