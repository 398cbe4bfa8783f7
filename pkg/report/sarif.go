package report

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"
)

// SARIF 2.1.0, so far as a linter needs it.
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	ColumnKind  string            `json:"columnKind"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID                   string       `json:"id"`
	ShortDescription     sarifMessage `json:"shortDescription"`
	FullDescription      sarifMessage `json:"fullDescription"`
	Help                 sarifMessage `json:"help"`
	HelpURI              string       `json:"helpUri"`
	DefaultConfiguration sarifLevel   `json:"defaultConfiguration"`
	Properties           sarifTags    `json:"properties"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifLevel struct {
	Level string `json:"level"`
}

type sarifTags struct {
	Tags []string `json:"tags"`
}

type sarifInvocation struct {
	ExecutionSuccessful bool                `json:"executionSuccessful"`
	Notifications       []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

// LintSARIF writes the findings as a SARIF log of one run, as code scanning of
// GitHub and editors read it. What could not be read is a notification of the run.
func LintSARIF(w io.Writer, l *Lint) error {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{"tighten", "https://github.com/tighten-iam/tighten", []sarifRule{}}},
		ColumnKind:  "unicodeCodePoints",
		Invocations: []sarifInvocation{{len(l.Unreadable) == 0, []sarifNotification{}}},
		Results:     []sarifResult{},
	}
	index := map[string]int{}
	for i := range l.Rules {
		index[l.Rules[i].ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(&l.Rules[i]))
	}
	for i := range l.Findings {
		f := &l.Findings[i]
		at := sarifLocation{sarifPhysical{sarifArtifact{sarifURI(f.File)}, sarifRegion{f.Line, f.Column, f.EndLine, f.EndColumn}}, nil}
		if f.Path != "" {
			at.Logical = []sarifLogical{{f.Path}}
		}
		run.Results = append(run.Results, sarifResult{f.ID, index[f.ID], sarifLevelOf(f.Severity), sarifMessage{f.Message}, []sarifLocation{at}})
	}
	for _, u := range l.Unreadable {
		at := sarifLocation{sarifPhysical{sarifArtifact{sarifURI(u.File)}, sarifRegion{StartLine: u.Line, StartColumn: u.Column}}, nil}
		inv := &run.Invocations[0]
		inv.Notifications = append(inv.Notifications, sarifNotification{"error", sarifMessage{u.Message}, []sarifLocation{at}})
	}
	return encode(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}, "  ")
}

func sarifRuleOf(r *LintRule) sarifRule {
	tags := append([]string{"aws", "iam"}, r.Analyzer...)
	return sarifRule{
		ID: r.ID, ShortDescription: sarifMessage{r.Title}, FullDescription: sarifMessage{r.Why}, Help: sarifMessage{r.Why + " " + r.Fix},
		HelpURI: r.Source, DefaultConfiguration: sarifLevel{sarifLevelOf(r.Severity)}, Properties: sarifTags{append(tags, r.Parliament...)},
	}
}

func sarifLevelOf(severity string) string {
	if severity == "suggestion" {
		return "note"
	}
	return severity
}

// sarifURI is the reference to a file: relative where its name is.
func sarifURI(file string) string {
	u := url.URL{Path: strings.ToValidUTF8(filepath.ToSlash(file), "\ufffd")}
	if filepath.IsAbs(file) {
		u.Scheme = "file"
	}
	return u.String()
}
