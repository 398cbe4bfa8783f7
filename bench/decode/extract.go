package main

import (
	"bytes"
	"fmt"
	"io"
	"runtime"

	"github.com/klauspost/compress/gzip"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// passes is how often extract reads everything; one more comes first, to warm up.
const passes = 5

// extract prints bytes, nanoseconds of processor time and allocations of one pass.
func extract(names []string, stdout io.Writer) error {
	runtime.GOMAXPROCS(1)
	objects, err := plain(names)
	if err != nil {
		return err
	}
	d := trail.NewDecoder(trail.Limits{})
	records, size, err := pass(d, objects)
	if err != nil {
		return err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, err := processorTime()
	if err != nil {
		return err
	}
	for range passes {
		if _, _, err := pass(d, objects); err != nil {
			return err
		}
	}
	ended, err := processorTime()
	if err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	_, err = fmt.Fprintf(stdout, "bytes %d ns %d allocs %d records %d\n", size, (ended-began).Nanoseconds()/passes, (after.Mallocs-before.Mallocs)/passes, records)
	return err
}

// pass reads all records of all objects.
func pass(d *trail.Decoder, objects [][]byte) (records int, size int64, err error) {
	var in bytes.Reader
	for _, o := range objects {
		in.Reset(o)
		d.Reset(&in)
		for d.Next() {
			records++
		}
		if err := d.Err(); err != nil {
			return records, size, err
		}
		size += int64(len(o))
	}
	return records, size, nil
}

// plain decompresses the objects into memory.
func plain(names []string) ([][]byte, error) {
	var file reader
	objects := make([][]byte, 0, len(names))
	for _, name := range names {
		data, err := file.read(name)
		if err != nil {
			return nil, err
		}
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		o, err := io.ReadAll(z)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}
