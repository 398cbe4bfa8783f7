package ingest

import (
	"context"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// relisted finds the folders that an earlier scan could not list and this one can, so
// that their rows say so. Nothing else would: a folder is no object of a list that goes
// well.
type relisted struct {
	source  trail.Source
	missing []usage.ObjectRow
	seen    []bool // something in the folder was listed
}

func newRelisted(source trail.Source, ledger *usage.Ledger) *relisted {
	missing := ledger.Unlisted()
	return &relisted{source, missing, make([]bool, len(missing))}
}

// see takes note of an object that is listed.
func (r *relisted) see(j job) {
	if len(r.missing) == 0 || j.object.Kind == trail.KindUnreadable {
		return // as before: its new row takes the place of the old one
	}
	key := ledgerRow(j).Key
	for i := range r.missing {
		r.seen[i] = r.seen[i] || within(r.missing[i].Key, key)
	}
}

// within reports whether an object is what a list of a folder did not come to: of
// "folder/key…" what comes after the key.
func within(folder, key string) bool {
	if last, ok := strings.CutSuffix(folder, "…"); ok {
		return strings.HasPrefix(key, last[:strings.LastIndexByte(last, '/')+1]) && key > last
	}
	return strings.HasPrefix(key, strings.TrimSuffix(folder, "/")+"/")
}

// send passes the folders on that were listed, as objects that are no logs.
func (r *relisted) send(ctx context.Context, m *meter, jobs chan<- job) error {
	for i := range r.missing {
		if !r.seen[i] {
			continue
		}
		row := &r.missing[i]
		o := trail.Object{Size: row.Size, Kind: trail.KindOther, Account: row.Account, Region: row.Region}
		o.Key = row.Key
		if l, ok := r.source.(trail.Located); ok {
			o.Key = strings.TrimPrefix(row.Key, l.Locate(""))
		}
		if row.Day >= 0 {
			o.Day = time.Unix(int64(row.Day)*86400, 0).UTC()
		}
		m.listed(0)
		select {
		case jobs <- job{source: r.source, object: o}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
