package iam_test

import (
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

func TestIncludesEndsOnBombs(t *testing.T) {
	for _, c := range hostile() {
		outer, inner := parsed(t, c.outer), parsed(t, c.inner)
		for _, x := range []struct {
			name         string
			outer, inner *iam.Document
			only         bool
		}{{"both", outer, inner, false}, {"turned", inner, outer, false}, {"itself", outer, outer, false},
			{"allows", outer, inner, true}, {"allows, turned", inner, outer, true}} {
			if testing.Short() && x.name != "both" && x.name != "turned" {
				continue
			}
			t.Run(c.name+"/"+x.name, func(t *testing.T) {
				bounded(t, func() {
					got := iam.Includes([]*iam.Document{x.outer}, []*iam.Document{x.inner}, iam.InclusionOptions{AllowsOnly: x.only})
					if got.Verdict == iam.Fails && x.name == "itself" {
						t.Errorf("does not include itself: %s", got.Reason)
					}
					if len(got.Reason) > 1000 {
						t.Errorf("a reason of %d bytes", len(got.Reason))
					}
				})
			})
		}
	}
}
