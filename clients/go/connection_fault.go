package sluice

import (
	"crypto/tls"
	"errors"
	"io"
	"net"

	"connectrpc.com/connect"
)

// connectionFault says how far a call came whose connection failed.
type connectionFault int

const (
	// Something else is wrong.
	faultNone connectionFault = iota
	// The call never came to the gateway.
	faultNotSent
	// It may have come there.
	faultBroken
)

// readConnectionFault reads it from an error of a call whose context is still alive.
func readConnectionFault(err *connect.Error) connectionFault {
	// Another try does not mend a certificate.
	if _, isCertificate := errors.AsType[*tls.CertificateVerificationError](err); isCertificate {
		return faultNone
	}
	if isDial(err) {
		return faultNotSent
	}
	if isBroken(err) {
		return faultBroken
	}
	return faultNone
}

func isDial(err error) bool {
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "dial" {
		return true
	}
	_, isLookup := errors.AsType[*net.DNSError](err)
	return isLookup
}

// isBroken takes any unavailable without the gateway's words for a break: a proxy between answers so. A cancel that
// came neither from here nor over the wire is how connect-go reports a reset.
func isBroken(err *connect.Error) bool {
	if err.Code() == connect.CodeUnavailable || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	if err.Code() == connect.CodeCanceled && !connect.IsWireError(err) {
		return true
	}
	_, isSocket := errors.AsType[*net.OpError](err)
	return isSocket
}
