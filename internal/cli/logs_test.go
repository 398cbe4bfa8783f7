package cli

import (
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/usage"
)

func TestNothingRead(t *testing.T) {
	for _, c := range []struct {
		s    usage.Stats
		want string // "" for no error
	}{
		{usage.Stats{}, "no log objects"},
		{usage.Stats{Objects: 3, ObjectsSkipped: 3}, "none of the 3 objects is a CloudTrail log"},
		{usage.Stats{Objects: 1, ObjectsSkipped: 1}, "the only object is not a CloudTrail log"},
		{usage.Stats{Objects: 1, Records: 5, Filtered: 4, Unreadable: 1}, "the filters leave none of 5 records"},
		{usage.Stats{Objects: 1, Records: 5, Filtered: 4}, ""},
		{usage.Stats{Objects: 2, ObjectsSkipped: 1}, ""},
		{usage.Stats{Objects: 1, Records: 5, Unreadable: 5}, ""},
		{usage.Stats{Objects: 1}, ""},
	} {
		err := nothingRead(&c.s)
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.s, err, c.want)
		}
	}
}
