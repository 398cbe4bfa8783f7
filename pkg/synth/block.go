package synth

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// block finds the services in which nothing of the principal may be touched:
// those of calls that no fact explains, and of successes that no attached
// statement explains, or that an attached Deny or the boundary forbids.
func (p *proposer) block(s *subject) {
	p.blockUnmapped(s)
	set, against := grantSet(s.grants), p.newContradictor(s)
	seen, given := map[[2]string]int{}, explained{}
	for _, c := range s.seen {
		for i := range c.obs {
			o := &c.obs[i]
			if !o.needsExplanation() || needsNoPermission(o.action) {
				continue
			}
			cause, ok := p.causeOf(s, &set, against, o)
			if ok {
				continue
			}
			if cause.certain {
				given.add(s, o, cause.text)
				continue
			}
			key := [2]string{o.action, o.resource}
			if at, ok := seen[key]; ok {
				s.unexpl[at].Count += o.count
				continue
			}
			seen[key] = len(s.unexpl)
			s.unexpl = append(s.unexpl, Unexplained{o.action, o.resource, o.count, cause.text})
			p.blockSource(s, o, cause.text)
		}
	}
}

// causeOf says what allowed a success where no attached statement, now or before, did; ok:
// one did. No other policy helps against an attached Deny; a policy of the resource may
// allow what the boundary does not let pass.
// Source: IAM user guide, "Policy evaluation logic", 2026-11.
func (p *proposer) causeOf(s *subject, set *explainer, against *contradictor, o *observation) (_ cause, ok bool) {
	ctx := contextOf(s.p.ARN, s.p.Account, o)
	if why := against.denied(o, ctx); why != "" {
		return cause{text: why + ": " + staleFiles}, false
	}
	why := against.bounded(o, ctx)
	if why == "" && (set.explains(o, ctx) || s.past.explains(o, ctx)) {
		return cause{}, true
	}
	found := p.layers.explain(s, set.set, o)
	if why != "" && !found.certain {
		found.text = why + "; " + found.text
	}
	return found, false
}

// anyService marks, among the blocked services, one that the facts do not know:
// statements that reach services by a wildcard may be what allows it.
const anyService = "*"

// barrier says why nothing of a service is touched.
type barrier struct {
	why      string
	need     Need
	unmapped bool // since calls are not mapped to actions
	// unexplained: since a success is not explained
	unexplained bool
}

// maxNamed bounds the events that a barrier names.
const maxNamed = 3

// blockUnmapped blocks the services of calls that no fact explains.
func (p *proposer) blockUnmapped(s *subject) {
	calls := map[string]map[event]int64{}
	for _, c := range s.seen {
		for e, n := range c.unmapped {
			prefixes := p.in.Catalog.Prefixes(e.source)
			if len(prefixes) == 0 {
				prefixes = []string{anyService}
			}
			for _, prefix := range prefixes {
				prefix = strings.ToLower(prefix)
				if calls[prefix] == nil {
					calls[prefix] = map[event]int64{}
				}
				calls[prefix][e] += n
			}
		}
	}
	for prefix, events := range calls {
		what := "of this service are not mapped to actions"
		if prefix == anyService {
			what = "are of services that the facts do not know"
		}
		s.blocked[prefix] = barrier{unmapped: true, need: Need{Kind: NeedFacts, What: prefix}, why: fmt.Sprintf("%d calls %s: %s", total(events), what, nameEvents(events))}
	}
}

func total[K comparable](events map[K]int64) (n int64) {
	for _, v := range events {
		n += v
	}
	return n
}

// byFrequency sorts events, the most frequent first.
func byFrequency(events map[event]int64) []event {
	return slices.SortedFunc(maps.Keys(events), func(a, b event) int {
		return cmp.Or(cmp.Compare(events[b], events[a]), cmp.Compare(a.source, b.source), cmp.Compare(a.name, b.name))
	})
}

// nameEvents names the most frequent of some events.
func nameEvents(events map[event]int64) string {
	list := byFrequency(events)
	var names []string
	for _, e := range list[:min(len(list), maxNamed)] {
		source, _, _ := strings.Cut(e.source, ".amazonaws.com")
		names = append(names, source+" "+e.name)
	}
	out := strings.Join(names, ", ")
	if more := len(list) - len(names); more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}

// needsNoPermission knows actions that succeed without any statement.
// Source: STS API reference, GetSessionToken and GetCallerIdentity ("No permissions
// are required"), 2026-11.
func needsNoPermission(action string) bool {
	return strings.EqualFold(action, "sts:GetSessionToken") || strings.EqualFold(action, "sts:GetCallerIdentity")
}

// blockSource blocks the services that the source of an unexplained success can map
// to, naming the first success of each. hint is what may explain it.
func (p *proposer) blockSource(s *subject, o *observation, hint string) {
	why := barrier{unexplained: true, why: fmt.Sprintf("a success of this service is not explained by what is attached: %s on %s (%s)",
		o.action, orAny(o.resource), hint+s.past.cause(o)),
		need: Need{Kind: NeedCause, Account: s.p.Account, Principal: s.p.ARN, What: servicePrefix(o.action)}}
	for _, prefix := range append([]string{servicePrefix(o.action)}, p.in.Catalog.Prefixes(o.source)...) {
		if prefix = strings.ToLower(prefix); !s.blocked[prefix].unexplained {
			s.blocked[prefix] = why
		}
	}
}

// explainer tells whether any attached Allow statement may allow an observation.
type explainer struct {
	set  *iam.Set
	docs []*iam.Document
}

func grantSet(grants []account.Grant) explainer {
	var e explainer
	for _, g := range grants {
		if g.Policy.Document != nil {
			e.docs = append(e.docs, g.Policy.Document)
		}
	}
	return newExplainer(e.docs)
}

func newExplainer(docs []*iam.Document) explainer {
	e := explainer{docs: docs}
	e.set, _ = iam.Compile(docs...)
	return e
}

func (e *explainer) explains(o *observation, ctx iam.Context) bool {
	if e.set == nil {
		return false
	}
	if o.kind == "none" || o.kind == "pattern" {
		return e.takes(o)
	}
	var buf [8]iam.Match
	r := iam.Request{Action: o.action, Resource: o.resource, Context: ctx}
	for _, m := range e.set.Matches(buf[:0], &r) {
		if m.Effect == iam.Allow {
			return true
		}
	}
	return false
}

// takes reports whether a statement takes the action of an observation, and may take
// some resource of its pattern.
func (e *explainer) takes(o *observation) bool {
	for _, d := range e.docs {
		for i := range d.Statements {
			s := &d.Statements[i]
			if s.Effect == iam.Allow && (&matcher{statement: s}).takesAction(o.action) && (o.kind == "none" || touches(s, o.resource)) {
				return true
			}
		}
	}
	return false
}
