package cli

import (
	"fmt"

	"github.com/schollz/progressbar/v3"

	"github.com/tighten-iam/tighten/internal/ingest"
)

// progress shows the rate and the time left on stderr, when it is a terminal.
type progress struct {
	bar *progressbar.ProgressBar
}

func newProgress(env Env) *progress {
	if !env.ProgressTerminal {
		return &progress{}
	}
	return &progress{progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(env.Stderr),
		progressbar.OptionShowBytes(true),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionFullWidth(),
		progressbar.OptionClearOnFinish(),
	)}
}

func (p *progress) update(s ingest.Progress) {
	if p.bar == nil {
		return
	}
	if s.ListingDone && p.bar.GetMax64() != s.Bytes && s.Bytes > 0 {
		p.bar.ChangeMax64(s.Bytes)
	}
	p.bar.Describe(fmt.Sprintf("%d/%d objects, %d records", s.ObjectsDone, s.Objects, s.Records))
	_ = p.bar.Set64(s.BytesDone) // drawing fails only where stderr is gone
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
