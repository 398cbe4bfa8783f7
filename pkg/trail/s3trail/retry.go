package s3trail

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// pace says how often and how fast a request is made again.
type pace struct {
	tries       int           // of one request, the first included
	first, most time.Duration // bounds of the delays: they double from first to most
	stall       time.Duration // a body that sends nothing for so long is given up
}

// usual waits about a minute in all before a request is given up.
func usual() pace {
	return pace{tries: 10, first: 100 * time.Millisecond, most: 20 * time.Second, stall: 30 * time.Second}
}

// BackoffDelay implements retry.BackoffDelayer: full jitter, so that those who were
// refused together do not come back together.
func (p pace) BackoffDelay(attempt int, _ error) (time.Duration, error) {
	bound := p.most
	if attempt < 30 {
		bound = min(p.most, p.first<<attempt)
	}
	return time.Duration(rand.Int64N(int64(bound) + 1)), nil
}

// wait sleeps before another try.
func (p pace) wait(ctx context.Context, attempt int) error {
	delay, _ := p.BackoffDelay(attempt, nil)
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retryer is the SDK's, which also tells the gate of being asked to slow down.
type retryer struct {
	aws.RetryerV2
	throttled retry.IsErrorThrottles
	gate      *gate
}

func newRetryer(p pace, g *gate, l *login) *retryer {
	standard := retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = p.tries
		o.Backoff = p
		// The SDK's quota would give up on objects while many are refused: the gate
		// sees to that, and every object matters.
		o.RateLimiter = ratelimit.None
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(distrusted), retry.IsErrorRetryableFunc(l.renew)},
			o.Retryables...)
		o.Retryables = append(o.Retryables, retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{429: {}, 408: {}}},
			retry.IsErrorRetryableFunc(halfRead))
	})
	return &retryer{standard, retry.IsErrorThrottles(retry.DefaultThrottles), g}
}

// distrusted finds servers whose certificate no patience makes good.
func distrusted(err error) aws.Ternary {
	if errors.As(err, new(*tls.CertificateVerificationError)) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// halfRead finds answers that began well and could not be read to their end, which the
// SDK takes for the server's last word.
func halfRead(err error) aws.Ternary {
	return aws.BoolTernary(status(err) == http.StatusOK || errors.As(err, new(*smithy.DeserializationError)) && status(err) == 0)
}

// RetryDelay implements aws.Retryer.
func (r *retryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	if r.throttled.IsErrorThrottle(err) == aws.TrueTernary || status(err) == 503 || status(err) == 429 {
		r.gate.slow(time.Now())
	}
	return r.RetryerV2.RetryDelay(attempt, err)
}
