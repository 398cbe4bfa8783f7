package synth

import (
	"fmt"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// staleFiles is what an unexplained success may mean wherever no resource policy can
// be the cause.
const staleFiles = "what was attached may have changed since: take the authorization details again"

// wouldExplain says what may have allowed a success, and which command shows it.
// given: the resource's policy is known, and does not allow it.
func wouldExplain(o *observation, given bool) string {
	base := account.ResourceBase(o.resource)
	what, command := resourcePolicyOf(base)
	switch {
	case what == "":
		return staleFiles
	case given:
		return what + " does not allow it as given: it may have changed since, or " + staleFiles
	case command == "":
		return what + " may allow it"
	}
	return what + " may allow it: give " + command
}

// resourcePolicyOf names the policy that a resource can have, and the command of the
// AWS CLI that shows it; both are "" for resources without one.
// Source: AWS CLI command reference; IAM user guide, "AWS services that work with
// IAM", column resource-based policies. 2026-11.
func resourcePolicyOf(arn string) (what, command string) {
	a, err := iam.ParseARN(arn)
	if err != nil {
		return "", ""
	}
	name := shellWord(a.Resource[strings.LastIndexAny(a.Resource, "/:")+1:])
	whole := shellWord(arn)
	switch a.Service {
	case "s3":
		if strings.Contains(a.Resource, "/") || a.Account != "" {
			return "the access point policy of " + arn, ""
		}
		return "the bucket policy of " + a.Resource, "aws s3api get-bucket-policy --bucket " + name
	case "kms":
		return "the key policy of " + arn + ", or a grant,", fmt.Sprintf("aws kms get-key-policy --key-id %s and aws kms list-grants --key-id %s, in files named after the key's id", whole, whole)
	case "sqs":
		return "the policy of queue " + arn, "aws sqs get-queue-attributes --attribute-names QueueArn Policy --queue-url URL"
	case "sns":
		return "the policy of topic " + arn, "aws sns get-topic-attributes --topic-arn " + whole
	case "lambda":
		return "the policy of " + arn, "aws lambda get-policy --function-name " + whole
	case "secretsmanager":
		return "the policy of secret " + arn, "aws secretsmanager get-resource-policy --secret-id " + whole
	case "ecr":
		return "the policy of repository " + arn, "aws ecr get-repository-policy --repository-name " + shellWord(strings.TrimPrefix(a.Resource, "repository/"))
	case "dynamodb":
		return "the policy of " + arn, "aws dynamodb get-resource-policy --resource-arn " + whole + ", in a file named after the ARN"
	case "iam":
		if strings.HasPrefix(a.Resource, "role/") {
			return "the trust policy of " + arn, "the authorization details of account " + a.Account
		}
	}
	return "", ""
}

// shellWord is text of a log as an argument in a command that a person may copy: a
// placeholder where it holds anything that a shell would read otherwise.
func shellWord(s string) string {
	for _, r := range s {
		plain := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(":/._@=+-", r)
		if !plain {
			return "NAME"
		}
	}
	if s == "" || s[0] == '-' {
		return "NAME"
	}
	return s
}
