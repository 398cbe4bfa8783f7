package simulate

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/report"
)

// Stream is a run over many lines.
type Stream struct {
	Options
	Workers int // 1 or more
	MaxLine int // bytes; a longer line is an error of that line
}

// Stats are what a run came to.
type Stats struct {
	Lines  int // that are not blank
	Bad    int // that could not be read
	Differ int // where the decision is not the expected one, under Expect
	Notes  []string
}

// maxNotes bounds the differences that Stats tells in words.
const maxNotes = 20

// line is one line of the input; text is nil where it was too long.
type line struct {
	number int
	text   []byte
}

// batch is a run of lines that one worker answers.
type batch struct {
	lines []line
	out   bytes.Buffer
	stats Stats
	done  chan struct{}
}

// Bounds of a batch: small enough to spread over workers and to bound memory.
const (
	batchLines = 256
	batchBytes = 256 << 10
)

// Run answers the lines of in on out, in order, one line for each that is not blank.
// Answers are written as soon as no further line waits, so that a program can ask and
// read in turn. What could not be read counts in Stats; the error is one of in or out,
// or the context's.
func (s *Stream) Run(ctx context.Context, in io.Reader, out io.Writer) (Stats, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work, order := make(chan *batch), make(chan *batch, 2*s.Workers)
	docs := &Documents{}
	for range s.Workers {
		go func() {
			for b := range work {
				s.answer(b, docs)
				close(b.done)
			}
		}()
	}
	read := make(chan error, 1)
	go func() {
		err := s.read(ctx, in, work, order)
		close(work)
		read <- err // before order ends, so that it is there
		close(order)
	}()
	total, err := collect(ctx, order, out)
	if err != nil {
		return total, err
	}
	return total, <-read
}

// collect writes the batches in order.
func collect(ctx context.Context, order <-chan *batch, out io.Writer) (total Stats, err error) {
	for {
		var b *batch
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case b = <-order:
		}
		if b == nil {
			return total, nil
		}
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-b.done:
		}
		total.add(&b.stats)
		if _, err := out.Write(b.out.Bytes()); err != nil {
			return total, err
		}
	}
}

func (s *Stats) add(t *Stats) {
	s.Lines, s.Bad, s.Differ = s.Lines+t.Lines, s.Bad+t.Bad, s.Differ+t.Differ
	s.Notes = append(s.Notes, t.Notes[:min(len(t.Notes), maxNotes-len(s.Notes))]...)
}

// read cuts the input into batches. A batch ends when it is full or when no further
// line has arrived.
func (s *Stream) read(ctx context.Context, in io.Reader, work, order chan<- *batch) error {
	r := bufio.NewReaderSize(in, 1<<16)
	b, size := &batch{done: make(chan struct{})}, 0
	send := func() bool {
		if len(b.lines) == 0 {
			return true
		}
		for _, to := range []chan<- *batch{order, work} {
			select {
			case to <- b:
			case <-ctx.Done():
				return false
			}
		}
		b, size = &batch{done: make(chan struct{})}, 0
		return true
	}
	for n := 1; ; n++ {
		text, long, err := readLine(r, s.MaxLine)
		if long || len(bytes.TrimSpace(text)) > 0 {
			b.lines, size = append(b.lines, line{n, text}), size+len(text)
		}
		full := len(b.lines) >= batchLines || size >= batchBytes || !lineWaits(r)
		if (full || err != nil) && !send() {
			return ctx.Err()
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// lineWaits reports whether a whole line is in the buffer.
func lineWaits(r *bufio.Reader) bool {
	part, _ := r.Peek(r.Buffered())
	return bytes.IndexByte(part, '\n') >= 0
}

// readLine reads a line, without more than most bytes of it in memory: the rest of a
// longer one is passed over, long is set and text nil.
func readLine(in *bufio.Reader, most int) (text []byte, long bool, err error) {
	text = []byte{}
	for {
		part, err := in.ReadSlice('\n')
		if long = long || len(text)+len(part) > most; long {
			text = nil
		} else {
			text = append(text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, long, err
		}
	}
}

func (s *Stream) answer(b *batch, docs *Documents) {
	for _, l := range b.lines {
		b.stats.Lines++
		if l.text == nil {
			b.fail(Question{ID: []byte("null")}, l.number, fmt.Errorf("longer than %d bytes: see --max-line-bytes", s.MaxLine))
			continue
		}
		q, err := Parse(l.text, docs, s.Options)
		if err != nil {
			b.fail(q, l.number, err)
			continue
		}
		got := iam.Evaluate(&q.Layers, &q.Request).String()
		fmt.Fprintf(&b.out, `{"id":%s,"decision":"%s"}`+"\n", report.EscapeJSON(q.ID), got)
		if s.Expect && got != q.Want {
			b.stats.Differ++
			if len(b.stats.Notes) < maxNotes {
				b.stats.Notes = append(b.stats.Notes, fmt.Sprintf("line %d, id %s: want %s, got %s", l.number, q.ID, q.Want, got))
			}
		}
	}
	b.lines = nil
}

// fail writes the answer to a line that could not be read.
func (b *batch) fail(q Question, number int, err error) {
	b.stats.Bad++
	text := report.JSONText(fmt.Sprintf("line %d: %s", number, err))
	fmt.Fprintf(&b.out, `{"id":%s,"error":%s}`+"\n", report.EscapeJSON(q.ID), text)
}
