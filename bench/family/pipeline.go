package family

import (
	"fmt"
	"strconv"
	"strings"
)

// pipeline builds, stores artifacts by commit, branch and build number, and
// deploys services, functions and stacks, on working days mostly.
func pipeline(s *site) func(*day) {
	ci := s.job("/", "ci-runner", "codebuild.amazonaws.com")
	task := s.role("/app/", "orders-task", "ecs-tasks.amazonaws.com")
	exec := s.role("/app/", "orders-execution", "ecs-tasks.amazonaws.com")
	s.attach(ci, "ci-deploy", `{"Version":"2012-10-17","Statement":[
	 {"Sid":"Artifacts","Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::example-artifacts","arn:aws:s3:::example-artifacts/*"]},
	 {"Sid":"Images","Effect":"Allow","Action":"ecr:*","Resource":"*"},
	 {"Sid":"Deploy","Effect":"Allow","Action":["ecs:*","lambda:*","cloudformation:*"],"Resource":"*"},
	 {"Sid":"Roles","Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::{account}:role/app/*",
	  "Condition":{"StringEquals":{"iam:PassedToService":["ecs-tasks.amazonaws.com","lambda.amazonaws.com"]}}},
	 {"Sid":"Settings","Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParameters","ssm:GetParametersByPath"],"Resource":"arn:aws:ssm:*:{account}:parameter/ci/*"}]}`)
	stack := s.uuid()
	s.exists(true, object("example-artifacts", "mobile/releases/1.2.3/app.ipa"), s.in("ecr", "repository/mobile/backend"),
		s.in("lambda", "function:mobile-push"), s.in("ecs", "service/mobile/push"), "arn:aws:iam::"+s.account+":role/app/mobile-task",
		s.in("ssm", "parameter/ci/mobile/signing-key"))
	s.exists(false, s.in("ecs", "task-definition/orders:1"), s.in("ecs", "task-definition/orders:2"), s.in("ecs", "cluster/prod"))
	build := 4100
	return func(d *day) {
		builds := 5 + d.IntN(5)
		if !d.working() {
			builds = d.IntN(2)
		}
		d.at(8, 0)
		for range builds {
			build++
			d.build(d.as(ci, "build-"+strconv.Itoa(build)), build, stack, task, exec)
		}
	}
}

func (d *day) build(by *session, n int, stack string, task, exec *role) {
	by.from("aws-cli/2.17.44 exec-env/AWS_ECS_FARGATE", "10.3.0.17")
	commit := d.hex(40)
	branch := pick(d, "main", "main", "feature/JIRA-"+strconv.Itoa(1000+n%700)+"-fix", "release/2026."+strconv.Itoa(n%53), "dependabot/npm/left-pad-"+d.text(2, digits))
	d.emit(d.parameter(by, "GetParametersByPath", "/ci/orders"))
	d.emit(d.parameter(by, "GetParameter", "/ci/orders/npm-token"))
	d.emit(get(by, "example-artifacts", "cache/orders/"+d.hex(64)+".tar.zst"))
	d.upload(by, "example-artifacts", fmt.Sprintf("builds/orders/%d/bundle.zip", n))
	d.emit(put(by, "example-artifacts", "commits/"+commit[:2]+"/"+commit+"/sbom.json"))
	d.emit(put(by, "example-artifacts", "branches/"+strings.ReplaceAll(branch, "/", "-")+"/coverage.xml"))
	d.image(by, "orders/api", commit[:12])
	if branch != "main" {
		return
	}
	d.emit(d.revision(by, "orders", task, exec))
	d.emit(write(by, "ecs", "UpdateService", members{"cluster": "prod", "service": "orders", "taskDefinition": "orders:" + strconv.Itoa(n)},
		d.s.in("ecs", "service/prod/orders")))
	d.emit(read(by, "ecs", "DescribeServices", members{"cluster": "prod", "services": []string{"orders"}}, d.s.in("ecs", "service/prod/orders")))
	f := d.function(by, "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode", "orders-events")
	f.params["s3Bucket"], f.params["s3Key"] = "example-artifacts", fmt.Sprintf("builds/orders/%d/bundle.zip", n)
	d.emit(f.also("s3:GetObject", object("example-artifacts", fmt.Sprintf("builds/orders/%d/bundle.zip", n))))
	d.emit(d.function(by, "PublishVersion20150331", "lambda:PublishVersion", "orders-events"))
	alias := d.function(by, "UpdateAlias20150331", "lambda:UpdateAlias", "orders-events")
	alias.params["name"], alias.params["functionVersion"] = "live", strconv.Itoa(n)
	d.emit(alias)
	set := d.stack(by, "CreateChangeSet", "orders-infra", stack)
	set.params["changeSetName"] = "build-" + strconv.Itoa(n)
	d.emit(set)
	d.emit(d.stack(by, "DescribeStacks", "orders-infra", stack))
	run := d.stack(by, "ExecuteChangeSet", "orders-infra", stack)
	run.params["changeSetName"] = "build-" + strconv.Itoa(n)
	d.emit(run)
}
