package cli

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
)

type doctorOptions struct {
	evidence     evidenceFlags
	usage        string
	format       format
	principal    string
	lastAccessed bool
	all          bool
}

func newDoctor(env Env) *cobra.Command {
	o := &doctorOptions{}
	c := &cobra.Command{
		Use:   "doctor --usage DATASET --account PATH",
		Short: "Say which data would let more permissions go",
		Long: "Say which event selectors, reports, days, accounts or other data would decide the\n" +
			"permissions that stay because nothing shows that they are unused: how many each decides,\n" +
			"the most rewarding first, with the command that gets it. --last-accessed compares what is\n" +
			"granted, what the logs show, and what AWS says was accessed.",
		Example: "  tighten doctor --usage out/dataset --account account.json\n" +
			"  tighten doctor --usage out/dataset --account account.json --last-accessed --principal role/etl",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c, env) },
	}
	o.evidence.add(c)
	_ = c.MarkFlagRequired("account")
	addUsage(c, &o.usage)
	addFormat(c, &o.format)
	c.Flags().StringVar(&o.principal, "principal", "", "only the policies of this principal: an ARN, or a name that fits one")
	c.Flags().BoolVar(&o.lastAccessed, "last-accessed", false, "the table of what is granted, in the logs and last accessed")
	c.Flags().BoolVar(&o.all, "all", false, "list everything that is missing; with --last-accessed, every service and tracked action")
	return c
}

func (o *doctorOptions) run(c *cobra.Command, env Env) error {
	opts, err := o.evidence.options(c)
	if err != nil {
		return err
	}
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	snapshot, err := o.evidence.snapshot(catalog)
	if err != nil {
		return err
	}
	table, err := readForProposals(o.usage)
	if err != nil {
		return err
	}
	if o.principal != "" {
		if opts.Principal, err = findPrincipal(o.principal, table, snapshot); err != nil {
			return err
		}
	}
	opts.Workers = runtime.GOMAXPROCS(0)
	in := synth.Input{Catalog: catalog, Table: table, Snapshot: snapshot, Options: opts}
	if o.lastAccessed {
		return o.accessed(env, in)
	}
	d, err := synth.Doctor(in)
	if err != nil {
		return err
	}
	out := diagnosisReport(d, snapshot)
	if o.format == "json" {
		return report.JSON(env.Stdout, out)
	}
	text := textOptions(env)
	if text.Max = shownUnlocks; o.all {
		text.Max = -1
	}
	return report.DoctorText(env.Stdout, out, text)
}

// shownUnlocks is how many missing pieces the text shows without --all.
const shownUnlocks = 12

// accessed prints the table of last-accessed data.
func (o *doctorOptions) accessed(env Env, in synth.Input) error {
	rows, err := synth.LastAccessed(in)
	if err != nil {
		return err
	}
	out := &report.AccessTable{Version: report.Version, Rows: []report.AccessRow{}}
	for i := range rows {
		r := &rows[i]
		out.Rows = append(out.Rows, report.AccessRow{Principal: r.Principal, Service: r.Service, Action: r.Action, Granted: r.Granted, Calls: r.Calls,
			Logged: timePointer(r.Logged), Reported: r.Reported, Accessed: timePointer(r.Accessed), Finding: string(r.Finding), Blocks: r.Finding == synth.AccessHole})
	}
	if len(rows) == 0 {
		out.Note = "no usable last-accessed report: it must name its principal and be made at least four hours after the last log record"
	}
	if o.format == "json" {
		return report.JSON(env.Stdout, out)
	}
	text := textOptions(env)
	text.All = o.all
	return report.AccessText(env.Stdout, out, text)
}

func diagnosisReport(d *synth.Diagnosis, s *account.Snapshot) *report.Diagnosis {
	out := &report.Diagnosis{Version: report.Version, AsOf: d.AsOf.Format(time.DateOnly), MinWindow: d.MinWindow, Documents: d.Documents, Granted: d.Granted,
		Removable: d.Removable, Kept: d.Kept, Undecided: d.Undecided, Together: d.Together, Nothing: d.Nothing, Reports: d.Reports, More: d.More, Warnings: d.Warnings}
	a := newAdvice(s)
	for i := range d.Unlocks {
		out.Unlocks = append(out.Unlocks, a.unlock(&d.Unlocks[i]))
	}
	for _, h := range d.Heavy {
		x := report.Heavy{Policy: h.Name, Owner: h.Owner, Undecided: h.Undecided}
		for i := range h.Unlocks {
			x.Unlocks = append(x.Unlocks, a.unlock(&h.Unlocks[i]))
		}
		out.Heavy = append(out.Heavy, x)
	}
	return out
}

// advice tells how to get what is missing.
type advice struct {
	trails    map[string][]string // ARNs of the trails of an account, the organization's too
	selectors map[string]bool     // accounts of which selectors are given
}

