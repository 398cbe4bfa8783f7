package actions

import (
	"cmp"
	"slices"
	"testing"
)

func dependentsOf(c *Call) []string {
	var out []string
	for _, u := range NewResolver(Default()).Resolve(c).Uses {
		if u.Basis == Dependent {
			out = append(out, u.Action+" "+cmp.Or(u.Resource, "-"))
		}
	}
	return out
}

func TestDependents(t *testing.T) {
	role := "arn:aws:iam::111122223333:role/r"
	linked := "iam:CreateServiceLinkedRole arn:aws:iam::111122223333:role/aws-service-role/*"
	tests := []struct {
		name string
		call *Call
		want []string
	}{
		{"none documented", testCall("s3", "PutObject", "bucketName=b", "key=k"), nil},
		{"role not shown", testCall("ecs", "RunTask", "taskDefinition=t"), []string{"iam:PassRole -"}},
		{"role shown", testCall("lambda", "CreateFunction", "functionName=f", "role="+role), []string{"lambda:PassCapacityProvider -"}},
		{"tags not given", testCall("ec2", "CreateVolume", "availabilityZone=us-east-1a"), nil},
		{"parameters not shown", testCall("ec2", "CreateVolume"), nil},
		{"service-linked role", testCall("autoscaling", "CreateAutoScalingGroup", "autoScalingGroupName=g"), []string{linked, "iam:PassRole -"}},
		{"listed for the operation", testCall("sqs", "StartMessageMoveTask", "sourceArn=a"), []string{
			"sqs:DeleteMessage -", "sqs:GetQueueAttributes -", "sqs:ReceiveMessage -", "sqs:SendMessage -"}},
		{"listed, and another operation of the service", testCall("sqs", "SendMessage", "queueUrl=q"), nil},
		{"listed, and shown by the parameters", testCall("logs", "GetLogEvents", "logGroupName=g", "unmask=true"), nil},
		{"listed for a removal with a role", testCall("datazone", "DisassociateEnvironmentRole", "environmentRoleArn="+role), []string{"iam:PassRole " + role}},
		{"tags of what is shown", testCall("lambda", "GetFunction20150331v2", "functionName=f"), []string{
			"lambda:ListTags arn:aws:lambda:us-east-1:111122223333:function:f"}},
		{"tags of what is not told", testCall("lambda", "GetFunction20150331v2"), []string{"lambda:ListTags -"}},
		{"tags of many", testCall("synthetics", "DescribeCanaries"), []string{"synthetics:ListTagsForResource -"}},
		{"tags of one", testCall("synthetics", "GetCanary", "name=c"), []string{
			"synthetics:ListTagsForResource arn:aws:synthetics:us-east-1:111122223333:canary:c"}},
		{"no resource types", testCall("ec2", "CreateVpcEndpoint", "vpcId=vpc-1"), []string{
			"ec2:DescribeSecurityGroups *", "ec2:DescribeSubnets *", "ec2:DescribeVpcs *", "route53:AssociateVPCWithHostedZone -"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := dependentsOf(tt.call); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestDependentsAreActions checks the list itself: what a proposal keeps must exist.
func TestDependentsAreActions(t *testing.T) {
	c := Default()
	listed, found := 0, 0
	for _, name := range c.Expand(nil, "*") {
		f, _ := c.Lookup(name)
		for _, d := range f.Dependents {
			listed++
			if _, ok := c.Lookup(d); ok {
				found++
			}
		}
	}
	if listed < 4000 || found < listed-20 {
		t.Errorf("%d of %d documented dependents are known actions", found, listed)
	}
}
