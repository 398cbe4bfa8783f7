package s3trail

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// login knows whether the credentials still work. Once they do not, no request is
// made any more: a scan that has millions of objects left is not to ask for each.
type login struct {
	provider aws.CredentialsProvider

	mu      sync.Mutex
	renewed time.Time
	gone    *Error // why they do not work any more; nil while they do
}

// lost is the error of whatever is asked for after the credentials were lost.
func (l *login) lost(op string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone == nil {
		return nil
	}
	return &Error{op, l.gone.Why, l.gone.Err}
}

// failed is failed, which also notes what says that the credentials are lost.
func (l *login) failed(ctx context.Context, op string, err error) error {
	wrapped := failed(op, err)
	var e *Error
	if !errors.As(wrapped, &e) || ctx.Err() != nil {
		return wrapped
	}
	if !spent(code(err)) {
		// Were there credentials to ask with? What they need may itself be refused.
		_, cause := l.provider.Retrieve(ctx)
		if cause == nil || ctx.Err() != nil {
			return wrapped
		}
		e = &Error{op, "the credentials cannot be renewed: sign in again (aws sso login) or renew them, then scan again",
			fmt.Errorf("%w: %w", errLost, cause)}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone == nil {
		l.gone = e
	}
	return e
}

var errLost = errors.New("the credentials cannot be renewed")

// spent finds the answers after which the same credentials are never taken again.
func spent(code string) bool {
	switch code {
	case "InvalidAccessKeyId", "InvalidToken", "InvalidClientTokenId":
		return true
	}
	return expired(code)
}

func expired(code string) bool {
	return code == "ExpiredToken" || code == "ExpiredTokenException" || code == "TokenRefreshRequired"
}

// renew asks for new credentials when a server takes them for expired, sooner than
// their own clock said, and has the request made again. Those of the environment or a
// file have no clock: they stay as they are.
func (l *login) renew(err error) aws.Ternary {
	cache, ok := l.provider.(*aws.CredentialsCache)
	if !ok || !expired(code(err)) {
		return aws.UnknownTernary
	}
	held, cause := cache.Retrieve(context.Background())
	if cause != nil || !held.CanExpire {
		return aws.FalseTernary
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.renewed) > time.Second {
		l.renewed = now
		cache.Invalidate()
	}
	return aws.TrueTernary
}
