package sluice

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
	"github.com/sluice-ai/sluice/clients/go/gen/sluice/v1/sluicev1connect"
)

// servedOver is the HTTP version that a call arrives in, over TLS or without.
func servedOver(t *testing.T, protocol Protocol, withTLS bool) string {
	t.Helper()
	fake, _ := answering(&sluicev1.ChatResponse{})
	_, handler := sluicev1connect.NewChatServiceHandler(fake)
	var version string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		version = r.Proto
		handler.ServeHTTP(w, r)
	}))
	httpClient := newHTTPClient(protocol)
	if withTLS {
		server.EnableHTTP2 = true
		server.StartTLS()
		trusted := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		httpClient.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: trusted}
	} else {
		server.Config.Protocols = new(http.Protocols)
		server.Config.Protocols.SetHTTP1(true)
		server.Config.Protocols.SetUnencryptedHTTP2(true)
		server.Start()
	}
	defer server.Close()
	client := newTestClient(t, server.URL, "k", WithProtocol(protocol), WithHTTPClient(httpClient))
	if _, err := client.Chat(t.Context(), hello("any")); err != nil {
		t.Error(err)
	}
	return version
}

func TestTheHTTPVersionFitsTheProtocol(t *testing.T) {
	cases := []struct {
		protocol Protocol
		withTLS  bool
		want     string
	}{
		{Connect, false, "HTTP/1.1"},
		{GRPCWeb, false, "HTTP/1.1"},
		{GRPC, false, "HTTP/2.0"},
		{Connect, true, "HTTP/2.0"},
		{GRPC, true, "HTTP/2.0"},
	}
	for _, each := range cases {
		if got := servedOver(t, each.protocol, each.withTLS); got != each.want {
			t.Errorf("protocol %d, TLS %v: %s", each.protocol, each.withTLS, got)
		}
	}
}
