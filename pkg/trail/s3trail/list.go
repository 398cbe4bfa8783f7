package s3trail

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tighten-iam/tighten/pkg/trail"
)

const (
	// maxAhead is how many folders are listed ahead of the one whose objects are
	// passed on. Each holds two pages of 1,000 objects at most.
	maxAhead = 32
	// nearAhead is how many of the very next folders are listed ahead in any case.
	nearAhead = 8
	// searchDepth is how many folders deep the layout is looked for.
	searchDepth = 4
)

// List implements trail.Source: objects come in byte order of their keys, while the
// folders they are in are listed in parallel, each of them ahead of its turn.
//
// Folders that cannot be listed after all tries are passed on as unreadable. Where
// nothing was passed on before, the first one of all, refused credentials and a missing
// bucket fail the list.
//
// Folders of other services below AWSLogs/ACCOUNT/ (Config, flow logs, …) are not
// listed but passed on as one object of trail.KindOther each, which has the folder's
// name and no size.
func (s *Source) List(ctx context.Context, fn func(trail.Object) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	l := &lister{source: s, slots: make(chan struct{}, maxAhead), fn: fn}
	defer l.running.Wait()
	defer cancel()
	root := l.root()
	if err := l.emit(ctx, root); err != nil {
		return err
	}
	return ctx.Err()
}

// lister is one List under way.
type lister struct {
	source  *Source
	fn      func(trail.Object) error
	slots   chan struct{} // of folders listed ahead
	running sync.WaitGroup
	passed  bool // an object
}

// node is a folder: how it is listed, and what came of that so far.
type node struct {
	folder string
	place  place
	depth  int    // folders outside the layout above it
	only   string // with the root: the one key, or folder, that it stands for

	started atomic.Bool
	slot    atomic.Bool // it has one of the lister's
	pages   chan result
}

type result struct {
	entries []entry
	err     error
	last    string // with err: the last key before it
}

func (l *lister) newNode(folder string, depth int) *node {
	return &node{folder: folder, place: placeOf(folder), depth: depth, pages: make(chan result, 1)}
}

// root is the folder that the location names. Without its last slash the name may
// also be an object's, and other names begin with it too.
func (l *lister) root() *node {
	prefix := l.source.location.Prefix
	if prefix == "" || strings.HasSuffix(prefix, "/") {
		return l.newNode(prefix, 0)
	}
	return &node{folder: prefix, only: prefix, pages: make(chan result, 1)}
}

// emit passes on what is in a folder, and starts what comes after it.
func (l *lister) emit(ctx context.Context, n *node) error {
	l.start(ctx, n, true)
	defer l.finish(n)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case r, ok := <-n.pages:
			if !ok {
				return nil
			}
			if err := l.result(ctx, n, r); err != nil {
				return err
			}
		}
	}
}

func (l *lister) result(ctx context.Context, n *node, r result) error {
	if r.err != nil {
		return l.unlisted(ctx, n, r)
	}
	for i := range r.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		e := &r.entries[i]
		if e.node == nil {
			l.passed = true
			if err := l.fn(e.object); err != nil {
				return err
			}
			continue
		}
		l.ahead(ctx, r.entries[i:])
		if err := l.emit(ctx, e.node); err != nil {
			return err
		}
		e.node = nil // its pages are done with
	}
	return nil
}

// unlisted passes a folder on that could not be listed (in full), unless nothing was
// listed before it and nothing else can: what was read is worth keeping.
func (l *lister) unlisted(ctx context.Context, n *node, r result) error {
	hopeless := refused(r.err) || n.folder == l.source.location.Prefix
	if ctx.Err() != nil || hopeless && !l.passed {
		return r.err
	}
	key := n.folder
	if r.last != "" {
		key = r.last + "…" // comes after what was listed, and before all else
	}
	// The last key may name an account or a day that is not all that is missing.
	whole := trail.ParseKey(n.folder)
	return l.fn(trail.Object{
		Key: key, Size: -1, Kind: trail.KindUnreadable, Err: r.err,
		Account: whole.Account, Region: whole.Region, Day: whole.Day,
	})
}

// ahead starts the next folders of a page.
func (l *lister) ahead(ctx context.Context, entries []entry) {
	near := nearAhead
	for i := range entries {
		if n := entries[i].node; n != nil {
			if !l.start(ctx, n, near > 0) {
				return
			}
			near--
		}
	}
}

// start lists a folder in a goroutine of its own, unless that is under way. It reports
// whether it is; without must, it needs a slot.
func (l *lister) start(ctx context.Context, n *node, must bool) bool {
	if n.started.Load() {
		return true
	}
	slot := false
	select {
	case l.slots <- struct{}{}:
		slot = true
	default:
		if !must {
			return false
		}
	}
	if n.started.Swap(true) {
		if slot {
			<-l.slots
		}
		return true
	}
	n.slot.Store(slot)
	l.running.Go(func() { l.run(ctx, n) })
	return true
}

