package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/ingest"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func newActions(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "actions",
		Short: "Ask the facts: what an action is, what a call exercises",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newLookup(env), newExpand(env), newActionsResolve(env), newActionsUpdate(env), newActionsDiff(env))
	return c
}

func newExpand(env Env) *cobra.Command {
	var f format
	c := &cobra.Command{
		Use:   "expand PATTERN...",
		Short: "List the known actions that a pattern matches",
		Long: "List the known actions that each pattern matches, sorted. A pattern that matches none is\n" +
			"an error, with names near it.",
		Example: "  tighten actions expand 's3:Get*'",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return expand(env, f, args) },
	}
	addFormat(c, &f)
	return c
}

func expand(env Env, f format, patterns []string) error {
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	names := []string{}
	for _, p := range patterns {
		before := len(names)
		if names = catalog.Expand(names, p); len(names) == before {
			return noAction(catalog, p)
		}
	}
	if f == "json" {
		return report.JSON(env.Stdout, names)
	}
	w := bufio.NewWriter(env.Stdout)
	for _, a := range names {
		fmt.Fprintln(w, a)
	}
	return w.Flush()
}

// noAction is the error for a pattern that no known action fits, with what it may be
// meant to be.
func noAction(c *actions.Catalog, pattern string) error {
	prefix, name, colon := strings.Cut(pattern, ":")
	services := c.NearServices(prefix)
	switch {
	case !colon && len(services) > 0 && strings.EqualFold(services[0], prefix):
		return fmt.Errorf("%q is no pattern of actions: %q takes all of the service", pattern, services[0]+":*")
	case !colon:
		return fmt.Errorf("%q is no pattern of actions: they are written service:Name, such as 's3:Get*'%s", pattern, nearText(c.Near(pattern)))
	case len(c.Expand(nil, prefix+":*")) == 0:
		return fmt.Errorf("%q fits no known action: no service %q is known%s", pattern, prefix, nearText(services))
	}
	return fmt.Errorf("%q fits no known action of %s%s", pattern, prefix, nearText(c.Near(prefix+":"+strings.Trim(name, "*?"))))
}

// nearText names what may have been meant.
func nearText(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; near it: " + strings.Join(names, ", ")
}

func newActionsResolve(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "resolve < RECORDS",
		Short: "Turn CloudTrail records on stdin (one JSON object a line) into IAM uses",
		Long: "Turn CloudTrail records on standard input, one JSON object a line, into the IAM actions\n" +
			"and resources that they exercise: one JSON line for each record, in the same order. A\n" +
			"line that cannot be read gives an object with an error, and exit code 5 at the end.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return resolveLines(env) },
	}
}

// resolvedJSON is one line of `actions resolve`.
type resolvedJSON struct {
	EventSource string    `json:"eventSource"`
	EventName   string    `json:"eventName"`
	Class       string    `json:"class"`
	Outcome     string    `json:"outcome"`
	Principal   string    `json:"principal"`
	Via         string    `json:"via,omitempty"` // the AWS service that called on the principal's behalf
	Uses        []useJSON `json:"uses"`
	Note        string    `json:"note"`
}

type useJSON struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	Basis    string `json:"basis"`
	Kind     string `json:"kind"`
	Level    string `json:"level"`
	Outcome  string `json:"outcome"`             // undetermined where the call's error leaves this action open
	PassedTo string `json:"passed_to,omitempty"` // of iam:PassRole: the service principal, where known
}

type badLineJSON struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

var errLongLine = fmt.Errorf("longer than %d bytes; one record stands on each line", trail.DefaultMaxRecord)

// readLine reads a line, without more than most bytes of it in memory: the rest of a
// longer one is passed over, and long is set.
func readLine(in *bufio.Reader, most int) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if long = long || len(line)+len(part) > most; long {
			line = nil
		} else {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

// lineResolver resolves one record at a time.
type lineResolver struct {
	decoder  *trail.Decoder
	resolver *actions.Resolver
	record   usage.Record
	out      *json.Encoder
}

func resolveLines(env Env) error {
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	w := bufio.NewWriter(env.Stdout)
	l := &lineResolver{decoder: trail.NewDecoder(trail.Limits{}), resolver: actions.NewResolver(catalog), out: json.NewEncoder(w)}
	l.out.SetEscapeHTML(false)
	in := bufio.NewReaderSize(env.Stdin, 1<<16)
	bad := 0
	for n := 1; ; n++ {
		line, long, err := readLine(in, int(trail.DefaultMaxRecord))
		if long || len(bytes.TrimSpace(line)) > 0 {
			failure := errLongLine
			if !long {
				failure = l.line(line)
			}
			if failure != nil {
				bad++
				if err := l.out.Encode(badLineJSON{n, failure.Error()}); err != nil {
					return err
				}
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if bad > 0 {
		return outcome{ExitUnreadable, count(bad, "line") + " could not be read"}
	}
	return nil
}

// line resolves the records of one line, normally one.
func (l *lineResolver) line(data []byte) error {
	l.decoder.Reset(bytes.NewReader(data))
	n := 0
	for l.decoder.Next() {
		n++
		if err := l.out.Encode(l.resolve(l.decoder.Event())); err != nil {
			return err
		}
	}
	if err := l.decoder.Err(); err != nil {
		return err
	}
	if bad := l.decoder.Unreadable(); len(bad) > 0 {
		return bad[0]
	}
	if n == 0 {
		return errors.New("no CloudTrail record")
	}
	return nil
}

func (l *lineResolver) resolve(e *trail.Event) resolvedJSON {
	ingest.Record(&l.record, e)
	who := usage.Credit(&l.record.Identity)
	call := callOf(&l.record, who)
	r := l.resolver.Resolve(&call)
	out := resolvedJSON{EventSource: e.Source, EventName: e.Name, Class: string(r.Class), Outcome: string(ingest.Outcome(l.record.Outcome, r.Outcome)),
		Principal: who.ARN, Via: strings.Clone(e.Identity.InvokedBy), Uses: []useJSON{}, Note: strings.Clone(r.Note)}
	for _, u := range r.Uses {
		out.Uses = append(out.Uses, useJSON{u.Action, u.Resource, string(u.Basis), string(u.Kind), string(u.Level), string(ingest.Outcome(l.record.Outcome, u.Outcome)), u.PassedTo})
	}
	return out
}

// callOf is the call of one record, as a dataset would hand it to the resolver.
func callOf(r *usage.Record, who usage.Principal) actions.Call {
	return ingest.CallOf(&usage.Call{
		Account: who.Account, RecipientAccount: r.RecipientAccount, Principal: who.ARN, PrincipalID: who.ID, PrincipalType: who.Type,
		EventSource: r.EventSource, EventName: r.EventName, EventType: r.EventType, Category: r.Category,
		ReadOnly: r.ReadOnly, Region: r.Region, ErrorCode: r.ErrorCode, Outcome: r.Outcome,
	}, r.Args, r.Context)
}
