package s3fake

import (
	"bufio"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"
)

// Proxy stands between a client and a server and spoils answers, by turns that its
// seed decides: it delays, cuts and resets them in the body, ends bodies early as if
// they were whole to HTTP, and refuses with SlowDown. A request is never spoiled more
// than Most times in a row, so that patience gets there.
type Proxy struct {
	Seed uint64
	Most int

	// What was done so far.
	Delays, Cuts, Resets, Truncations, Refusals atomic.Int64

	answers atomic.Uint64
	row     atomic.Int64 // of spoiled answers
	to      *httputil.ReverseProxy
}

// NewProxy spoils what the server at an address answers.
func NewProxy(address string, seed uint64) *Proxy {
	target := &url.URL{Scheme: "http", Host: address}
	return &Proxy{Seed: seed, Most: 3, to: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is part of what is signed
	}}}
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := p.answers.Add(1)
	random := rand.New(rand.NewPCG(p.Seed, n))
	kind := random.IntN(8)
	if kind > 4 || p.row.Add(1) > int64(p.Most) || r.Method == http.MethodHead {
		p.row.Store(0)
		p.to.ServeHTTP(w, r)
		return
	}
	switch after := random.IntN(6000); kind {
	case 0:
		p.Delays.Add(1)
		time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
		p.to.ServeHTTP(w, r)
	case 1:
		p.Refusals.Add(1)
		Refuse(http.StatusServiceUnavailable, "SlowDown")(w, r)
	case 2:
		p.spoil(w, r, &spoiled{left: after, count: &p.Cuts})
	case 3:
		p.spoil(w, r, &spoiled{left: after, count: &p.Resets, reset: true})
	case 4:
		p.spoil(w, r, &spoiled{left: after, count: &p.Truncations, short: true})
	}
}

func (p *Proxy) spoil(w http.ResponseWriter, r *http.Request, s *spoiled) {
	s.ResponseWriter = w
	p.to.ServeHTTP(s, r)
}

// spoiled is an answer that ends after some bytes of its body, if it has as many.
type spoiled struct {
	http.ResponseWriter
	left  int
	count *atomic.Int64
	reset bool // with a reset of the connection
	short bool // as if that were all
	ended bool
}

// WriteHeader implements http.ResponseWriter.
func (s *spoiled) WriteHeader(status int) {
	if s.short {
		s.Header().Del("Content-Length") // a chunked body, or one until the connection closes
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (s *spoiled) Write(b []byte) (int, error) {
	if len(b) <= s.left {
		s.left -= len(b)
		return s.ResponseWriter.Write(b)
	}
	if s.ended {
		return len(b), nil
	}
	_, _ = s.ResponseWriter.Write(b[:s.left])
	s.left, s.ended = 0, true
	s.count.Add(1)
	switch {
	case s.short:
		return len(b), nil
	case s.reset:
		_ = s.hangUp() // or it is cut
	}
	panic(http.ErrAbortHandler)
}

var errNoConnection = errors.New("no connection to reset")

// hangUp resets the connection.
func (s *spoiled) hangUp() error {
	conn, _, err := s.hijack()
	if err != nil {
		return err
	}
	defer conn.Close()
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return errNoConnection
	}
	return tcp.SetLinger(0)
}

func (s *spoiled) hijack() (net.Conn, *bufio.ReadWriter, error) {
	c := http.NewResponseController(s.ResponseWriter)
	if err := c.Flush(); err != nil {
		return nil, nil, err
	}
	return c.Hijack()
}
