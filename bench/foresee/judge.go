package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"github.com/tighten-iam/tighten/bench/family"
)

// verdict is what the independent judge says of one principal.
type verdict struct {
	Workload  string    `json:"workload"`
	Principal string    `json:"principal"`
	Status    string    `json:"status"`
	Replayed  int       `json:"replayed"` // calls of the later days that the attached documents allow
	Denied    int       `json:"denied"`   // of them, those that the proposed ones do not
	Broken    []class   `json:"broken,omitempty"`
	Excess    int       `json:"excess"`   // visible permissions granted on things that exist and were never used
	Attached  int       `json:"attached"` // visible permissions on things that exist, as attached
	Expert    int       `json:"expert"`   // what Excess is with the document of somebody who knows the workload
	Hidden    int       `json:"hidden"`   // as Excess, of actions with uses whose resource no record tells
	Foreign   int       `json:"foreign"`  // those of Excess on things of others
	Spill     []class   `json:"spill,omitempty"`
	Strangers []class   `json:"strangers,omitempty"`
	Backtest  *backtest `json:"backtest,omitempty"`
	Before    int       `json:"before"`
	After     int       `json:"after"`
	Bytes     int       `json:"bytes"`     // of the proposed documents, without white space
	Documents int       `json:"documents"` // how many they are
}

// breakage is the share of replayed calls that would be denied.
func (v *verdict) breakage() float64 { return share(v.Denied, v.Replayed) }

// excess is the share of the attached permissions that stay without a use, floor
// that of the expert's document.
func (v *verdict) excess() float64 { return share(v.Excess, v.Attached) }
func (v *verdict) floor() float64  { return share(v.Expert, v.Attached) }

func share(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// plan says how to judge.
type plan struct {
	seed        uint64
	days, learn int
	folder      string
	keep        bool     // leave the archives in the folder
	options     []string // further flags of propose and backtest
}

// judge makes a workload's archive, lets the program propose on the first days
// and replays the truth of the others.
func (p plan) judge(w family.Workload) ([]*verdict, error) {
	a := w.Make(p.seed, p.days)
	dir := filepath.Join(p.folder, w.Name)
	if err := os.RemoveAll(dir); err != nil { // of an earlier run: its logs would mix
		return nil, err
	}
	if !p.keep {
		defer os.RemoveAll(dir)
	}
	if err := p.prepare(a, dir); err != nil {
		return nil, err
	}
	proposals, err := p.propose(dir)
	if err != nil {
		return nil, err
	}
	tests, err := p.backtest(dir)
	if err != nil {
		return nil, err
	}
	var vs []*verdict
	for _, job := range a.Jobs {
		g := proposals[job]
		v := &verdict{Workload: w.Name, Principal: job, Status: g.status, Before: g.before, After: g.after, Documents: len(g.documents)}
		before, after := grants{job, a.Policies[job]}, grants{job, g.documents}
		for _, d := range g.documents {
			v.Bytes += compactLen(d)
		}
		if err := v.replay(a, p.learn, before, after); err != nil {
			return nil, err
		}
		if err := v.measure(a, before, after); err != nil {
			return nil, err
		}
		v.Backtest = tests[job]
		vs = append(vs, v)
	}
	return vs, nil
}

func compactLen(document string) int {
	var b bytes.Buffer
	if json.Compact(&b, []byte(document)) != nil {
		return len(document)
	}
	return b.Len()
}

// prepare writes and scans two archives: the days to learn from, and all days.
func (p plan) prepare(a *family.Archive, dir string) error {
	for name, to := range map[string]int{"learn": p.learn, "all": p.days} {
		sub := filepath.Join(dir, name)
		if err := a.WriteLogs(filepath.Join(sub, "logs"), 0, to); err != nil {
			return err
		}
		if err := a.WriteAccount(filepath.Join(sub, "account.json"), a.First.AddDate(0, 0, to)); err != nil {
			return err
		}
		if _, err := tighten(nil, "scan", filepath.Join(sub, "logs"), "--usage", filepath.Join(sub, "usage")); err != nil {
			return err
		}
	}
	return nil
}

// proposal is what the program leaves a principal with.
type proposal struct {
	status        string
	reason        string
	documents     []string
	before, after int
}

// propose runs the command on the days to learn from.
func (p plan) propose(dir string) (map[string]proposal, error) {
	sub, out := filepath.Join(dir, "learn"), filepath.Join(dir, "out")
	account := filepath.Join(sub, "account.json")
	args := append([]string{"propose", "--usage", filepath.Join(sub, "usage"), "--account", account, "--out", out, "--accept-short-window"}, p.options...)
	if _, err := tighten(nil, args...); err != nil {
		return nil, err
	}
	return readProposals(out, account)
}

// readProposals reads the documents that apply after the proposals in a folder.
func readProposals(out, account string) (map[string]proposal, error) {
	data, err := os.ReadFile(filepath.Join(out, "principals.jsonl"))
	if err != nil {
		return nil, err
	}
	attached, err := readAttached(account)
	if err != nil {
		return nil, err
	}
	all := map[string]proposal{}
	for d := json.NewDecoder(bytes.NewReader(data)); d.More(); {
		var l struct {
			Principal, Status, Reason string
			Before, After             int
			Policies                  []struct {
				Name, Change, File string
				Files              []string // where one document became several
			}
		}
		if err := d.Decode(&l); err != nil {
			return nil, err
		}
		r := proposal{status: l.Status, reason: l.Reason, before: l.Before, after: l.After}
		for _, f := range l.Policies {
			if len(f.Files) == 0 && f.File != "" {
				f.Files = []string{f.File}
			}
			for _, name := range f.Files {
				text, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
				if err != nil {
					return nil, err
				}
				r.documents = append(r.documents, string(text))
			}
			if len(f.Files) == 0 && f.Change != "remove" && f.Change != "detach" {
				r.documents = append(r.documents, attached[l.Principal][f.Name])
			}
		}
		all[l.Principal] = r
	}
	return all, nil
}

// attached is a policy as the account file names it.
type attached struct {
	PolicyName, PolicyArn string
	PolicyDocument        json.RawMessage
}

// holder is a principal or group of the account file.
type holder struct {
	Arn, GroupName          string
	GroupList               []string
	RolePolicyList          []attached
	UserPolicyList          []attached
	GroupPolicyList         []attached
	AttachedManagedPolicies []attached
}

// readAttached reads the attached documents by principal and name, from the
// account file and without the program.
func readAttached(account string) (map[string]map[string]string, error) {
	var parts []struct {
		RoleDetailList, UserDetailList, GroupDetailList []holder
		Policies                                        []struct {
			Arn               string
			PolicyVersionList []struct{ Document json.RawMessage }
		}
	}
	data, err := os.ReadFile(account)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return nil, err
	}
	all := map[string]map[string]string{}
	for _, p := range parts {
		managed, groups := map[string]string{}, map[string]holder{}
		for _, m := range p.Policies {
			managed[m.Arn] = string(m.PolicyVersionList[0].Document)
		}
		for _, g := range p.GroupDetailList {
			groups[g.GroupName] = g
		}
		for _, h := range append(p.RoleDetailList, p.UserDetailList...) {
			documents := map[string]string{}
			h.collect(documents, managed)
			for _, g := range h.GroupList {
				groups[g].collect(documents, managed)
			}
			all[h.Arn] = documents
		}
	}
	return all, nil
}

