package iam

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// clauseFamily is a kind of condition operators, with values that meet in many ways.
type clauseFamily struct {
	name      string
	operators []string
	policy    []string // values of clauses
	request   []string // values of the key: next to each, within and beyond all of policy
}

func clauseFamilies() []clauseFamily {
	numeric := []string{"Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"}
	prefixed := func(prefix string) (out []string) {
		for _, o := range numeric {
			out = append(out, prefix+o)
		}
		return out
	}
	return []clauseFamily{
		{"text", []string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"},
			[]string{"a", "A", "a*", "*", "?", "ab", "", "*b"}, []string{"", "a", "A", "b", "B", "ab", "AB", "bb", "aab", "ba", "a*", "*", "?", "*b", "bab", "bba"}},
		{"number", prefixed("Numeric"), []string{"1", "2", "2.0", "3", "x"}, []string{"0", "1", "1.5", "2", "2.5", "3", "4", "x"}},
		{"date", prefixed("Date"), []string{"2020", "2021-01-01T00:00:00Z", "2021-01-01", "x"}, []string{"2019", "2020", "2020-06", "2021", "2022", "x"}},
		{"address", []string{"IpAddress", "NotIpAddress"}, []string{"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "::/0", "0.0.0.0/0", "x"}, []string{"10.0.0.1", "10.1.0.1", "10.1.2.3", "11.0.0.1", "::1", "x"}},
		{"binary", []string{"BinaryEquals"}, []string{"YQ==", "Yg==", "", "%"}, []string{"YQ==", "Yg==", "Yw==", "%", ""}},
		{"flag", []string{"Bool"}, []string{"true", "false", "True", "x"}, []string{"true", "false", "TRUE", "x"}},
		{"arn", []string{"ArnLike", "ArnNotLike"}, []string{"arn:aws:s3:::a", "arn:aws:s3:::a*", "arn:*:s3:::a", "arn:aws:s3:*:*:*", "x"},
			[]string{"arn:aws:s3:::a", "arn:aws:s3:::ab", "arn:aws:s3:::b", "arn:aws-cn:s3:::a", "arn:aws:s3:x:y:z", "arn:aws:sqs:::a", "x"}},
	}
}

// contexts are the states of key k: absent, without values, one value, a list of two.
func (f clauseFamily) contexts() (out []*Context) {
	add := func(values []string) { out = append(out, &Context{Values: map[string][]string{"k": values}}) }
	add(nil)
	add([]string{})
	for i, v := range f.request {
		add([]string{v})
		for _, o := range f.request[:i] {
			add([]string{v, o})
		}
	}
	return out
}

// judgedClause is a clause with its truth in each context.
type judgedClause struct {
	clause
	label string // operator with its qualifier
	truth []kleene
}

func (f clauseFamily) clauses() (out []judgedClause) {
	contexts := f.contexts()
	add := func(op string, values ...string) {
		for _, k := range compileConditions(Conditions{{Operator: op, Clauses: []Clause{{Key: "k", Values: values}}}}, true) {
			j := judgedClause{clause: k, label: op}
			for _, c := range contexts {
				j.truth = append(j.truth, k.holds(c))
			}
			out = append(out, j)
		}
	}
	for _, qualifier := range []string{"", "ForAllValues:", "ForAnyValue:"} {
		for _, op := range f.operators {
			for _, suffix := range []string{"", "IfExists"} {
				for i, v := range f.policy {
					add(qualifier+op+suffix, v)
					add(qualifier+op+suffix, v, f.policy[(i+1)%len(f.policy)])
				}
				add(qualifier + op + suffix)
			}
		}
	}
	add("Null", "true")
	add("Null", "false")
	add("Null", "false", "true")
	add("Null")
	return out
}

// TestClausePairs proves implication and contradiction of two clauses on one key, and
// compares with the evaluation of both in all small contexts. What is proved must be
// true. What is true and not proved is counted for each pair of operators, with and without set
// operators and IfExists, and the counts are kept: the proof may be incomplete, but no
// more than it says.
func TestClausePairs(t *testing.T) {
	var report strings.Builder
	for _, f := range clauseFamilies() {
		counts := map[string]*[4]int{} // implications: true, proved; contradictions: true, proved
		clauses := f.clauses()
		contexts := f.contexts()
		for i := range clauses {
			for j := range clauses {
				a, b := &clauses[i], &clauses[j]
				pair := bareOperator(a.label) + " " + bareOperator(b.label)
				n := counts[pair]
				if n == nil {
					n = new([4]int)
					counts[pair] = n
				}
				judgePair(t, contexts, a, b, n)
			}
		}
		for _, pair := range sortedNames(counts) {
			if n := counts[pair]; n[0] != n[1] || n[2] != n[3] {
				fmt.Fprintf(&report, "%s: %d of %d implications, %d of %d contradictions\n", pair, n[1], n[0], n[3], n[2])
			}
		}
	}
	path := filepath.Join("testdata", "clausepairs.txt")
	if os.Getenv("TIGHTEN_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(report.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if report.String() != string(want) {
		old := strings.Split(string(want), "\n")
		for _, l := range strings.Split(report.String(), "\n") {
			if !slices.Contains(old, l) {
				t.Errorf("now: %s", l)
			}
		}
		t.Errorf("%s differs; TIGHTEN_UPDATE=1 writes it", path)
	}
}

// bareOperator leaves out the set operator and IfExists.
func bareOperator(name string) string {
	return strings.TrimSuffix(name[strings.IndexByte(name, ':')+1:], "IfExists")
}

func sortedNames(m map[string]*[4]int) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func judgePair(t *testing.T, contexts []*Context, a, b *judgedClause, n *[4]int) {
	implied, apart := true, true
	for i := range contexts {
		implied = implied && a.truth[i] <= b.truth[i]
		apart = apart && min(a.truth[i], b.truth[i]) == no
	}
	if implied {
		n[0]++
	}
	if apart {
		n[2]++
	}
	w := newWork(matchBudget)
	if a.implies(&b.clause, w) {
		n[1]++
		if !implied {
			t.Errorf("%s %q does not imply %s %q", a.label, a.sources(), b.label, b.sources())
		}
	}
	if contradict([]clause{a.clause}, []clause{b.clause}, w) {
		n[3]++
		if !apart {
			t.Errorf("%s %q does not contradict %s %q", a.label, a.sources(), b.label, b.sources())
		}
	}
}
