package sluice

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// defaultMaxRetries is the most retries where nobody says.
const defaultMaxRetries = 2

// Protocol is how calls travel.
type Protocol int

const (
	// Connect passes every proxy and load balancer, over HTTP/1.1 or HTTP/2. The default.
	Connect Protocol = iota
	// GRPC needs HTTP/2. To an address with http:// it is spoken from the first byte (h2c).
	GRPC
	// GRPCWeb is gRPC for places where HTTP trailers do not pass, over HTTP/1.1 or HTTP/2.
	GRPCWeb
)

// Option changes how a client calls.
type Option func(*options)

type options struct {
	protocol   Protocol
	httpClient connect.HTTPClient
	metadata   *sluicev1.Metadata
	maxRetries int
	timeout    time.Duration
}

// WithProtocol chooses the protocol. Unset: Connect.
func WithProtocol(protocol Protocol) Option {
	return func(o *options) { o.protocol = protocol }
}

// WithHTTPClient makes all calls through another HTTP client, in whose hands protocols, proxies and certificates are
// then. It must not have a timeout of its own, which would cut streams. For GRPC it must speak HTTP/2.
func WithHTTPClient(httpClient connect.HTTPClient) Option {
	return func(o *options) { o.httpClient = httpClient }
}

// WithMetadata says who and what the calls are for. What a request gives itself wins, field by field and label by label.
func WithMetadata(metadata *sluicev1.Metadata) Option {
	return func(o *options) { o.metadata = proto.CloneOf(metadata) }
}

// WithMaxRetries sets the most times that a failed call is sent again. Unset: 2.
func WithMaxRetries(maxRetries int) Option {
	return func(o *options) { o.maxRetries = maxRetries }
}

// WithTimeout bounds each call with its retries, and a stream up to its end. The nearest of this and the context's
// deadline travels to the gateway, which stops too. 0 or unset: only the context's; the route's limit still holds.
func WithTimeout(timeout time.Duration) Option {
	return func(o *options) { o.timeout = timeout }
}

func readOptions(opts []Option) (options, error) {
	o := options{maxRetries: defaultMaxRetries}
	for _, set := range opts {
		set(&o)
	}
	switch {
	case o.protocol < Connect || o.protocol > GRPCWeb:
		return o, fmt.Errorf("sluice: there is no protocol %d", o.protocol)
	case o.maxRetries < 0:
		return o, fmt.Errorf("sluice: the most retries must be 0 or more, not %d", o.maxRetries)
	case o.timeout < 0:
		return o, fmt.Errorf("sluice: the timeout must be 0 or more, not %v", o.timeout)
	}
	return o, nil
}

// checkBaseURL refuses what no call could reach.
func checkBaseURL(baseURL string) error {
	parsed, err := url.Parse(baseURL)
	if err != nil {
		return fmt.Errorf("sluice: the base URL: %w", err)
	}
	if (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" {
		return fmt.Errorf("sluice: the base URL is %q; it should be as http://127.0.0.1:8080", baseURL)
	}
	return nil
}

// checkKey refuses what a header cannot carry, such as the line end of a file, before it fails in every call.
func checkKey(apiKey string) error {
	isBad := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if apiKey == "" || strings.ContainsFunc(apiKey, isBad) {
		return errors.New("sluice: the key must not be empty nor hold spaces or line ends")
	}
	return nil
}
