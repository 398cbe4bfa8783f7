package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func lintSample() *Lint {
	return &Lint{
		Version: Version, Facts: "2026-09-26.1", Files: 2, Documents: 1, Totals: LintTotals{Errors: 1, Suggestions: 1},
		Findings: []LintFinding{
			{File: "dir/a b.json", Line: 2, Column: 3, EndLine: 2, EndColumn: 9, Path: "/Statement/0/Effect", ID: "invalid-effect", Severity: "error", Message: "\"\x1b[2Jallow\u202e\" is no effect"},
			{File: "/abs/c.json", Line: 1, Column: 1, EndLine: 1, EndColumn: 2, ID: "old-version", Severity: "suggestion", Message: "old\nline"},
		},
		Unreadable: []LintUnreadable{{File: "x\x1b.json", Line: 1, Column: 1, Message: "not valid JSON"}},
		Rules: []LintRule{
			{ID: "invalid-effect", Severity: "error", Title: "t", Why: "w.", Fix: "Write Allow.", Source: "https://docs.aws.amazon.com/x", Analyzer: []string{"INVALID_EFFECT"}},
			{ID: "old-version", Severity: "suggestion", Title: "t", Why: "w.", Fix: "f.", Source: "https://docs.aws.amazon.com/y"},
		},
	}
}

func TestLintText(t *testing.T) {
	var b bytes.Buffer
	if err := LintText(&b, lintSample(), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	const want = `x\x1b.json:1:1: unreadable: not valid JSON
dir/a b.json:2:3: error invalid-effect: "\x1b[2Jallow\u202e" is no effect
/abs/c.json:1:1: suggestion old-version: old\nline

invalid-effect: Write Allow.
old-version: f.

1 error, 0 warnings, 1 suggestion in 1 document of 2 files; 1 unreadable
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}

func TestLintJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, lintSample()); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") || strings.Contains(b.String(), "null") {
		t.Errorf("not escaped, or a null list:\n%s", b.String())
	}
	var got Lint
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || len(got.Findings) != 2 || got.Findings[0].Message != lintSample().Findings[0].Message {
		t.Errorf("%v, %+v", err, got)
	}
}

// TestLintSARIF holds the log against what the schema of SARIF 2.1.0 requires, and
// what code scanning of GitHub asks for beyond it.
func TestLintSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := LintSARIF(&b, lintSample()); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			ColumnKind string
			Tool       struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID                   string
						ShortDescription     struct{ Text string }
						Help                 struct{ Text string }
						DefaultConfiguration struct{ Level string }
					}
				}
			}
			Invocations []struct {
				ExecutionSuccessful        *bool
				ToolExecutionNotifications []struct{ Message struct{ Text string } }
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) != 1 {
		t.Fatalf("head %q %q, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	run := log.Runs[0]
	if run.Tool.Driver.Name != "tighten" || run.ColumnKind != "unicodeCodePoints" {
		t.Errorf("driver %q, columns %q", run.Tool.Driver.Name, run.ColumnKind)
	}
	if inv := run.Invocations; len(inv) != 1 || inv[0].ExecutionSuccessful == nil || *inv[0].ExecutionSuccessful || len(inv[0].ToolExecutionNotifications) != 1 {
		t.Errorf("what could not be read is not told: %+v", inv)
	}
	wantURI := []string{"dir/a%20b.json", "file:///abs/c.json"}
	wantLevel := []string{"error", "note"}
	for i, r := range run.Results {
		rule := run.Tool.Driver.Rules[r.RuleIndex]
		at := r.Locations[0].PhysicalLocation
		if rule.ID != r.RuleID || rule.Help.Text == "" || rule.ShortDescription.Text == "" || rule.DefaultConfiguration.Level != wantLevel[i] {
			t.Errorf("result %d: rule %+v", i, rule)
		}
		if r.Level != wantLevel[i] || r.Message.Text == "" || at.ArtifactLocation.URI != wantURI[i] || at.Region.StartLine < 1 || at.Region.StartColumn < 1 {
			t.Errorf("result %d: %+v", i, r)
		}
	}
	b.Reset()
	if err := LintSARIF(&b, &Lint{}); err != nil || !strings.Contains(b.String(), `"results": []`) || strings.Contains(b.String(), "null") {
		t.Errorf("an empty log has no results, or null: %v\n%s", err, b.String())
	}
}
