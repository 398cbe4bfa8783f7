// Package keeplist reads keep lists (tighten.yaml): what stays, whatever the logs show,
// and why. Load reads a file strictly; Check holds its entries against the facts. The
// entries themselves are [synth.KeepEntry].
package keeplist
