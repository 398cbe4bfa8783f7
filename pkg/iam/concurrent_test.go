package iam

import (
	"sync"
	"testing"
)

// Set is safe for concurrent use: the race detector looks at this.
func TestConcurrentDecisions(t *testing.T) {
	docs := policy(t,
		`{"Effect":"Allow","Action":"s3:Get*","Resource":["arn:aws:s3:::b/${aws:username}/*","arn:aws:s3:::c"],"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`,
		`{"Effect":"Deny","NotAction":"s3:*","NotResource":"arn:aws:s3:::c"}`)
	set, err := Compile(docs...)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			q := &Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/ann/x",
				Context: Context{Values: map[string][]string{"aws:username": {"ann"}, "aws:sourceip": {"10.1.2.3"}}}}
			for range 200 {
				if got := Evaluate(&Layers{Identity: set}, q); got != Allowed {
					t.Errorf("got %v", got)
				}
			}
			if got := Includes(docs, docs, InclusionOptions{}); got.Verdict != Holds {
				t.Errorf("itself: %v", got)
			}
		})
	}
	group.Wait()
}
