package s3fake

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"
)

// Cutter is a connection in the middle that does what bad networks do. The n-th
// connection is, by turns, let through, delayed, closed and reset after some bytes of
// the answers: the same for the same n.
type Cutter struct {
	To    string       // address of the server
	Least int          // bytes of answers that every connection lets through
	Cuts  atomic.Int64 // connections that were cut
}

// Serve takes connections until ctx ends or the listener fails.
func (c *Cutter) Serve(ctx context.Context, l net.Listener) {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for n := uint64(0); ; n++ {
		client, err := l.Accept()
		if err != nil {
			return
		}
		go c.connection(client, n)
	}
}

func (c *Cutter) connection(client net.Conn, n uint64) {
	defer client.Close()
	server, err := net.Dial("tcp", c.To)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		server.Close()
	}()
	bytes := int64(c.Least) + rand.New(rand.NewPCG(n, 1)).Int64N(int64(c.Least))
	switch n % 4 {
	case 0:
		_, _ = io.Copy(client, server)
	case 1:
		_, _ = io.Copy(slowly{client}, server)
	default:
		if _, err := io.CopyN(client, server, bytes); err == nil {
			c.Cuts.Add(1)
		}
	}
	if tcp, ok := client.(*net.TCPConn); ok && n%4 == 3 {
		_ = tcp.SetLinger(0) // a reset
	}
}

type slowly struct{ w io.Writer }

// Write implements io.Writer.
func (s slowly) Write(b []byte) (int, error) {
	time.Sleep(3 * time.Millisecond)
	return s.w.Write(b)
}
