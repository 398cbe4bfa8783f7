package cli

import (
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
)

// riskReport is nil where nothing risky was granted.
func riskReport(r *synth.Risk) *report.Risk {
	if r.Before == 0 {
		return nil
	}
	out := &report.Risk{Before: r.Before, After: r.After, More: r.More, Removed: []report.RemovedRisk{}}
	for _, x := range r.Removed {
		out.Removed = append(out.Removed, report.RemovedRisk{Action: x.Action, Class: string(x.Class), Source: x.Source, On: x.On, Narrowed: x.Narrowed})
	}
	return out
}
