package refresh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"sync/atomic"
	"time"
)

// DefaultURL is the index of AWS's service reference.
const DefaultURL = "https://" + officialHost + "/"

const officialHost = "servicereference.us-east-1.amazonaws.com"

// The bounds on talking to the server.
const (
	maxTotal     = 512 << 20 // bytes of one update
	maxRedirects = 3
	maxWait      = 20 * time.Second // that a server's Retry-After is heeded
)

// client reads files of one server.
type client struct {
	base    *url.URL // of the index
	http    *http.Client
	tries   int                                        // for each file
	timeout time.Duration                              // of each try
	wait    func(context.Context, time.Duration) error // between tries
	total   atomic.Int64                               // bytes read
}

// newClient checks the address of the index: https, or a server of this machine.
func newClient(o *Options) (*client, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.User != nil {
		return nil, fmt.Errorf("%q is not the URL of an index: want one like %s", o.URL, DefaultURL)
	}
	if base.Scheme != "https" && (base.Scheme != "http" || !loopback(base.Hostname())) {
		return nil, fmt.Errorf("%q: want https, as http is for servers of this machine only", o.URL)
	}
	if base.Path == "" {
		base.Path = "/"
	}
	c := &client{base: base, tries: 5, timeout: 60 * time.Second, wait: sleep}
	if o.Tries > 0 {
		c.tries = o.Tries
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.MaxConnsPerHost = o.workers(), o.workers()
	transport.MaxResponseHeaderBytes = 1 << 16
	transport.ResponseHeaderTimeout = c.timeout / 2
	c.http = &http.Client{Transport: transport, CheckRedirect: c.redirect}
	return c, nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// errAway is the error of a redirect to where the user did not send us.
var errAway = errors.New("is redirected to another host, which is refused")

func (c *client) redirect(r *http.Request, via []*http.Request) error {
	switch {
	case r.URL.Scheme != c.base.Scheme || r.URL.Host != c.base.Host:
		return errAway
	case len(via) > maxRedirects:
		return errors.New("is redirected too often")
	}
	return nil
}

// locate gives the address of a service's file. It is on the index's server. A
// copy of AWS's index on another server names AWS's: the files lie beside it.
func (c *client) locate(raw string) (*url.URL, error) {
	u, err := c.base.Parse(raw)
	switch {
	case err != nil || u.User != nil || u.Host == "":
		return nil, errors.New("the index gives no proper URL")
	case u.Host == c.base.Host:
	case u.Host == officialHost:
		u.Path = path.Join(path.Dir(c.base.Path), u.Path)
		u.RawPath = ""
	default:
		return nil, fmt.Errorf("the index names another host, %q, which is refused", u.Host)
	}
	u.Scheme, u.Host, u.Fragment = c.base.Scheme, c.base.Host, ""
	return u, nil
}

// validators are what a server calls the version of a file.
type validators struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"last_modified,omitempty"`
}

// reply is a file, or that it has not changed.
type reply struct {
	data      []byte
	unchanged bool
	validators
}

// passingError is a failure that may pass.
type passingError struct {
	error
	after time.Duration // at least
}

func (e passingError) Unwrap() error { return e.error }

// get reads a file of at most limit bytes, and tries again where that may help.
func (c *client) get(ctx context.Context, u *url.URL, limit int64, known validators) (*reply, error) {
	const first, most = 250 * time.Millisecond, 8 * time.Second
	pause := first
	for n := 1; ; n++ {
		r, err := c.try(ctx, u, limit, known)
		var passing passingError
		if err == nil || ctx.Err() != nil || !errors.As(err, &passing) {
			return r, err
		}
		if n == c.tries {
			return nil, fmt.Errorf("%w (tried %d times)", err, n)
		}
		// Half of the pause is left to chance, so that clients do not come back in step.
		if err := c.wait(ctx, max(pause/2+rand.N(pause/2), passing.after)); err != nil {
			return nil, err
		}
		pause = min(2*pause, most)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (c *client) try(ctx context.Context, u *url.URL, limit int64, known validators) (*reply, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "tighten")
	if known.ETag != "" {
		req.Header.Set("If-None-Match", known.ETag)
	}
	if known.Modified != "" {
		req.Header.Set("If-Modified-Since", known.Modified)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, netError(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotModified && known != validators{}:
		return &reply{unchanged: true, validators: known}, nil
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		return nil, passingError{fmt.Errorf("the server answers %d", resp.StatusCode), retryAfter(resp.Header.Get("Retry-After"))}
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the server answers %d, want 200", resp.StatusCode)
	}
	return c.body(resp, limit)
}

// netError tells a failure without the method and URL that net/http puts first.
func netError(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, errAway) {
		return err
	}
	return passingError{error: err}
}

func retryAfter(s string) time.Duration {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(min(n, 3600))*time.Second, maxWait)
}

func (c *client) body(resp *http.Response, limit int64) (*reply, error) {
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("has %d bytes, more than %d", resp.ContentLength, limit)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case c.total.Add(int64(len(data))) > maxTotal:
		return nil, fmt.Errorf("the files together have more than %d bytes", maxTotal)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("has more than %d bytes", limit)
	case err != nil:
		return nil, passingError{error: fmt.Errorf("the transfer broke off: %w", err)}
	}
	return &reply{data: data, validators: validators{header(resp, "ETag"), header(resp, "Last-Modified")}}, nil
}

// header is a header's value where it is fit to be stored and sent back.
func header(resp *http.Response, name string) string {
	v := resp.Header.Get(name)
	if len(v) > 200 {
		return ""
	}
	for i := range len(v) {
		if v[i] < ' ' || v[i] > '~' {
			return ""
		}
	}
	return v
}
