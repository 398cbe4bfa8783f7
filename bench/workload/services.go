package workload

import "time"

// services is what AWS itself does: a service-linked role, service events, the
// agent on an instance and the pulling of images.
func services(d *day) {
	w := d.w
	d.from(1, 10)
	slr := &session{p: w.scaling, name: "AutoScaling", key: d.temporaryKey(), began: d.clock}
	d.emit(call{
		by: slr, service: "ec2", name: "DescribeInstanceStatus", read: true, via: "autoscaling.amazonaws.com",
		params: obj("instancesSet", obj(), "filterSet", obj(), "includeAllInstances", false), uses: used("ec2:DescribeInstanceStatus", "*"),
	})
	d.agent()
	d.pullImage()
	if d.n%4 == 1 {
		d.from(7, 0)
		d.assumedBy("lambda.amazonaws.com", &session{p: w.worker, name: "orders-worker", key: d.temporaryKey(), began: d.clock})
	}
	d.serviceEvents()
}

// agent is the SSM agent of the bastion, on credentials of the instance.
func (d *day) agent() {
	w := d.w
	id := w.instance(0)
	d.from(3, 0)
	s := &session{p: w.bastion, name: id, key: d.temporaryKey(), began: d.clock, ec2: true,
		ip: "192.0.2.200", agent: "aws-sdk-go/1.55.5 (go1.23.8; linux; arm64) amazon-ssm-agent/3.3.2299.0"}
	if d.n%5 == 0 {
		d.assumedBy("ec2.amazonaws.com", s)
	}
	d.write(s, "ssm", "UpdateInstanceInformation", "ssm:UpdateInstanceInformation", arn("ec2", d.region, w.prod, "instance/"+id),
		obj("instanceId", id, "agentVersion", "3.3.2299.0", "agentStatus", "Active", "platformType", "Linux", "availabilityZone", "us-east-1a"), nil)
}

// pullImage is the start of a task, with the execution role.
func (d *day) pullImage() {
	w := d.w
	if d.busy(0.6, 0.5) == 0 {
		return
	}
	d.anytime(5, 20)
	s := &session{p: w.taskExec, name: d.hex(32), key: d.temporaryKey(), began: d.clock, ip: d.address("192.0.2.", 20),
		agent: "Amazon ECS Agent - v1.94.0"}
	d.assumedBy("ecs-tasks.amazonaws.com", s)
	d.read(s, "ecr", "GetAuthorizationToken", "ecr:GetAuthorizationToken", "*", obj())
	repo := arn("ecr", d.region, w.prod, "repository/web-api")
	for _, name := range []string{"BatchGetImage", "GetDownloadUrlForLayer"} {
		params := obj("registryId", w.prod, "repositoryName", "web-api")
		d.emit(call{
			by: s, service: "ecr", name: name, read: true, params: params,
			targets: []target{{"", repo, w.prod}}, uses: used("ecr:"+name, repo),
		})
	}
	d.logStream(s, "/ecs/web-api", "web/web/"+s.name)
}

// serviceEvents are records without a caller.
func (d *day) serviceEvents() {
	w := d.w
	if d.date.Weekday() == time.Wednesday {
		d.from(6, 0)
		secret := arn("secretsmanager", home, w.prod, "secret:prod/web/database-Ab3dE9")
		for _, name := range []string{"RotationStarted", "RotationSucceeded"} {
			d.emit(call{
				service: "secretsmanager", name: name, class: classService, eventType: "AwsServiceEvent", recipient: w.prod,
				identity: obj("accountId", w.prod, "invokedBy", "secretsmanager.amazonaws.com"),
				ip:       "secretsmanager.amazonaws.com", agent: "secretsmanager.amazonaws.com", extra: obj("SecretId", secret),
			})
		}
	}
	if d.date.Day() == 15 {
		d.from(0, 30)
		key := arn("kms", home, w.data, "key/"+keyLake)
		d.emit(call{
			service: "kms", name: "RotateKey", class: classService, eventType: "AwsServiceEvent", recipient: w.data,
			identity: obj("accountId", w.data, "invokedBy", "AWS Internal"), ip: "AWS Internal", agent: "AWS Internal",
			targets: []target{{"AWS::KMS::Key", key, w.data}}, detail: obj("keyId", keyLake, "rotationType", "AUTOMATIC"),
		})
	}
}
