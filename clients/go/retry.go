package sluice

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"connectrpc.com/connect"
)

const (
	// The bound of the first wait; it doubles with each retry.
	backoffBase = 500 * time.Millisecond
	backoffMax  = 8 * time.Second
	// A longer wait than this is for the caller to decide on: the error says how long.
	maxRetryAfter = time.Minute
)

// timing is time and chance, so that tests can own them.
type timing struct {
	// A number from 0 up to but not including 1.
	random func() float64
	// Waits, unless the context ends first.
	sleep func(ctx context.Context, wait time.Duration)
}

var systemTiming = timing{random: rand.Float64, sleep: sleep}

func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// attempt is one try of a call.
type attempt[T any] struct {
	// Whether the contract lets the call happen twice. If not, it is not sent again where an answer may have got lost.
	repeatable bool
	run        func(ctx context.Context) (T, error)
}

// withRetries tries, and tries again where the failure says that it can help. Its error is an *Error, the last one.
func withRetries[T any](ctx context.Context, c *Client, try attempt[T]) (T, error) {
	var none T
	for retries := 0; ; retries++ {
		if stopped := contextError(ctx); stopped != nil {
			return none, stopped
		}
		result, failure := try.run(ctx)
		if failure == nil {
			return result, nil
		}
		err := readError(ctx, failure)
		if retries >= c.maxRetries || !mayRetry(err, try.repeatable) {
			return none, err
		}
		wait, ok := c.retryWait(ctx, err, retries)
		if !ok {
			return none, err
		}
		c.timing.sleep(ctx, wait)
	}
}

// mayRetry: a lost answer may have been paid for. A model is asked again only where the gateway surely did not hear.
func mayRetry(err *Error, repeatable bool) bool {
	if !err.Retryable() {
		return false
	}
	if err.Reason != ReasonConnection || repeatable {
		return true
	}
	rpc, ok := errors.AsType[*connect.Error](err.cause)
	return ok && readConnectionFault(rpc) == faultNotSent
}

// retryWait is how long to wait; not ok where that would be too long or go past the deadline.
// Full jitter after "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), on top of what the gateway asks.
func (c *Client) retryWait(ctx context.Context, err *Error, retries int) (time.Duration, bool) {
	bound := backoffMax
	if shifted := backoffBase << min(retries, 16); shifted < bound {
		bound = shifted
	}
	wait := err.RetryAfter + time.Duration(c.timing.random()*float64(bound))
	deadline, hasDeadline := ctx.Deadline()
	if err.RetryAfter > maxRetryAfter || (hasDeadline && wait >= time.Until(deadline)) {
		return 0, false
	}
	return wait, true
}