func newAdvice(s *account.Snapshot) advice {
	a := advice{trails: map[string][]string{}, selectors: map[string]bool{}}
	for _, t := range s.Trails { // one a region it shows in
		for _, id := range append([]string{accountIn(t.ARN)}, s.Accounts...) {
			if (id == accountIn(t.ARN) || t.Organization) && !slices.Contains(a.trails[id], t.ARN) {
				a.trails[id] = append(a.trails[id], t.ARN)
			}
		}
	}
	for _, x := range s.Selectors {
		a.selectors[accountIn(x.TrailARN)] = true
	}
	return a
}

func accountIn(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

func (a advice) unlock(u *synth.Unlock) report.Unlock {
	n := u.Need
	out := report.Unlock{Kind: string(n.Kind), Account: n.Account, Principal: n.Principal, What: n.What, Days: n.Days,
		Alone: u.Alone, Among: u.Among, Uncertain: u.Uncertain, Actions: u.Actions, Principals: u.Principals, PrincipalsN: u.Attached}
	if !u.Until.IsZero() {
		out.Until = u.Until.Format(time.DateOnly)
	}
	out.Text, out.Commands = a.how(n, out.Until)
	return out
}

// how is a sentence and the commands that get what is needed. Sources: AWS CLI command
// reference for cloudtrail and iam, 2026-11.
func (a advice) how(n synth.Need, until string) (text string, commands []string) {
	in := ""
	if n.Account != "" {
		in = " of account " + n.Account
	}
	describe := "aws cloudtrail describe-trails --output json"
	switch n.Kind {
	case synth.NeedSelectors:
		return a.selecting(n)
	case synth.NeedLastAccessed:
		return "the last-accessed report of " + n.Principal, []string{
			"aws iam generate-service-last-accessed-details --granularity ACTION_LEVEL --arn " + shell(n.Principal),
			"aws iam get-service-last-accessed-details --output json --job-id JOB_ID_OF_THE_ABOVE"}
	case synth.NeedDays:
		return fmt.Sprintf("%d more observed days%s: until %s, if all days to come are in the logs", n.Days, in, until), nil
	case synth.NeedSnapshot:
		return "the authorization details" + in + ", taken again: they do not fit the logs, or others have the policy",
			[]string{"aws iam get-account-authorization-details --output json > " + shell("account-"+n.Account+".json")}
	case synth.NeedTrail:
		return "a multi-region trail" + in + ", as describe-trails tells", []string{describe}
	case synth.NeedLogs:
		return logsText(n, in), []string{describe}
	case synth.NeedRegions:
		return "a scan without --regions", nil
	case synth.NeedReadable:
		return "the log objects that could not be read: repair them, or take them away, and scan again", nil
	case synth.NeedFacts:
		if n.What == "*" {
			return "facts of the services of unmapped calls", []string{"tighten actions update"}
		}
		return "facts for the unmapped calls of " + n.What, []string{"tighten actions update"}
	case synth.NeedCause:
		return "what allows " + n.Principal + " its unexplained calls of " + n.What + ": resource policies, key policies or grants as JSON (--account)", nil
	case synth.NeedStandard:
		return "--evidence standard, which takes presumed management events", nil
	}
	return "nothing", nil
}

func logsText(n synth.Need, in string) string {
	switch {
	case n.What == "data events":
		return "the logs of the trail" + in + " that takes data events"
	case n.Principal != "" && n.What != "":
		return "the logs in which " + n.Principal + " uses " + n.What + ": AWS saw it, and these do not show it"
	case n.Principal != "":
		return "the logs in which " + n.Principal + " is used: AWS saw it, and these do not show it"
	}
	return "the CloudTrail logs" + in
}

// selecting asks for event selectors: those that are, or that they be changed.
func (a advice) selecting(n synth.Need) (string, []string) {
	what := n.What
	if strings.Contains(what, "::") {
		what = "data events of " + what + " in full"
	}
	text := "event selectors of a trail of account " + n.Account + " that takes " + what
	if a.selectors[n.Account] {
		text += " (those given do not: if no other trail does either, let one take them from now on; the days since count)"
	}
	var commands []string
	for _, arn := range a.trails[n.Account] {
		commands = append(commands, "aws cloudtrail get-event-selectors --output json --trail-name "+shell(arn))
	}
	if commands == nil {
		commands = []string{"aws cloudtrail describe-trails --output json", "aws cloudtrail get-event-selectors --output json --trail-name TRAIL_ARN_OF_THE_ABOVE"}
	}
	return text, commands
}

// shell quotes a word for a POSIX shell. What it holds comes from files of others.
func shell(s string) string {
	if plain := regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,][A-Za-z0-9_./:=@%+,-]*$`); plain.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
