package actions

import (
	"path/filepath"
	"testing"
)

// benchCalls are calls of the common kinds.
func benchCalls() []Call {
	base := Call{EventType: "AwsApiCall", Region: "us-east-1", Account: "111122223333", RecipientAccount: "111122223333"}
	call := func(source, name string, args ...Arg) Call {
		c := base
		c.EventSource, c.EventName, c.Args = source+".amazonaws.com", name, args
		return c
	}
	return []Call{
		call("s3", "GetObject", Arg{Path: "p.Host", Value: "b.s3.amazonaws.com"}, Arg{Path: "p.bucketName", Value: "b"}, Arg{Path: "p.key", Value: "a/b/c.parquet"},
			Arg{Path: "s[].ARN", Value: "arn:aws:s3:::b"}, Arg{Path: "s[].ARN", Value: "arn:aws:s3:::b/a/b/c.parquet"}),
		call("kms", "Decrypt", Arg{Path: "s[].ARN", Value: "arn:aws:kms:us-east-1:111122223333:key/0eed07ea-b6fa-14b0-e394-056c0c2e0efb"}),
		call("ec2", "DescribeInstances"),
		call("sts", "AssumeRole", Arg{Path: "p.roleArn", Value: "arn:aws:iam::111122223333:role/deploy"}, Arg{Path: "p.roleSessionName"}),
		call("dynamodb", "PutItem", Arg{Path: "p.tableName", Value: "orders"}),
		call("lambda", "UpdateFunctionCode20150331v2", Arg{Path: "p.functionName", Value: "worker"}),
		call("logs", "CreateLogStream", Arg{Path: "p.logGroupName", Value: "/aws/lambda/worker"}, Arg{Path: "p.logStreamName", Value: "2026/01/02/a"}),
	}
}

func BenchmarkResolve(b *testing.B) {
	r := NewResolver(Default())
	calls := benchCalls()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Resolve(&calls[i%len(calls)])
	}
}

func BenchmarkResolveCorpus(b *testing.B) {
	records := corpusRecords(b, filepath.Join(sharedDir(b), "corpus", "logs"))
	calls := make([]*Call, len(records))
	for i := range records {
		calls[i] = records[i].call()
	}
	r := NewResolver(Default())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Resolve(calls[i%len(calls)])
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(factsFile, tablesFile, policiesFile); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkManagedPolicies(b *testing.B) {
	for b.Loop() {
		if _, err := decodePolicies(policiesFile); err != nil {
			b.Fatal(err)
		}
	}
}
