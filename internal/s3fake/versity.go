package s3fake

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"time"
)

// RealVariable names the variable of the environment that holds the path of a
// versitygw program.
const RealVariable = "TIGHTEN_VERSITYGW"

// Credentials of a real server.
const (
	RealKey    = "made-up-for-a-test"
	RealSecret = "made-up-for-a-test-too"
)

// ErrNoReal says that there is no real server to test against.
var ErrNoReal = errors.New("no real S3 server: run `bash .ci/run s3_server`, which builds versitygw, or name one in " + RealVariable)

// Real runs versitygw on the folders of a directory, which are its buckets, until ctx
// ends. It returns the address, once it answers there.
func Real(ctx context.Context, dir string, args ...string) (address string, err error) {
	program := os.Getenv(RealVariable)
	if program == "" {
		return "", ErrNoReal
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address = l.Addr().String()
	l.Close()
	c := exec.CommandContext(ctx, program, append(append([]string{"--port", address, "--quiet", "--keep-alive"}, args...), "posix", dir)...)
	c.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+RealKey, "ROOT_SECRET_KEY="+RealSecret)
	c.WaitDelay = time.Second
	if err := c.Start(); err != nil {
		return "", err
	}
	go func() { _ = c.Wait() }()
	for range 200 {
		if conn, err := net.Dial("tcp", address); err == nil {
			return address, conn.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	return "", fmt.Errorf("%s does not answer at %s", program, address)
}
