package speed

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Config describes an archive. Everything in it shapes the bytes; nothing else does.
type Config struct {
	Seed    uint64
	Objects int
	// Bytes of JSON in all objects, before compression.
	Bytes int64
	// Median size of an object as JSON. What is above it makes up for the mean,
	// which is Bytes ÷ Objects.
	Median int64
	// Fresh is how many of the calls on an S3 object or a log stream name one that
	// no other call names, from 0 to 1. It decides how many rows of usage the
	// archive has for each record.
	Fresh float64
	// Last is the last day, UTC midnight; Days is how many days, that one included.
	Last time.Time
	Days int
}

// jsonPerByte is about how many times smaller gzip makes a large object.
const jsonPerByte = 8.6

// Large is 1.5 GB of JSON in 2,000 objects, the median 26 KB compressed, with
// about the given share of calls on things that no other call names.
func Large(seed uint64, fresh float64) Config {
	return Config{
		Seed: seed, Objects: 2000, Bytes: 1575e6, Median: 26e3 * jsonPerByte, Fresh: fresh,
		Last: time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), Days: 30,
	}
}

// Tiny is 200,000 objects of 2.4 KB, compressed.
func Tiny(seed uint64) Config {
	c := Large(seed, 0)
	c.Objects, c.Bytes, c.Median = 200_000, 200_000*tinyObject, tinyObject*9/10
	return c
}

// tinyObject is the JSON of an object that gzip makes 2.4 KB of: small objects
// compress badly.
const tinyObject = 13.5e3

// Quick is 20 MB of JSON in as many objects as Large has of them.
func Quick(seed uint64, fresh float64) Config {
	c := Large(seed, fresh)
	c.Objects, c.Bytes, c.Days = 26, 20e6, 5
	return c
}

// generator is the version of what this package makes. A test fails when the bytes
// change: raise it then, so that archives in caches are made again.
const generator = 1

// Folder is the name of a folder for the archive and for no other.
func (c *Config) Folder(prefix string) string {
	sum := sha256.Sum256(fmt.Append(nil, generator, *c))
	return prefix + "-" + hex.EncodeToString(sum[:4])
}

// validate reports the first value that makes no archive.
func (c *Config) validate() error {
	switch {
	case c.Objects < 1:
		return fmt.Errorf("%d objects: give at least 1", c.Objects)
	case c.Median < 1 || c.Bytes/int64(c.Objects) < c.Median:
		return fmt.Errorf("median %d: give at most the mean, %d", c.Median, c.Bytes/int64(c.Objects))
	case !(c.Fresh >= 0 && c.Fresh <= 1):
		return fmt.Errorf("fresh %v: give 0 to 1", c.Fresh)
	case c.Days < 1:
		return fmt.Errorf("%d days: give at least 1", c.Days)
	case c.Last.IsZero() || !c.Last.Equal(c.Last.Truncate(24*time.Hour)):
		return errors.New("the last day is no day at midnight UTC")
	}
	return nil
}
