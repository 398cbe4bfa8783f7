//go:build !unix

package main

import (
	"errors"
	"os"
	"time"
)

func processorTime() (time.Duration, error) {
	return 0, errors.New("processor time is not measured on this system")
}

// peak is not known on this system.
func peak(*os.ProcessState) int64 { return 0 }
