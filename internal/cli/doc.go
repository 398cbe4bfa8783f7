// Package cli is the tighten command: flags, wiring, output files and exit codes.
// [Main] is callable with arguments, streams and a context, so that tests run the
// real command in process. One file holds one command.
package cli
