package s3trail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/aws/smithy-go"
)

// ErrChanged says that an object is not the one that was listed any more: it was
// replaced or deleted since.
var ErrChanged = errors.New("the object changed since it was listed: scan again")

// Error is a request that failed, for good or after all its tries.
//
// Its text is the same for the same cause: it has no request ids, addresses or ports,
// which the error that it wraps tells. It may hold words of the server.
type Error struct {
	Op  string // what was done: "list s3://bucket/prefix", "get"
	Why string
	Err error // of the SDK
}

// Error implements error.
func (e *Error) Error() string { return e.Op + ": " + e.Why }

// Unwrap returns the SDK's error.
func (e *Error) Unwrap() error { return e.Err }

func failed(op string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	why := explain(err)
	switch code(err) {
	case "PreconditionFailed", "NoSuchKey":
		err = errors.Join(ErrChanged, err)
	}
	return &Error{op, why, err}
}

// status is the HTTP status of a failed request, 0 where there is none.
func status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// regionHint is the region that a refusal names as the bucket's, "" where it does not.
func regionHint(err error) string {
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		return response.Response.Header.Get("x-amz-bucket-region")
	}
	return ""
}

// code is the S3 error code, "" where the server sent none.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// refused reports whether the credentials are what is wrong, so that nothing else
// would go better.
func refused(err error) bool {
	switch code(err) {
	case "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidToken", "InvalidClientTokenId",
		"SignatureDoesNotMatch", "TokenRefreshRequired", "NoSuchBucket", "RequestTimeTooSkewed":
		return true
	}
	return false
}

// explain says what went wrong and what to do about it.
func explain(err error) string {
	c := code(err)
	switch c {
	case "NoSuchBucket":
		return "there is no such bucket: check its name, and --endpoint-url if the bucket is not at AWS"
	case "NoSuchKey", "NotFound":
		return "the object is gone since it was listed: scan again"
	case "PreconditionFailed":
		return ErrChanged.Error()
	case "InvalidObjectState":
		return "the object is archived (Glacier): restore it, then scan again"
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
		return c + ": the credentials have expired: sign in again (aws sso login) or renew them, then scan again"
	case "InvalidAccessKeyId", "InvalidToken", "InvalidClientTokenId", "SignatureDoesNotMatch":
		return c + ": the credentials are refused: check --profile and the AWS_ variables of the environment"
	case "RequestTimeTooSkewed":
		return c + ": the clock of this machine is wrong: set it"
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return c + ": the bucket is in another region: set AWS_REGION to it"
	case "AccessDenied", "Forbidden", "AllAccessDisabled":
		return c + ": " + allow
	}
	return plain(err, c)
}

const allow = "grant s3:ListBucket on the bucket, s3:GetObject on its objects, and kms:Decrypt on the key of " +
	"the trail if it has one (--requester-pays if the bucket asks for it)"

// plain describes what there is no advice for.
func plain(err error, code string) string {
	var errno syscall.Errno
	var network net.Error
	var dns *net.DNSError
	var untrusted *tls.CertificateVerificationError
	s := status(err)
	switch {
	case s == http.StatusForbidden && code != "":
		return fmt.Sprintf("%s (access denied): %s", strings.ToValidUTF8(code, "?"), allow)
	case s == http.StatusForbidden:
		return "access denied: " + allow
	case code != "" && s != 0:
		return fmt.Sprintf("%s (HTTP status %d)", strings.ToValidUTF8(code, "?"), s)
	case s == http.StatusOK:
		return "the server's answer cannot be read: check --endpoint-url"
	case s != 0:
		return fmt.Sprintf("HTTP status %d", s)
	case errors.As(err, &untrusted):
		return "the server's certificate is not trusted: name its authority's file in AWS_CA_BUNDLE"
	case errors.As(err, &dns):
		return "the name of the server cannot be looked up: check the network, the bucket's name and --endpoint-url"
	case errors.As(err, &errno):
		return errno.Error() + ": check the network and --endpoint-url"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the connection ended early"
	case errors.Is(err, errStalled):
		return errStalled.Error()
	case errors.As(err, &network) && network.Timeout():
		return "the server does not answer in time"
	}
	return "the request failed"
}
