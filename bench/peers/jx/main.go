// Jx reads the fields of CloudTrail records that a usage table needs with
// go-faster/jx, for comparison with `decode extract`, whose form of output it has.
// A module of its own: the project does not depend on jx.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/go-faster/jx"
)

// passes is how often everything is read; one more comes first, to warm up.
const passes = 5

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "jx:", err)
		os.Exit(1)
	}
}

func run(stdin io.Reader, stdout io.Writer) error {
	runtime.GOMAXPROCS(1)
	objects, err := load(stdin)
	if err != nil {
		return err
	}
	var e extractor
	size, err := e.pass(objects)
	if err != nil {
		return err
	}
	records := e.records
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, err := processorTime()
	if err != nil {
		return err
	}
	for range passes {
		if _, err := e.pass(objects); err != nil {
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

// processorTime is what the process has used so far.
func processorTime() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// load decompresses the objects whose names come in, a zero byte behind each.
func load(stdin io.Reader) ([][]byte, error) {
	list, err := io.ReadAll(stdin)
	if err != nil {
		return nil, err
	}
	var objects [][]byte
	for _, name := range strings.FieldsFunc(string(list), func(r rune) bool { return r == 0 }) {
		data, err := os.ReadFile(name)
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

// record is what one record says, lent by the decoder or copied into kept buffers.
type record struct {
	texts               [numTexts][]byte
	parameters, answers []byte
	resources           []byte
}

// The texts of a record.
const (
	eventTime = iota
	eventSource
	eventName
	eventType
	eventID
	region
	errorCode
	recipient
	category
	identityType
	identityARN
	identityAccount
	identityPrincipal
	issuerARN
	issuerType
	issuerPrincipal
	numTexts
)

// extractor keeps what is used for every record.
type extractor struct {
	d       jx.Decoder
	r       record
	records int
	found   int // so that nothing is left out as unused
}

func (e *extractor) pass(objects [][]byte) (size int64, err error) {
	e.records = 0
	for _, o := range objects {
		size += int64(len(o))
		e.d.ResetBytes(o)
		if err := e.d.ObjBytes(e.top); err != nil {
			return size, err
		}
	}
	return size, nil
}

func (e *extractor) top(d *jx.Decoder, key []byte) error {
	if string(key) != "Records" {
		return d.Skip()
	}
	return d.Arr(e.record)
}

func (e *extractor) record(d *jx.Decoder) error {
	e.records++
	e.r = record{}
	if err := d.ObjBytes(e.member); err != nil {
		return err
	}
	for _, t := range e.r.texts {
		e.found += len(t)
	}
	return nil
}

func (e *extractor) member(d *jx.Decoder, key []byte) (err error) {
	switch string(key) {
	case "eventTime":
		return e.text(d, eventTime)
	case "eventSource":
		return e.text(d, eventSource)
	case "eventName":
		return e.text(d, eventName)
	case "eventType":
		return e.text(d, eventType)
	case "eventID":
		return e.text(d, eventID)
	case "awsRegion":
		return e.text(d, region)
	case "errorCode":
		return e.text(d, errorCode)
	case "recipientAccountId":
		return e.text(d, recipient)
	case "eventCategory":
		return e.text(d, category)
	case "userIdentity":
		return d.ObjBytes(e.identity)
	case "requestParameters":
		e.r.parameters, err = d.Raw()
		return err
	case "responseElements":
		e.r.answers, err = d.Raw()
		return err
	case "resources":
		e.r.resources, err = d.Raw()
		return err
	}
	return d.Skip()
}

func (e *extractor) identity(d *jx.Decoder, key []byte) error {
	switch string(key) {
	case "type":
		return e.text(d, identityType)
	case "arn":
		return e.text(d, identityARN)
	case "accountId":
		return e.text(d, identityAccount)
	case "principalId":
		return e.text(d, identityPrincipal)
	case "sessionContext":
		return d.ObjBytes(e.context)
	}
	return d.Skip()
}

func (e *extractor) context(d *jx.Decoder, key []byte) error {
	if string(key) != "sessionIssuer" {
		return d.Skip()
	}
	return d.ObjBytes(e.issuer)
}

func (e *extractor) issuer(d *jx.Decoder, key []byte) error {
	switch string(key) {
	case "arn":
		return e.text(d, issuerARN)
	case "type":
		return e.text(d, issuerType)
	case "principalId":
		return e.text(d, issuerPrincipal)
	}
	return d.Skip()
}

func (e *extractor) text(d *jx.Decoder, n int) error {
	if d.Next() != jx.String {
		return d.Skip()
	}
	b, err := d.StrBytes()
	e.r.texts[n] = b
	return err
}
