package sluice

import (
	"net"
	"net/http"
	"time"

	"connectrpc.com/connect"
)

// How long a connection may take to be made; a route's own limits begin only after that.
const connectTimeout = 10 * time.Second

// newHTTPClient makes the client's own connections. Redirects are not followed: a prompt goes where it was sent.
func newHTTPClient(protocol Protocol) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: connectTimeout}).DialContext,
			TLSHandshakeTimeout: connectTimeout,
			Protocols:           httpVersions(protocol),
			// As many calls at a time as a busy program makes; Go's own 2 would close the others' connections each time.
			MaxIdleConnsPerHost: 100,
			IdleConnTimeout:     90 * time.Second,
			// Pings find a dead connection under a stream that says nothing for a while.
			HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// httpVersions lets TLS choose by ALPN. Without TLS, Connect and gRPC-Web use HTTP/1.1, and gRPC HTTP/2 at once.
func httpVersions(protocol Protocol) *http.Protocols {
	versions := new(http.Protocols)
	versions.SetHTTP2(true)
	if protocol == GRPC {
		versions.SetUnencryptedHTTP2(true)
	} else {
		versions.SetHTTP1(true)
	}
	return versions
}

func protocolOptions(protocol Protocol) []connect.ClientOption {
	switch protocol {
	case GRPC:
		return []connect.ClientOption{connect.WithGRPC()}
	case GRPCWeb:
		return []connect.ClientOption{connect.WithGRPCWeb()}
	default:
		return nil
	}
}
