package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/tighten-iam/tighten/bench/family"
)

// grants are the documents of one principal.
type grants struct {
	principal string
	documents []string
}

// question is one request to a principal's documents.
type question struct {
	use    family.Use
	region string
}

// request is a line of simulate's input.
type request struct {
	ID        int               `json:"id"`
	Principal string            `json:"principal"`
	Action    string            `json:"action"`
	Resource  string            `json:"resource"`
	Context   map[string]string `json:"context"`
	Policies  []json.RawMessage `json:"policies"`
	Key       json.RawMessage   `json:"resourcePolicy,omitempty"`
}

// keyPolicy is the policy of every key here: the account decides.
const keyPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`

// decide answers many questions with the program's simulate command: true for
// allow. An answer that is neither is an error, since all context is given.
func (g grants) decide(qs []question) ([]bool, error) {
	answers := make([]bool, len(qs))
	if len(qs) == 0 {
		return answers, nil
	}
	documents := make([]json.RawMessage, len(g.documents))
	for i, d := range g.documents {
		documents[i] = json.RawMessage(d)
	}
	var in bytes.Buffer
	e := json.NewEncoder(&in)
	for i, q := range qs {
		context := map[string]string{"aws:SecureTransport": "true", "aws:RequestedRegion": q.region, "aws:CurrentTime": "2026-09-01T00:00:00Z"}
		maps.Copy(context, q.use.Context)
		r := request{ID: i, Principal: g.principal, Action: q.use.Action, Resource: q.use.Resource, Context: context, Policies: documents}
		if strings.HasPrefix(q.use.Resource, "arn:aws:kms:") {
			r.Key = json.RawMessage(keyPolicy)
		}
		if err := e.Encode(r); err != nil {
			return nil, err
		}
	}
	out, err := tighten(in.Bytes(), "simulate")
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(out))
	for i := range qs {
		var a struct {
			ID              int
			Decision, Error string
		}
		if err := d.Decode(&a); err != nil {
			return nil, err
		}
		if a.ID != i || a.Decision != "allow" && a.Decision != "deny" {
			return nil, fmt.Errorf("simulate answers %+v to %+v", a, qs[i])
		}
		answers[i] = a.Decision == "allow"
	}
	return answers, nil
}
