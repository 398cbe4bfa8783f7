package workload

import (
	"fmt"
	"time"
)

// ci is the pipeline: it comes with a web identity, its names carry build ids,
// and it rests at the weekend.
func ci(d *day) {
	if d.weekend() {
		return
	}
	for range d.times(1.6 * d.w.cfg.Rate) {
		d.anytime(8, 18)
		d.build(d.pipeline())
	}
}

// pipeline exchanges the runner's token for the role.
func (d *day) pipeline() *session {
	w := d.w
	provider := "arn:aws:iam::" + w.prod + ":oidc-provider/token.actions.githubusercontent.com"
	s := &session{
		p: w.ci, name: fmt.Sprintf("run-%d", 9_000_000_000+d.IntN(1e9)), key: d.temporaryKey(), began: d.clock,
		ip: d.address("198.51.100.", 40), agent: agentCLI, provider: provider,
	}
	subject := pick(d.stream, "repo:example-org/orders:ref:refs/heads/main", "repo:example-org/orders:environment:production")
	d.emit(call{
		service: "sts", name: "AssumeRoleWithWebIdentity", read: true, class: classNoAuthorized,
		identity: obj("type", "WebIdentityUser", "principalId", provider+":sts.amazonaws.com:"+subject,
			"userName", subject, "identityProvider", provider),
		ip: s.ip, agent: "actions-oidc/1.0", recipient: w.prod,
		params: obj("roleArn", w.ci.arn, "roleSessionName", s.name, "durationSeconds", 3600),
		response: obj("subjectFromWebIdentityToken", subject, "assumedRoleUser",
			obj("assumedRoleId", w.ci.id+":"+s.name, "arn", s.sessionARN()),
			"provider", provider, "audience", "sts.amazonaws.com"),
		targets: []target{{"AWS::IAM::Role", w.ci.arn, w.prod}},
	})
	d.whoAmI(s)
	return s
}

// build pushes an image, deploys it and, now and then, does more.
func (d *day) build(s *session) {
	commit := d.hex(40)
	d.pushImage(s, commit)
	d.emit(d.object(s, "PutObject", bucket("artifacts", d.w.prod), "builds/"+commit+"/bundle.zip", d.w.prod))
	d.updateFunction(s, "orders-worker")
	revision := d.registerTask(s, commit)
	d.deployService(s, revision)
	if d.IntN(3) == 0 {
		d.changeSet(s, commit)
	}
	if d.IntN(4) == 0 {
		d.preview(s)
	}
	if d.IntN(5) == 0 {
		d.migrate(s, revision)
	}
}

func (d *day) pushImage(s *session, commit string) {
	repo := arn("ecr", d.region, d.w.prod, "repository/web-api")
	d.read(s, "ecr", "GetAuthorizationToken", "ecr:GetAuthorizationToken", "*", obj())
	in := obj("registryId", d.w.prod, "repositoryName", "web-api")
	upload := d.uuid()
	steps := []struct {
		name   string
		params object
	}{
		{"BatchCheckLayerAvailability", in.with("layerDigests", texts("sha256:"+d.hex(64)))},
		{"InitiateLayerUpload", in},
		{"CompleteLayerUpload", in.with("uploadId", upload)},
		{"PutImage", in.with("imageTag", commit[:12], "imageManifest", "HIDDEN_DUE_TO_SECURITY_REASONS")},
	}
	for _, st := range steps {
		d.emit(call{
			by: s, service: "ecr", name: st.name, read: st.name == "BatchCheckLayerAvailability", params: st.params,
			targets: []target{{"", repo, d.w.prod}}, uses: used("ecr:"+st.name, repo),
		})
	}
}

// updateFunction deploys code; when the configuration changes too, the role
// goes with it.
func (d *day) updateFunction(s *session, name string) {
	fn := arn("lambda", d.region, d.w.prod, "function:"+name)
	d.write(s, "lambda", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode", fn,
		obj("functionName", name, "publish", true, "dryRun", false),
		obj("functionName", name, "functionArn", fn+":42", "runtime", "provided.al2023", "role", d.w.worker.arn, "version", "42"))
	if d.IntN(3) > 0 {
		return
	}
	c := call{
		by: s, service: "lambda", name: "UpdateFunctionConfiguration20150331v2", uses: used("lambda:UpdateFunctionConfiguration", fn),
		params:   obj("functionName", name, "role", d.w.worker.arn, "memorySize", 512, "environment", obj()),
		response: obj("functionName", name, "functionArn", fn, "role", d.w.worker.arn, "memorySize", 512),
	}
	c.inferred("iam:PassRole", d.w.worker.arn)
	d.emit(c)
}

// registerTask registers the next revision; two roles are passed.
func (d *day) registerTask(s *session, commit string) string {
	w := d.w
	revision := fmt.Sprintf("task-definition/web-api:%d", 400+d.n*3+d.IntN(3))
	c := call{
		by: s, service: "ecs", name: "RegisterTaskDefinition",
		params: obj("family", "web-api", "taskRoleArn", w.web.arn, "executionRoleArn", w.taskExec.arn, "networkMode", "awsvpc",
			"containerDefinitions", list{obj("name", "web", "image", w.prod+".dkr.ecr."+d.region+".amazonaws.com/web-api:"+commit[:12], "essential", true)},
			"requiresCompatibilities", texts("FARGATE"), "cpu", "512", "memory", "1024"),
		response: obj("taskDefinition", obj("taskDefinitionArn", arn("ecs", d.region, w.prod, revision), "family", "web-api", "status", "ACTIVE")),
		uses:     used("ecs:RegisterTaskDefinition", arn("ecs", d.region, w.prod, "task-definition/web-api:*")),
	}
	c.inferred("iam:PassRole", w.web.arn)
	c.inferred("iam:PassRole", w.taskExec.arn)
	d.emit(c)
	return revision
}

