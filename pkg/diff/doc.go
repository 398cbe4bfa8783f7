// Package diff compares two policies by what they allow, not by their text.
package diff
