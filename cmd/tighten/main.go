// Command tighten makes AWS permissions least-privilege from CloudTrail evidence.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"github.com/tighten-iam/tighten/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() { // a second signal ends even what waits for a file
		<-ctx.Done()
		stop()
	}()
	code := cli.Main(ctx, os.Args[1:], environment())
	stop()
	os.Exit(code)
}

// environment describes the streams of this process. NO_COLOR is honoured, see
// https://no-color.org.
func environment() cli.Env {
	env := cli.Env{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	env.Terminal = term.IsTerminal(int(os.Stdout.Fd()))
	env.ProgressTerminal = term.IsTerminal(int(os.Stderr.Fd()))
	env.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		env.Width = w
	}
	return env
}
