package actions

import (
	"slices"
	"strings"
	"testing"
)

// FuzzResolve feeds calls whose every part is hostile. Whatever comes in, each
// action exists, each kind fits its resource, concrete ARNs hold no wildcard,
// and a second resolution says the same.
func FuzzResolve(f *testing.F) {
	f.Add("s3.amazonaws.com", "CopyObject", "us-east-1", "111122223333", "NoSuchKey", "p.x-amz-copy-source", "a/b?versionId=1", "p.bucketName", "b")
	f.Add("ec2.amazonaws.com", "RunInstances", "cn-north-1", "1", "", "p.instancesSet.items[].imageId", "ami-*", "p.iamInstanceProfile.arn", "arn:aws:iam::111122223333:instance-profile/p")
	f.Add("apigateway.amazonaws.com", "CreateDeployment", "", "", "x", "p.restApiId", "${a}", "s[].ARN", "arn:aws:apigateway:us-east-1::/restapis/*")
	f.Add("logs.amazonaws.com", "CreateLogStream20150331v2 ", "x", "*", "", "p.logGroupName", ":", "s[].ARNPrefix", "arn:aws:logs:::")
	f.Add("secretsmanager.amazonaws.com", "GetSecretValue", "us-east-1", "2", "", "p", "arn:aws:secretsmanager:a:b:secret:", "p..[]", "\x00")
	f.Add("elasticloadbalancing.amazonaws.com", "CreateLoadBalancer", "us-east-1", "3", "", "p.name", "a/b", "p.tags[].key", "")
	f.Add("kafka.amazonaws.com", "DeleteCluster", "us-east-1", "111122223333", "", "p.clusterArn", "arn%3Aaws%3Akafka%3Aus-east-1%3A111122223333%3Acluster%2F%2A%2F1", "p.currentVersion", "a%2Fb")
	f.Add("eks.amazonaws.com", "DeleteAccessEntry", "us-east-1", "111122223333", "", "p.name", "c", "p.principalArn", "arn%3aaws%3aiam%3a%3a111122223333%3arole%2fr%")
	cat := Default()
	f.Fuzz(func(t *testing.T, source, name, region, account, code, path1, value1, path2, value2 string) {
		c := &Call{
			EventSource: source, EventName: name, Region: region, RecipientAccount: account, ErrorCode: code,
			Args: []Arg{{Path: path1, Value: value1}, {Path: path2, Value: value2}},
		}
		r := NewResolver(cat)
		res := r.Resolve(c)
		for _, u := range res.Uses {
			if fact, ok := cat.Lookup(u.Action); !ok || fact.Name != u.Action || fact.Level != u.Level {
				t.Errorf("use of %q at level %q, which is no action", u.Action, u.Level)
			}
			if err := kindError(u); err != "" {
				t.Error(err)
			}
			if strings.Contains(u.Resource, "${") {
				t.Errorf("a variable got into %q", u.Resource)
			}
		}
		first := lines(res.Uses)
		if again := lines(r.Resolve(c).Uses); !slices.Equal(first, again) {
			t.Errorf("first %v, then %v", first, again)
		}
	})
}

// fuzzMerge merges a reference into whole facts: the result is whole, and loses
// nothing.
func fuzzMerge(t *testing.T, c *Catalog) {
	data, _, err := c.Merge(smallReference(), "")
	if err != nil {
		t.Fatal(err)
	}
	text, err := unpack(data)
	if err != nil {
		t.Fatal(err)
	}
	merged, err := decodeFacts(text)
	if err == nil {
		err = merged.check()
	}
	if err != nil {
		t.Fatalf("the merged facts: %v\n%s", err, text)
	}
	for _, ch := range Compare(c, &Catalog{facts: merged, tables: c.tables}) {
		if ch.After == "" {
			t.Errorf("lost %+v", ch)
		}
	}
}

// FuzzOpen feeds broken data files: an error or a catalog, no panic.
func FuzzOpen(f *testing.F) {
	f.Add("tighten-facts/1\t2026-01-01\nS\ts3\nA\tGetObject\tR\t0*\t0\t\n", "[labels]\na\tb\n")
	f.Add("tighten-facts/1\t2026-01-01\nS\ts3\nT\tb\tarn:${X\t9\nA\tX\tW\t9,0\t7\t\n", "[events]\ns3\tx\thas:a\ts3:X\n")
	f.Add("", "[ids]\nx")
	f.Fuzz(func(t *testing.T, factsText, tablesText string) {
		facts, err := decodeFacts(factsText)
		if err != nil {
			return
		}
		tables, err := decodeTables(tablesText)
		if err != nil {
			return
		}
		c := &Catalog{facts: facts, tables: tables}
		if facts.check() == nil && facts.base == "" { // as OpenFacts would take it
			fuzzMerge(t, c)
		}
		for _, a := range c.Expand(nil, "*") {
			if _, ok := c.Lookup(a); !ok {
				// Only an unsorted file hides actions from the binary search.
				continue
			}
			prefix, name, _ := strings.Cut(a, ":")
			NewResolver(c).Resolve(testCall(prefix, name, "name=x"))
		}
	})
}
