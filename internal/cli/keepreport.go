package cli

import (
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
)

func detectedReport(list []synth.Detection) []report.Detected {
	var out []report.Detected
	for _, d := range list {
		out = append(out, report.Detected{Class: string(d.Class), Reason: d.Reason})
	}
	return out
}

func keptReport(c *actions.Catalog, list []synth.KeptFor) []report.Kept {
	var out []report.Kept
	for _, k := range list {
		out = append(out, report.Kept{For: k.For, Where: k.Where, Reason: k.Reason, Actions: foldServices(c, k.Actions)})
	}
	return out
}

func apartReport(list []synth.QuarantineChange) []report.Apart {
	var out []report.Apart
	for _, c := range list {
		change := "wider"
		if c.Removed {
			change = "kept"
		}
		out = append(out, report.Apart{Action: c.Action, Change: change, Resources: c.Resources, Rules: c.Rules})
	}
	return out
}