func (d *day) deployService(s *session, revision string) {
	service := arn("ecs", d.region, d.w.prod, "service/main/web-api")
	d.write(s, "ecs", "UpdateService", "ecs:UpdateService", service,
		obj("cluster", "main", "service", "web-api", "taskDefinition", arn("ecs", d.region, d.w.prod, revision)),
		obj("service", obj("serviceArn", service, "serviceName", "web-api", "status", "ACTIVE")))
	d.read(s, "ecs", "DescribeServices", "ecs:DescribeServices", service,
		obj("cluster", "main", "services", texts("web-api")))
}

// changeSet deploys the stack through CloudFormation's own role.
func (d *day) changeSet(s *session, commit string) {
	w := d.w
	stack := arn("cloudformation", d.region, w.prod, "stack/orders-prod/22222222-aaaa-4bbb-8ccc-000000000001")
	set := arn("cloudformation", d.region, w.prod, "changeSet/build-"+commit[:12]+"/"+d.uuid())
	c := call{
		by: s, service: "cloudformation", name: "CreateChangeSet",
		params: obj("stackName", stack, "changeSetName", "build-"+commit[:12], "changeSetType", "UPDATE",
			"roleARN", w.deploy.arn, "capabilities", texts("CAPABILITY_IAM")),
		response: obj("id", set, "stackId", stack), uses: used("cloudformation:CreateChangeSet", stack),
	}
	c.inferred("iam:PassRole", w.deploy.arn)
	d.emit(c)
	in := obj("changeSetName", "build-"+commit[:12], "stackName", stack)
	d.read(s, "cloudformation", "DescribeChangeSet", "cloudformation:DescribeChangeSet", stack, in)
	d.write(s, "cloudformation", "ExecuteChangeSet", "cloudformation:ExecuteChangeSet", stack, in, nil)
	d.stackUpdate()
	d.read(s, "cloudformation", "DescribeStacks", "cloudformation:DescribeStacks", stack, obj("stackName", stack))
}

// stackUpdate is what CloudFormation does with the role that it was passed.
func (d *day) stackUpdate() {
	w := d.w
	s := &session{p: w.deploy, name: "AWSCloudFormation", key: d.temporaryKey(), began: d.clock}
	d.assumedBy("cloudformation.amazonaws.com", s)
	table := arn("dynamodb", d.region, w.prod, "table/orders")
	d.emit(call{
		by: s, service: "dynamodb", name: "DescribeTable", read: true, via: "cloudformation.amazonaws.com",
		params: obj("tableName", "orders"), targets: []target{{"AWS::DynamoDB::Table", table, w.prod}},
		uses: used("dynamodb:DescribeTable", table),
	})
	fn := arn("lambda", d.region, w.prod, "function:orders-worker")
	d.emit(call{
		by: s, service: "lambda", name: "GetFunctionConfiguration20150331v2", read: true, via: "cloudformation.amazonaws.com",
		params: obj("functionName", "orders-worker"), uses: used("lambda:GetFunctionConfiguration", fn),
	})
}

// preview creates a function named after the build, and removes it an hour later.
func (d *day) preview(s *session) {
	name := "preview-orders-" + d.hex(8)
	fn := arn("lambda", d.region, d.w.prod, "function:"+name)
	c := call{
		by: s, service: "lambda", name: "CreateFunction20150331",
		params: obj("functionName", name, "runtime", "provided.al2023", "role", d.w.worker.arn, "handler", "bootstrap",
			"code", obj(), "timeout", 15, "publish", false),
		response: obj("functionName", name, "functionArn", fn, "role", d.w.worker.arn, "state", "Pending"),
		uses:     used("lambda:CreateFunction", fn),
	}
	c.inferred("iam:PassRole", d.w.worker.arn)
	d.emit(c)
	d.clock = d.clock.Add(40 * time.Minute)
	d.write(s, "lambda", "DeleteFunction20150331", "lambda:DeleteFunction", fn, obj("functionName", name), nil)
}

// migrate runs the database migration as a task, with the roles overridden.
func (d *day) migrate(s *session, revision string) {
	w := d.w
	task := arn("ecs", d.region, w.prod, revision)
	c := call{
		by: s, service: "ecs", name: "RunTask",
		params: obj("cluster", "main", "taskDefinition", task, "launchType", "FARGATE", "count", 1,
			"overrides", obj("taskRoleArn", w.web.arn, "executionRoleArn", w.taskExec.arn)),
		response: obj("failures", list{}, "tasks", list{obj("taskArn", arn("ecs", d.region, w.prod, "task/main/"+d.hex(32)), "taskDefinitionArn", task)}),
		uses:     used("ecs:RunTask", task),
	}
	c.inferred("iam:PassRole", w.web.arn)
	c.inferred("iam:PassRole", w.taskExec.arn)
	d.emit(c)
}
