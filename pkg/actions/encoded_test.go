package actions

import "testing"

// An encoded ARN is decoded once and guarded again; what is none is no name.
func TestResolveEncoded(t *testing.T) {
	resources(t, `
kafka DeleteCluster clusterArn=arn%3Aaws%3Akafka%3Aus-east-1%3A111122223333%3Acluster%2Fc%2F01 => cluster/c/01
kafka DeleteCluster clusterArn=ARN%3aaws%3akafka%3aus-east-1%3a111122223333%3acluster%2fc%2f01 => -
kafka DeleteCluster clusterArn=arn%3aaws%3akafka%3aus-east-1%3a111122223333%3acluster%2fc%2f01 => cluster/c/01
kafka DeleteCluster clusterArn=arn%3Aaws%3Akafka%3Aus-east-1%3A111122223333%3Acluster%2F%2A%2F01 => -
kafka DeleteCluster clusterArn=arn%3Aaws%3Akafka%3Aus-east-1%3A111122223333%3Acluster%2F%24%7Ba%7D%2F01 => -
kafka DeleteCluster clusterArn=arn%3Aaws%3Akafka%3Aus-east-1%111122223333%3Acluster%2Fc%2F01 => -
kafka DeleteCluster clusterArn=arn%3Aaws%3Akafka%3Aus-east-1%3A111122223333%3Acluster%2Fc%2F0% => -
kafka DeleteCluster clusterArn=arn%253Aaws%253Akafka%253Aus-east-1%253A111122223333%253Acluster%252Fc%252F01 => -
connect DescribeContact InstanceId=arn%3Aaws%3Aconnect%3Aus-east-1%3A111122223333%3Ainstance%2Fi contactId=c => instance/i/contact/c
iot DeleteThing thingName=a%2Fb => -
s3 GetObject bucketName=b key=a%2Fb => b/a%2Fb
apigateway GetTags resourceArn=arn:aws:apigateway:us-east-1::/restapis/a => /tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fa
`)
}

func TestWellFormed(t *testing.T) {
	for arn, want := range map[string]bool{
		"arn:aws:iam::111122223333:role/r":         true,
		"arn:aws-cn:s3:::b":                        true,
		"arn:aws:eks::aws:cluster-access-policy/P": true,
		"arn:aws:iam::1:role/r":                    false,
		"arn:aws:iam::111122223333:":               false,
		"arn:aws:iam::111122223333:role/*":         false,
		"arn:aws:iam::111122223333:role/a%2Fb":     false,
		"arn:xyz:iam::111122223333:role/r":         false,
		"arn:aws:iam":                              false,
	} {
		if got := wellFormed(arn); got != want {
			t.Errorf("wellFormed(%q) = %v", arn, got)
		}
	}
}
