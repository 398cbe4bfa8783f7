package usage

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// coarseAt is map k.
func coarseAt(resource string, k int) string {
	for step := 1; step <= k; step++ {
		resource = string(appendCoarser(nil, resource, step))
	}
	return resource
}

func TestCoarserMaps(t *testing.T) {
	const (
		part   = "arn:aws:s3:::lake-2026/raw/orders/2026/10/31/part-00017-0f8fad5b-d9cb-469f-a165-70867728950e.parquet"
		queue  = "arn:aws:sqs:us-east-1:111122223333:jobs2-0f8fad5b-d9cb-469f-a165-70867728950e"
		table  = "arn:aws:dynamodb:us-east-1:111122223333:table/orders2"
		stream = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/f:log-stream:2026/10/31/[$LATEST]0123456789abcdef"
		any    = "arn:aws:bedrock:*::foundation-model/a.b-20240229-v1:0"
	)
	for _, tt := range []struct {
		resource string
		k        int
		want     string
	}{
		{part, stepIDs, "arn:aws:s3:::lake-2026/raw/orders/*/*/*/part-*.parquet"},
		{part, stepNumbers, "arn:aws:s3:::lake-*/raw/orders/*/*/*/part-*.parquet"},
		{part, stepCuts, "arn:aws:s3:::lake-*/raw/orders/*/*/*/part-*.parquet"},
		{part, stepCuts + 1, "arn:aws:s3:::lake-*/raw/orders/*/*/*/*"},
		{part, stepCuts + 5, "arn:aws:s3:::lake-*/raw/*"},
		{part, stepCuts + 6, "arn:aws:s3:::lake-*/*"},
		{part, stepName, "arn:aws:s3:::lake-*"},
		{part, stepResource, "arn:aws:s3:::*"},
		{part, stepAccount, "arn:aws:s3:::*"},
		{part, stepAll, "*"},
		{queue, stepIDs, "arn:aws:sqs:us-east-1:111122223333:jobs2-*"},
		{queue, stepName - 1, "arn:aws:sqs:us-east-1:111122223333:jobs2-*"},
		{queue, stepResource, "arn:aws:sqs:us-east-1:111122223333:*"},
		{queue, stepRegion, "arn:aws:sqs:*:111122223333:*"},
		{queue, stepAccount, "arn:aws:sqs:*:*:*"},
		{table, stepIDs, table},
		{table, stepNumbers, "arn:aws:dynamodb:us-east-1:111122223333:table/*"},
		{table, stepName, "arn:aws:dynamodb:us-east-1:111122223333:table/*"},
		{stream, stepIDs, "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/f:log-stream:*/*/*/[$LATEST]*"},
		{any, stepIDs, "arn:aws:bedrock:*::foundation-model/a.b-*-v1:*"},
		{any, stepResource, "arn:aws:bedrock:*::*"},
		{any, stepAccount, "arn:aws:bedrock:*::*"},
		{"arn:aws:sqs:us-east-1:111122223333:team-a-jobs", stepName, "arn:aws:sqs:us-east-1:111122223333:team-*"},
		{"arn:aws:s3:::team-a-data", stepName, "arn:aws:s3:::team-*"},
		{"arn:aws:s3:::data", stepName, "arn:aws:s3:::data"},
		{"arn:aws:s3:::logs/AWSLogs/111122223333/x", stepIDs, "arn:aws:s3:::logs/AWSLogs/111122223333/x"},
		{"arn:aws:s3:::logs/AWSLogs/111122223333/x", stepNumbers, "arn:aws:s3:::logs/AWSLogs/*/x"},
		{"arn:aws:s3:::lake/team/", stepCuts + 6, "arn:aws:s3:::lake/*"},
		{"arn:aws:iam::111122223333:role/app", stepAccount, "arn:aws:iam::*:*"},
		{"arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5/stages", stepNumbers, "arn:aws:apigateway:us-east-1::/restapis/*/stages"},
		{"arn:aws:secretsmanager:us-east-1:111122223333:secret:db-??????", stepIDs, "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-*"},
		{"arn:aws:s3:::lake/${aws:username}/x", stepIDs, "arn:aws:s3:::lake/*aws:username}/x"},
		{"arn:aws:s3:::logs-2026", stepIDs, "arn:aws:s3:::logs-2026"},
		{"arn:aws:s3:::logs-2026", stepNumbers, "arn:aws:s3:::logs-*"},
		{"arn:aws:s3:::b/abcdefab-abcd-abcd-abcd-abcdefabcdef", stepIDs, "arn:aws:s3:::b/*"},
		{"arn:aws:s3:::b/abcdefab-abcd-abcd-abcd-abcdefabcdefx", stepIDs, "arn:aws:s3:::b/abcdefab-abcd-abcd-abcd-abcdefabcdefx"},
		{"arn:*:s3:::data", stepIDs, "*"},
		{"arn:aws:s?s:us-east-1:111122223333:x", stepIDs, "*"},
		{"arn:aws:s3:::" + strings.Repeat("1x*/", 1000) + "end", stepIDs, "arn:aws:s3:::1x" + strings.Repeat("*/1x", 7) + "*"},
		{"no arn", stepIDs, "*"},
		{"", stepIDs, "*"},
	} {
		if got := coarseAt(tt.resource, tt.k); got != tt.want {
			t.Errorf("map %d of %s:\ngot  %s\nwant %s", tt.k, tt.resource, got, tt.want)
		}
	}
}

