package family

import "strings"

// Calls on EC2, ECS, ECR, Lambda, CloudFormation, CloudWatch Logs and others.

// read and write are management events of a service whose event and action
// have the same name.
func read(by *session, source, name string, params members, arns ...string) call {
	return call{by: by, source: source, name: name, read: true, params: params, uses: use(prefix(source)+":"+name, arns...)}
}

func write(by *session, source, name string, params members, arns ...string) call {
	c := read(by, source, name, params, arns...)
	c.read = false
	return c
}

// prefix is the IAM prefix of an event source.
func prefix(source string) string {
	if source == "monitoring" {
		return "cloudwatch"
	}
	return source
}

// instances is an EC2 write on instances.
func (d *day) instances(by *session, name string, ids ...string) call {
	items, arns := []members{}, []string{}
	for _, id := range ids {
		items = append(items, members{"instanceId": id})
		arns = append(arns, d.s.in("ec2", "instance/"+id))
	}
	return write(by, "ec2", name, members{"instancesSet": members{"items": items}}, arns...)
}

// describe is an EC2 read, which takes no resource.
func describe(by *session, name string) call {
	return read(by, "ec2", name, members{"filterSet": members{}}, "*")
}

// snapshot creates a snapshot with tags and returns its id.
func (d *day) snapshot(by *session, volume string) string {
	id := "snap-0" + d.hex(16)
	c := write(by, "ec2", "CreateSnapshot", members{"volumeId": volume, "description": "nightly",
		"tagSpecificationSet": members{"items": []members{{"resourceType": "snapshot", "tags": []members{{"key": "origin", "value": "nightly"}}}}}},
		d.s.in("ec2", "volume/"+volume), "arn:aws:ec2:"+home+"::snapshot/*")
	c.response = members{"snapshotId": id, "volumeId": volume, "status": "pending"}
	c = c.also("ec2:CreateTags", "arn:aws:ec2:"+home+"::snapshot/*")
	c.uses[2].Context = map[string]string{"ec2:CreateAction": "CreateSnapshot"}
	d.emit(c)
	return id
}

// invoke is a data event on a function, or on its alias with "name:alias".
func (d *day) invoke(by *session, function string) call {
	arn := d.s.in("lambda", "function:"+function)
	plain, _, _ := strings.Cut(function, ":")
	return call{
		by: by, source: "lambda", name: "Invoke", data: true, params: members{"functionName": arn, "invocationType": "RequestResponse"},
		targets: []target{{"AWS::Lambda::Function", d.s.in("lambda", "function:"+plain)}}, uses: use("lambda:InvokeFunction", arn),
	}
}

// function is a management event of Lambda, whose names carry API versions.
func (d *day) function(by *session, event, action, name string) call {
	return call{
		by: by, source: "lambda", name: event, read: action == "lambda:GetFunction", params: members{"functionName": name},
		uses: use(action, d.s.in("lambda", "function:"+name)),
	}
}

// logStream creates the stream that a task writes to.
func (d *day) logStream(by *session, group, stream string) call {
	return write(by, "logs", "CreateLogStream", members{"logGroupName": group, "logStreamName": stream},
		d.s.in("logs", "log-group:"+group+":log-stream:"+stream))
}

// image pushes an image to a repository.
func (d *day) image(by *session, repository, tag string) {
	arn := d.s.in("ecr", "repository/"+repository)
	base := func(more members) members {
		more["repositoryName"], more["registryId"] = repository, d.s.account
		return more
	}
	d.emit(read(by, "ecr", "GetAuthorizationToken", nil, "*"))
	digest := "sha256:" + d.hex(64)
	for _, c := range []call{
		read(by, "ecr", "BatchCheckLayerAvailability", base(members{"layerDigests": []string{digest}}), arn),
		write(by, "ecr", "InitiateLayerUpload", base(members{}), arn),
		write(by, "ecr", "UploadLayerPart", base(members{"uploadId": d.uuid()}), arn),
		write(by, "ecr", "CompleteLayerUpload", base(members{"uploadId": d.uuid(), "layerDigests": []string{digest}}), arn),
		write(by, "ecr", "PutImage", base(members{"imageTag": tag}), arn),
	} {
		c.targets = []target{{"", arn}}
		d.emit(c)
	}
}

// stack is a CloudFormation call on a stack whose id is known.
func (d *day) stack(by *session, name, stack, id string) call {
	arn := d.s.in("cloudformation", "stack/"+stack+"/"+id)
	c := write(by, "cloudformation", name, members{"stackName": stack}, arn)
	c.read = strings.HasPrefix(name, "Describe")
	if name == "CreateStack" || name == "CreateChangeSet" {
		c.response = members{"stackId": arn}
		return c
	}
	return c.hide() // by its name: the id is not told
}

// revision registers a task definition that runs with two roles.
func (d *day) revision(by *session, family string, task, execution *role) call {
	c := write(by, "ecs", "RegisterTaskDefinition", members{"family": family, "networkMode": "awsvpc",
		"taskRoleArn": task.arn, "executionRoleArn": execution.arn}, d.s.in("ecs", "task-definition/"+family+":*"))
	return c.pass(task, "ecs-tasks.amazonaws.com").pass(execution, "ecs-tasks.amazonaws.com")
}
