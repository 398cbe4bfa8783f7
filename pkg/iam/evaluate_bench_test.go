package iam

import (
	"fmt"
	"strings"
	"testing"
)

// typicalSet is what a grown role carries: 60 statements in six documents, a
// third of them with conditions, a quarter with policy variables, some Denies
// that every request meets.
func typicalSet(b *testing.B) *Set {
	services := []string{"s3", "sqs", "sns", "dynamodb", "lambda", "logs", "kms", "ec2", "ssm", "states"}
	var docs []*Document
	for d := range 6 {
		var out []string
		for i := range 9 {
			service := services[(d*9+i)%len(services)]
			resource := fmt.Sprintf(`["arn:aws:%s:*:111122223333:team-%d/*","arn:aws:%s:*:111122223333:app-%d"]`, service, i, service, d)
			if i%4 == 1 {
				resource = fmt.Sprintf(`"arn:aws:%s:*:111122223333:home/${aws:PrincipalTag/team}/${aws:username, 'none'}/*"`, service)
			}
			condition := ""
			if i%3 == 0 {
				condition = `,"Condition":{"StringLike":{"aws:PrincipalTag/team":["red-*","blue-${aws:username}"]},"IpAddress":{"aws:SourceIp":["10.0.0.0/8","2001:db8::/32"]},"DateLessThan":{"aws:CurrentTime":"2030-01-01"}}`
			}
			out = append(out, fmt.Sprintf(`{"Effect":"Allow","Action":["%s:Get*","%s:List*","%s:Put?bject","%s:SendMessage"],"Resource":%s%s}`, service, service, service, service, resource, condition))
		}
		out = append(out, `{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin/*"}}}`)
		docs = append(docs, policy(b, strings.Join(out, ","))[0])
	}
	s, err := Compile(docs...)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkEvaluateTypical: all layers on sets compiled once; requests that many
// statements match, few, and none.
func BenchmarkEvaluateTypical(b *testing.B) {
	l := &Layers{Identity: typicalSet(b), Boundary: compileText(b, allowAll), SCPs: []*Set{compileText(b, allowAll,
		`{"Effect":"Deny","Action":["organizations:*","account:*"],"Resource":"*"}`)}}
	var requests []*Request
	for _, q := range [][2]string{{"s3:GetObject", "arn:aws:s3:::team-3/x"}, {"sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:team-1/q"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:home/red-1/u/x"}, {"iam:PassRole", "arn:aws:iam::111122223333:role/Task"}} {
		requests = append(requests, &Request{Action: q[0], Resource: q[1], Principal: "arn:aws:iam::111122223333:user/u", Account: "111122223333", Context: Context{
			Values: map[string][]string{"aws:requestedregion": {"us-east-1"}, "aws:sourceip": {"10.2.3.4"}, "aws:principaltag/team": {"red-1"}, "aws:username": {"u"},
				"aws:currenttime": {"2026-11-23T10:00:00Z"}, "aws:principalarn": {"arn:aws:iam::111122223333:user/u"}}}})
	}
	b.ReportAllocs()
	for i := range b.N {
		Evaluate(l, requests[i%len(requests)])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}
