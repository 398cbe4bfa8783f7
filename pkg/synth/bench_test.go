package synth

import (
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// BenchmarkPropose proposes for many roles, each with its own documents and its
// own usage.
func BenchmarkPropose(b *testing.B) {
	for _, bb := range []struct {
		name             string
		roles, resources int
		document         string
	}{
		{"100admins", 100, 20, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`},
		{"1000roles", 1000, 20, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","s3:*"],"Resource":"*"}]}`},
		{"100000resources", 1, 100000, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","s3:*"],"Resource":"*"}]}`},
		{"bar/1000000resources", 1, 1000000, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","s3:*"],"Resource":"*"}]}`},
		{"bar/1000000names", 1, -1000000, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","s3:*"],"Resource":"*"}]}`},
		{"3000names", 1, -3000, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","s3:*"],"Resource":"*"}]}`},
		{"bar/10000roles", 10000, 100, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","s3:*"],"Resource":"*"}]}`},
	} {
		if strings.HasPrefix(bb.name, "bar/") && os.Getenv("TIGHTEN_BARS") == "" {
			continue // minutes, and gigabytes
		}
		b.Run(bb.name, func(b *testing.B) {
			in := benchInput(b, bb.roles, bb.resources, bb.document)
			b.ReportAllocs()
			for b.Loop() {
				r, err := Propose(in)
				if err != nil || len(r.Proposals) != bb.roles {
					b.Fatalf("%d proposals, %v", len(r.Proposals), err)
				}
			}
		})
	}
}

// benchInput makes resources with ids for each role, or, below 0, with names.
func benchInput(b *testing.B, roles, resources int, document string) Input {
	b.Helper()
	r := rand.New(rand.NewSource(1))
	name := func(k int) string { return fmt.Sprintf("team%d-queue-%d", k%7, k) }
	if resources < 0 {
		resources = -resources
		name = func(int) string { return slug(r) + "-" + slug(r) + "-" + slug(r) }
	}
	doc, err := iam.Parse([]byte(document))
	if err != nil {
		b.Fatal(err)
	}
	t := &usage.Table{Usage: make([]usage.Row, 0, roles*resources)}
	for d := range int32(window) {
		for _, read := range []int8{1, 2} {
			t.Coverage = append(t.Coverage, usage.CoverageRow{Account: acct, Region: "us-east-1", Category: "Management", ReadOnly: read, EventSource: "ec2.amazonaws.com", Day: firstDay + d, Records: 1})
		}
	}
	s := &account.Snapshot{Accounts: []string{acct}, Policies: map[string]*account.Policy{}}
	for i := range roles {
		arn := fmt.Sprintf("arn:aws:iam::%s:role/r%05d", acct, i)
		s.Principals = append(s.Principals, &account.Principal{Kind: account.RoleKind, ARN: arn, Name: fmt.Sprintf("r%05d", i), Path: "/", Account: acct})
		parn := fmt.Sprintf("arn:aws:iam::%s:policy/p%05d", acct, i)
		s.Policies[parn] = &account.Policy{Name: fmt.Sprintf("p%05d", i), ARN: parn, Document: doc}
		s.Principals[i].Attached = []string{parn}
		for k := range resources {
			t.Usage = append(t.Usage, usage.Row{Day: firstDay + int32(k%window), Principal: arn, Account: acct, RecipientAccount: acct, Region: "us-east-1",
				EventSource: "sqs.amazonaws.com", Action: "sqs:CreateQueue", Resource: fmt.Sprintf("arn:aws:sqs:us-east-1:%s:%s", acct, name(k)),
				Kind: "arn", Basis: "logged", Outcome: "allowed", Count: 1, First: int64(firstDay+k%window) * 86400000, Last: int64(firstDay+k%window) * 86400000})
		}
	}
	return Input{Catalog: actions.Default(), Table: t, Snapshot: s, Options: Options{Workers: 2}}
}

// BenchmarkBacktest tests what BenchmarkPropose proposes.
func BenchmarkBacktest(b *testing.B) {
	const admin = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	const some = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","s3:*"],"Resource":"*"}]}`
	for _, bb := range []struct {
		name             string
		roles, resources int
		document         string
	}{{"100admins", 100, 20, admin}, {"1000roles", 1000, 20, some}, {"100000resources", 1, 100000, some}, {"10000roles", 10000, 100, some}} {
		b.Run(bb.name, func(b *testing.B) {
			if testing.Short() && bb.roles > 1000 {
				b.Skip("long")
			}
			in := benchInput(b, bb.roles, bb.resources, bb.document)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Backtest(in, BacktestOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
