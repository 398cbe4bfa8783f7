package actions

import (
	"slices"
	"strings"
	"testing"
)

// What services decide on where it is not the name that the call gives, or not that alone.
func TestExactARNs(t *testing.T) {
	const rds = "arn:aws:rds:us-east-1:111122223333:"
	for _, tt := range []struct {
		call string // "p.name=value", "r.name=value" of the response
		want string // resources of the event's own action, in order; "-" for none
	}{
		{"bedrock InvokeModel modelId=eu.anthropic.m-v1:0", "arn:aws:bedrock:*::foundation-model/anthropic.m-v1:0 arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.anthropic.m-v1:0"},
		{"bedrock InvokeModel modelId=arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.amazon.m", "arn:aws:bedrock:*::foundation-model/amazon.m arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.amazon.m"},
		{"bedrock InvokeModel modelId=arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc", "- arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc"},
		{"bedrock InvokeModel modelId=anthropic.claude-v2", "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2"},
		{"rds CreateDBInstance dBInstanceIdentifier=d", rds + "db:d " + rds + "og:default* " + rds + "pg:default* " + rds + "subgrp:default*"},
		{"rds CreateDBInstance dBInstanceIdentifier=d r.optionGroupMemberships[].optionGroupName=default:mysql-8-0 r.dBParameterGroups[].dBParameterGroupName=default.mysql8.0 r.dBSubnetGroup.dBSubnetGroupName=default-vpc-1",
			rds + "db:d " + rds + "og:default:mysql-8-0 " + rds + "pg:default.mysql8.0 " + rds + "subgrp:default-vpc-1"},
		{"rds CreateDBInstance dBInstanceIdentifier=d dBParameterGroupName=mine optionGroupName=o dBSubnetGroupName=s r.dBParameterGroups[].dBParameterGroupName=x",
			rds + "db:d " + rds + "og:o " + rds + "pg:mine " + rds + "subgrp:s"},
		{"rds CopyDBSnapshot sourceDBSnapshotIdentifier=a targetDBSnapshotIdentifier=b", rds + "snapshot:a " + rds + "snapshot:b"},
		{"rds CopyDBClusterSnapshot sourceDBClusterSnapshotIdentifier=a targetDBClusterSnapshotIdentifier=b", rds + "cluster-snapshot:a " + rds + "cluster-snapshot:b"},
		{"ssm StartSession target=ecs:my_cluster_0123abc_0123abc-456", "arn:aws:ecs:us-east-1:111122223333:task/my_cluster/0123abc"},
		{"ssm StartSession target=ecs:odd", "-"},
		{"ssm StartSession target=ecs:a_b", "-"},
		{"ssm StartSession target=ecs:a*_b_c", "-"},
		{"sts AssumeRoot targetPrincipal=444455556666", "arn:aws:iam::444455556666:root"},
		{"sagemaker CreateEndpoint endpointName=MyEnd r.endpointArn=arn:aws:sagemaker:us-east-1:111122223333:endpoint/myend", "arn:aws:sagemaker:us-east-1:111122223333:endpoint/myend"},
		{"sagemaker CreateEndpoint endpointName=MyEnd r.endpointArn=arn:aws:sagemaker:us-east-1:111122223333:endpoint/other", "arn:aws:sagemaker:us-east-1:111122223333:endpoint/MyEnd"},
	} {
		f := strings.Fields(tt.call)
		var params, answers []string
		for _, p := range f[2:] {
			if strings.HasPrefix(p, "r.") {
				answers = append(answers, p)
			} else {
				params = append(params, p)
			}
		}
		c := testCall(f[0], f[1], params...)
		for _, a := range answers {
			path, value, _ := strings.Cut(a, "=")
			c.Args = append(c.Args, Arg{Path: path, Value: value})
		}
		var got []string
		for _, u := range NewResolver(Default()).Resolve(c).Uses {
			if u.Action != f[0]+":"+f[1] {
				continue
			}
			if u.Resource == "" {
				u.Resource = "-"
			}
			got = append(got, u.Resource)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.call, strings.Join(got, " "), tt.want)
		}
	}
}

// IAM's calls without a user's name are about the user who calls.
func TestSelf(t *testing.T) {
	const me = "arn:aws:iam::111122223333:user/path/me"
	for _, tt := range []struct {
		call   *Call
		caller string
		failed bool
		want   string
	}{
		{testCall("iam", "ChangePassword"), me, false, me},
		{testCall("iam", "ListAccessKeys", "maxItems="), me, false, me},
		{testCall("iam", "ListAccessKeys", "userName=bob"), me, false, "arn:aws:iam::111122223333:user/bob"},
		{testCall("iam", "ListAccessKeys", "userName="), me, false, ""},
		{testCall("iam", "ListAccessKeys", omittedArgs...), me, false, ""},
		{testCall("iam", "ListAccessKeys"), me, true, ""},
		{testCall("iam", "ListAccessKeys"), "", false, ""},
		{testCall("iam", "ListAccessKeys"), "arn:aws:iam::111122223333:user/*", false, ""},
		{testCall("iam", "ListAccessKeys"), "arn:aws:iam::111122223333:role/r", false, ""},
		{testCall("iam", "DeleteUser"), me, false, ""},
	} {
		tt.call.Caller = tt.caller
		if tt.failed {
			tt.call.ErrorCode = "NoSuchEntityException"
		}
		if got := NewResolver(Default()).Resolve(tt.call).Uses; len(got) == 0 || got[0].Resource != tt.want {
			t.Errorf("%s %v of %q: %v, want %q", tt.call.EventName, tt.call.Args, tt.caller, got, tt.want)
		}
	}
}