// checkMaps checks what all maps promise, on one resource.
func checkMaps(t *testing.T, resource string) {
	t.Helper()
	made := []string{resource}
	for k := 1; k <= stepAll; k++ {
		made = append(made, coarseAt(resource, k))
		if !iam.MatchResource(made[k], made[k-1]) {
			t.Fatalf("map %d of %q: %q does not cover %q", k, resource, made[k], made[k-1])
		}
		if !iam.MatchResource(made[k], resource) {
			t.Fatalf("map %d of %q: %q does not cover it", k, resource, made[k])
		}
		if stars := strings.Count(made[k], "*"); stars > maxStars+2 || strings.Contains(made[k], "?") || strings.Contains(made[k], "${") {
			t.Fatalf("map %d of %q: %q", k, resource, made[k])
		}
		if len(made[k]) > len(resource)+1 {
			t.Fatalf("map %d of %q: %q is longer", k, resource, made[k])
		}
	}
	for k := range made {
		for i := 0; i <= k; i++ {
			if again := coarseAt(made[i], k); again != made[k] {
				t.Fatalf("map %d of map %d of %q is %q, and map %d is %q", k, i, resource, again, k, made[k])
			}
		}
	}
	if made[stepAll] != "*" {
		t.Fatalf("the last map of %q is %q", resource, made[stepAll])
	}
}

// randomResource makes ARNs of likely and unlikely pieces.
func randomResource(r *rand.Rand) string {
	pieces := []string{"a", "b", "team", "2026", "10", "111122223333", "0f8fad5b-d9cb-469f-a165-70867728950e", "dead0eef", "x1",
		"20260131T0400Z", "a1b2c3d4e5f6g7", "-", "_", ".", "/", "/", ":", "*", "?", "$", "${", "}", "é", "\xff", " ", "*-*", "data"}
	heads := []string{"arn:aws:s3:::", "arn:aws:sqs:us-east-1:111122223333:", "arn:aws:iam::111122223333:", "arn:aws:bedrock:*::",
		"arn:aws:dynamodb:us-east-1:111122223333:table/", "arn:aws:logs:us-east-1:111122223333:log-group:", "arn:*:s3:::", "arn:aws:s3:*:*:", "arn:aws:s3", ""}
	var b strings.Builder
	b.WriteString(heads[r.IntN(len(heads))])
	for range r.IntN(24) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestCoarserMapsCoverAndFactor(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 5_000 {
		checkMaps(t, randomResource(r))
	}
}

func FuzzCoarse(f *testing.F) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 20 {
		f.Add(randomResource(r))
	}
	f.Add("arn:aws:s3:::" + strings.Repeat("1*", 40))
	f.Add("arn:aws:s3:::b/" + strings.Repeat("?-", 40))
	f.Add("arn:aws:sqs:us-east-1:111122223333:${aws:username}")
	f.Fuzz(func(t *testing.T, resource string) {
		if len(resource) > 2*maxText {
			return
		}
		checkMaps(t, resource)
	})
}
