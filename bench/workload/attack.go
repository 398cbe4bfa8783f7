package workload

import (
	"strings"
	"time"
)

// attackDay is how many days before the end the stolen key is tried.
const attackDay = 23

// attack is a sweep with the stolen key of one operator: 60 different actions
// in less than an hour, from an address never seen before, all denied.
func attack(d *day) {
	w := d.w
	if d.w.cfg.Days-1-d.n != attackDay {
		return
	}
	d.clock = d.date.Add(3*time.Hour + 7*time.Minute)
	victim := w.operators[1]
	s := &session{p: victim, key: accessKey(victim), ip: "203.0.113.213", agent: agentThief}
	d.whoAmI(s)
	for line := range strings.Lines(sweep) {
		f := strings.Fields(line)
		action := f[0] + ":" + f[2]
		c := call{by: s, service: f[1], name: f[2], read: f[3] == "r", uses: hidden(action, "*")}
		if len(f) > 4 {
			c.name = f[4]
		}
		d.emit(c.deny())
		d.clock = d.clock.Add(time.Duration(10+d.IntN(40)) * time.Second)
	}
}

// sweep lists IAM prefix, event source, action, read or write and, where it
// differs from the action, the event's name.
const sweep = `iam iam GetAccountAuthorizationDetails r
iam iam ListUsers r
iam iam ListRoles r
iam iam ListGroups r
iam iam ListPolicies r
iam iam GetAccountSummary r
iam iam GetAccountPasswordPolicy r
iam iam ListVirtualMFADevices r
iam iam CreateUser w
iam iam CreateAccessKey w
iam iam CreateLoginProfile w
iam iam AttachUserPolicy w
iam iam PutUserPolicy w
iam iam UpdateAssumeRolePolicy w
s3 s3 ListAllMyBuckets r ListBuckets
s3 s3 PutBucketPolicy w
s3 s3 GetBucketAcl r
ec2 ec2 DescribeRegions r
ec2 ec2 DescribeVpcs r
ec2 ec2 DescribeKeyPairs r
ec2 ec2 DescribeAddresses r
ec2 ec2 GetPasswordData r
ec2 ec2 CreateKeyPair w
ec2 ec2 RunInstances w
ec2 ec2 ModifySnapshotAttribute w
ec2 ec2 AuthorizeSecurityGroupIngress w
ec2 ec2 GetEbsEncryptionByDefault r
secretsmanager secretsmanager ListSecrets r
secretsmanager secretsmanager GetSecretValue r
ssm ssm DescribeParameters r
ssm ssm GetParameters r
ssm ssm SendCommand w
ssm ssm StartSession w
ssm ssm DescribeInstanceInformation r
kms kms ListKeys r
kms kms ListAliases r
kms kms ScheduleKeyDeletion w
lambda lambda ListFunctions r ListFunctions20150331
lambda lambda CreateFunction w CreateFunction20150331
lambda lambda UpdateFunctionCode w UpdateFunctionCode20150331v2
dynamodb dynamodb ListTables r
rds rds DescribeDBInstances r
rds rds DescribeDBSnapshots r
rds rds ModifyDBSnapshotAttribute w
cloudtrail cloudtrail DescribeTrails r
cloudtrail cloudtrail StopLogging w
cloudtrail cloudtrail DeleteTrail w
guardduty guardduty ListDetectors r
guardduty guardduty DeleteDetector w
organizations organizations DescribeOrganization r
organizations organizations ListAccounts r
sns sns ListTopics r
sqs sqs ListQueues r
ecs ecs ListClusters r
ecr ecr DescribeRepositories r
eks eks ListClusters r
glue glue GetDatabases r
athena athena ListWorkGroups r
cloudformation cloudformation ListStacks r
sts sts AssumeRole w
`
