package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/tighten-iam/tighten/internal/cli"
)

// unknownCommand is what the program says of a command that it does not have
// when the command's first flag is --usage.
const unknownCommand = "unknown flag: --usage"

// tighten runs one command of the program and returns its output. Exit codes
// that tell of the result (proofs that failed, lines that could not be read) are
// errors here: nothing in these archives is damaged.
func tighten(stdin []byte, args ...string) ([]byte, error) {
	var out, msg bytes.Buffer
	code := cli.Main(context.Background(), args, cli.Env{Stdin: bytes.NewReader(stdin), Stdout: &out, Stderr: &msg})
	if code != 0 {
		return out.Bytes(), fmt.Errorf("tighten %s: exit code %d: %s", args[0], code, strings.TrimSpace(msg.String()))
	}
	return out.Bytes(), nil
}