// collect adds the holder's own documents.
func (h holder) collect(documents, managed map[string]string) {
	for _, l := range [][]attached{h.RolePolicyList, h.UserPolicyList, h.GroupPolicyList} {
		for _, p := range l {
			documents[p.PolicyName] = string(p.PolicyDocument)
		}
	}
	for _, p := range h.AttachedManagedPolicies {
		documents[p.PolicyName] = managed[p.PolicyArn]
	}
}

// replay asks both sets of documents for what truly happened in the later days.
func (v *verdict) replay(a *family.Archive, learn int, before, after grants) error {
	start := a.First.AddDate(0, 0, learn)
	var calls []family.Call
	var qs []question
	for _, c := range a.Calls {
		if c.Principal == before.principal && c.Allowed && !c.At.Before(start) {
			calls = append(calls, c)
			for _, u := range c.Uses {
				qs = append(qs, question{u, c.Region})
			}
		}
	}
	was, err := before.decide(qs)
	if err != nil {
		return err
	}
	is, err := after.decide(qs)
	if err != nil {
		return err
	}
	broken := classes{}
	for _, c := range calls {
		n := len(c.Uses)
		v.count(c, was[:n], is[:n], broken)
		was, is = was[n:], is[n:]
	}
	v.Broken = broken.list()
	return nil
}

// count takes one call's answers into the figures.
func (v *verdict) count(c family.Call, was, is []bool, broken classes) {
	if slices.Contains(was, false) {
		return // the workload's own mistake: the test of package family finds it
	}
	v.Replayed++
	if !slices.Contains(is, false) {
		return
	}
	v.Denied++
	for i, u := range c.Uses {
		if !is[i] {
			broken.add(u, c.At)
		}
	}
}
