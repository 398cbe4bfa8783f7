package workload

import (
	"embed"
	"strings"
)

//go:embed policies/*.json
var policyFiles embed.FS

// grants is what a principal holds.
type grants struct {
	inline   []string // documents under policies/
	managed  []string // customer-managed policies of the account, the same
	aws      []string // AWS managed policies, as their ARNs end
	group    string   // a user's group
	boundary string   // customer-managed policy that bounds it
	trust    object   // a role's trust statement without its effect
	tags     object
	// neverUsed are granted actions that logs would show and that no workload
	// calls, picked by hand.
	neverUsed []string
}

// operatorsGroup is the group that gives the operators their permissions.
const operatorsGroup = "operators"

// grant hands out the policies.
func (w *world) grant() {
	service := func(host string) object { return obj("Principal", obj("Service", host), "Action", "sts:AssumeRole") }
	tasks := service("ecs-tasks.amazonaws.com")
	w.etl.grants = grants{
		managed: []string{"etl-orders"}, inline: []string{"etl-athena"}, trust: service("glue.amazonaws.com"),
		neverUsed: []string{"glue:CreateTable", "glue:DeleteTable", "kms:DescribeKey", "athena:DeleteWorkGroup"},
	}
	w.ci.grants = grants{
		inline: []string{"ci-deploy"}, trust: w.federation(),
		neverUsed: []string{"cloudformation:DeleteStack", "ecr:DeleteRepository", "ecs:DeleteService", "lambda:AddPermission"},
	}
	w.web.grants = grants{
		managed: []string{"web-api", "workload-baseline"}, trust: tasks,
		neverUsed: []string{"sqs:DeleteQueue", "sns:SetTopicAttributes", "dynamodb:DescribeTable", "ec2:RebootInstances"},
	}
	w.report.grants = grants{
		inline: []string{"report-builder"}, managed: []string{"workload-baseline"}, trust: tasks,
		neverUsed: []string{"ses:GetSendQuota", "ssm:GetParameterHistory"},
	}
	w.deploy.grants = grants{
		inline: []string{"cloudformation-deploy"}, trust: service("cloudformation.amazonaws.com"),
		neverUsed: []string{"dynamodb:DeleteTable", "lambda:DeleteFunction"},
	}
	w.worker.grants = grants{aws: []string{"service-role/AWSLambdaBasicExecutionRole"}, trust: service("lambda.amazonaws.com")}
	w.taskExec.grants = grants{aws: []string{"service-role/AmazonECSTaskExecutionRolePolicy"}, trust: tasks}
	w.bastion.grants = grants{
		aws: []string{"AmazonSSMManagedInstanceCore"}, trust: service("ec2.amazonaws.com"), neverUsed: []string{"ssm:PutInventory"},
	}
	w.scaling.grants = grants{aws: []string{"aws-service-role/AutoScalingServiceRolePolicy"}, trust: service("autoscaling.amazonaws.com")}
	w.grantPeople()
	w.grantOthers()
}

// grantPeople hands out the policies of users and of Identity Center's roles.
func (w *world) grantPeople() {
	for _, p := range []*principal{w.opsRole, w.opsRoleDev} {
		p.grants = grants{
			inline: []string{"AwsSSOInlinePolicy"}, aws: []string{"job-function/ViewOnlyAccess"}, trust: saml(p.account),
			neverUsed: []string{"ec2:TerminateInstances", "ec2:RebootInstances"},
		}
	}
	w.devRole.grants = grants{inline: []string{"AwsSSOInlinePolicy-developer"}, trust: saml(w.dev)}
	for _, p := range w.operators {
		p.grants = grants{group: operatorsGroup, neverUsed: []string{"ec2:RebootInstances", "ec2:DescribeVolumes", "logs:DescribeLogGroups"}}
	}
	w.admin.grants = grants{
		aws:       []string{"AdministratorAccess"},
		neverUsed: []string{"iam:CreateUser", "ec2:TerminateInstances", "s3:DeleteBucket", "rds:DeleteDBInstance", "organizations:LeaveOrganization"},
	}
}

// grantOthers hands out the policies of idle, bounded and foreign roles.
func (w *world) grantOthers() {
	root := func(account string) object {
		return obj("Principal", obj("AWS", "arn:aws:iam::"+account+":root"), "Action", "sts:AssumeRole")
	}
	w.unused.grants = grants{inline: []string{"legacy-export"}, trust: root(w.prod), neverUsed: []string{"rds:StartExportTask"}}
	w.breakGlass.grants = grants{
		aws: []string{"AdministratorAccess"}, trust: root(w.prod), tags: obj("purpose", "break-glass", "owner", "security"),
	}
	w.sandbox.grants = grants{
		inline: []string{"developer-sandbox"}, boundary: "developer-boundary", trust: root(w.dev),
		neverUsed: []string{"dynamodb:DeleteTable", "lambda:DeleteFunction"},
	}
	w.lakeReader.grants = grants{
		inline: []string{"lake-reader"}, managed: []string{"workload-baseline"},
		trust: obj("Principal", obj("AWS", w.report.arn), "Action", "sts:AssumeRole",
			"Condition", obj("StringEquals", obj("sts:ExternalId", "report-builder"))),
		neverUsed: []string{"glue:GetDatabases", "s3:GetBucketLocation"},
	}
	w.migration.grants = grants{inline: []string{"lake-migration"}, trust: root(w.data), neverUsed: []string{"glue:DeleteDatabase"}}
}

func saml(account string) object {
	return obj("Principal", obj("Federated", "arn:aws:iam::"+account+":saml-provider/AWSSSO_0a1b2c3d4e5f6071_DO_NOT_DELETE"),
		"Action", texts("sts:AssumeRoleWithSAML", "sts:TagSession"),
		"Condition", obj("StringEquals", obj("SAML:aud", "https://signin.aws.amazon.com/saml")))
}

// federation is the trust in the pipeline's token.
func (w *world) federation() object {
	const host = "token.actions.githubusercontent.com"
	return obj("Principal", obj("Federated", "arn:aws:iam::"+w.prod+":oidc-provider/"+host), "Action", "sts:AssumeRoleWithWebIdentity",
		"Condition", obj("StringEquals", obj(host+":aud", "sts.amazonaws.com"), "StringLike", obj(host+":sub", "repo:example-org/orders:*")))
}

// policy returns a document with the world's accounts filled in; account is the
// one that holds it. It is nil where policies/ has no such document, which is so
// for AWS managed policies that an abridged listing leaves out.
func (w *world) policy(name, account string) any {
	data, err := policyFiles.ReadFile("policies/" + name + ".json")
	if err != nil {
		return nil
	}
	fill := strings.NewReplacer("{{prod}}", w.prod, "{{dev}}", w.dev, "{{data}}", w.data, "{{self}}", account)
	return raw(strings.TrimSpace(fill.Replace(string(data))))
}
