package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"time"
)

// Spent is what a process and all that it waited for used.
type Spent struct {
	User, Sys, Wall time.Duration
	Peak            int64 // resident set of the largest process, in bytes; 0 if the system does not say
}

// spend runs a command and writes what it used to a file, as JSON. The peak of a
// process begins with what its parent had when it began, so a small process must
// begin those that are measured: this one. When ctx ends, it ends the command.
func spend(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New("spend: give a file and a command")
	}
	c := exec.CommandContext(ctx, args[1], args[2:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	began := time.Now()
	if err := c.Run(); err != nil {
		return err
	}
	wall := time.Since(began)
	s := c.ProcessState
	data, err := json.Marshal(Spent{User: s.UserTime(), Sys: s.SystemTime(), Wall: wall, Peak: peak(s)})
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], data, 0o644)
}