// finish gives the slot of a folder back.
func (l *lister) finish(n *node) {
	if n.slot.Load() {
		<-l.slots
	}
}

// run lists a folder and closes its pages.
func (l *lister) run(ctx context.Context, n *node) {
	defer close(n.pages)
	last := ""
	send := func(entries []entry) error {
		if k := len(entries); k > 0 {
			last = entries[k-1].key()
		}
		return n.send(ctx, result{entries: entries})
	}
	if err := l.list(ctx, n, send); err != nil {
		_ = n.send(ctx, result{err: err, last: last}) // or the list has ended
	}
}

func (n *node) send(ctx context.Context, r result) error {
	select {
	case n.pages <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errSplit ends a trial: there is more in the folder than one page, or than it seemed.
var errSplit = errors.New("list by folders")

// list chooses the way to list a folder. Quiet regions fit on one page for years, so
// that is tried before a folder's parts are listed by themselves, in parallel.
func (l *lister) list(ctx context.Context, n *node, send func([]entry) error) error {
	switch {
	case n.only != "":
		return l.split(ctx, n, send)
	case n.place.level == levelUnknown:
		return l.search(ctx, n, send)
	case n.place.level == levelDay:
		return l.flat(ctx, n, send, false)
	case n.place.level == levelService, n.place.level == levelRegion, n.place.level == levelMonth:
		if err := l.flat(ctx, n, send, true); !errors.Is(err, errSplit) {
			return err
		}
	}
	return l.split(ctx, n, send)
}

// flat lists all below a folder; as a trial only if that is one page.
func (l *lister) flat(ctx context.Context, n *node, send func([]entry) error, trial bool) error {
	q := &query{prefix: n.folder, after: l.source.scope.after(n.folder, n.place)}
	for {
		p, err := l.source.next(ctx, q)
		if err != nil {
			return err
		}
		past := len(p.objects) > 0 && l.source.scope.past(p.objects[len(p.objects)-1].Key, n.place)
		if trial && p.more && !past {
			return errSplit
		}
		if err := send(l.entries(p, nil)); err != nil || !p.more || past {
			return err
		}
	}
}

// split lists a folder's own objects, and makes a node of each folder in it.
func (l *lister) split(ctx context.Context, n *node, send func([]entry) error) error {
	q := &query{prefix: n.folder, delimited: true}
	for {
		p, err := l.source.next(ctx, q)
		if err != nil {
			return err
		}
		if n.only != "" {
			p.keep(n.only)
		}
		if err := l.branch(ctx, n, p, send); err != nil || !p.more {
			return err
		}
	}
}

// search lists a folder outside the layout. What is many folders wide or deep is
// listed as it is: not worth a request each.
func (l *lister) search(ctx context.Context, n *node, send func([]entry) error) error {
	if n.depth < searchDepth {
		p, err := l.source.next(ctx, &query{prefix: n.folder, delimited: true})
		if err != nil {
			return err
		}
		if !p.more {
			return l.branch(ctx, n, p, send)
		}
		if p.layout() {
			return l.split(ctx, n, send)
		}
	}
	return l.flat(ctx, n, send, false)
}

// layout reports whether the delivery layout begins on the page.
func (p *page) layout() bool {
	for _, folder := range p.folders {
		if placeOf(folder).level != levelUnknown {
			return true
		}
	}
	return false
}

// keep leaves what has the name, as a key or as a folder.
func (p *page) keep(name string) {
	objects, folders := p.objects, p.folders
	p.objects, p.folders = nil, nil
	for _, o := range objects {
		if o.Key == name {
			p.objects = append(p.objects, o)
		}
	}
	for _, folder := range folders {
		if folder == name+"/" {
			p.folders = append(p.folders, folder)
		}
	}
}

// branch sends a page whose folders are listed in their turn, or ahead of it.
func (l *lister) branch(ctx context.Context, n *node, p *page, send func([]entry) error) error {
	entries := l.entries(p, func(folder string) *entry { return l.child(n, folder) })
	nodes := make([]*node, 0, len(p.folders))
	for i := range entries {
		if entries[i].node != nil {
			nodes = append(nodes, entries[i].node)
		}
	}
	for _, child := range nodes {
		if !l.start(ctx, child, false) {
			break
		}
	}
	return send(entries)
}

// child is what stands for a folder in a folder, nil if it is not asked for.
func (l *lister) child(n *node, folder string) *entry {
	depth := n.depth
	if n.place.level == levelUnknown {
		depth++
	}
	c := l.newNode(folder, depth)
	switch {
	case !l.source.scope.folder(c.place):
		return nil
	case n.place.level == levelAccount && c.place.level == levelUnknown:
		return &entry{object: trail.Object{Key: folder, Size: -1, Kind: trail.KindOther, Account: n.place.account}}
	}
	return &entry{node: c}
}
