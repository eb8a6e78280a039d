// Package sluice is the Go client for the Sluice AI gateway: a thin layer over the code generated from sluice.v1. It
// adds what generated code leaves to its users: streams that cancel when you leave them, errors with reasons, deadlines
// over all retries, and retries that do not pay twice.
package sluice
