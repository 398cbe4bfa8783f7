package family

import "strconv"

// bluegreen deploys a new colour some times a week: a stack, a function and a
// target group with random suffixes, and takes the old ones away.
func bluegreen(s *site) func(*day) {
	job := s.job("/", "release-bot", "codepipeline.amazonaws.com")
	run := s.role("/app/", "edge-function", "lambda.amazonaws.com")
	s.attach(job, "release", `{"Version":"2012-10-17","Statement":[
	 {"Effect":"Allow","Action":["cloudformation:*"],"Resource":"arn:aws:cloudformation:*:{account}:stack/*"},
	 {"Effect":"Allow","Action":["lambda:*"],"Resource":"arn:aws:lambda:*:{account}:function:*"},
	 {"Effect":"Allow","Action":["elasticloadbalancing:*"],"Resource":"*"},
	 {"Effect":"Allow","Action":["iam:PassRole","iam:GetRole"],"Resource":"arn:aws:iam::{account}:role/app/*"},
	 {"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::example-releases/*"}]}`)
	s.exists(true, s.in("lambda", "function:other-team"), "arn:aws:iam::"+s.account+":role/app/other-team",
		object("example-releases", "other-team/1.zip"), s.in("elasticloadbalancing", "targetgroup/other-team/0123456789abcdef"))
	old, release := newColour(s.dice, 0), 0
	return func(d *day) {
		if !d.working() || d.one(3) {
			return
		}
		release++
		d.at(11, 0)
		next := newColour(d.dice, release)
		by := d.as(job, "release-"+strconv.Itoa(release))
		d.bring(by, run, next, release)
		d.retire(by, old)
		old = next
	}
}

// colour is one deployment.
type colour struct{ stack, id, function, group string }

func newColour(d *dice, n int) colour {
	c := pick(d, "blue", "green")
	return colour{
		stack: "edge-" + c + "-" + d.text(8, lower+digits), id: d.uuid(),
		function: "edge-" + strconv.Itoa(n) + "-Handler-" + d.text(12, upper+lower+digits), group: "edge-" + d.hex(6) + "/" + d.hex(16),
	}
}

func (d *day) bring(by *session, run *role, c colour, release int) {
	d.emit(get(by, "example-releases", "edge/1."+strconv.Itoa(release)+".0/edge.zip"))
	d.emit(d.stack(by, "CreateStack", c.stack, c.id))
	for range 2 {
		d.emit(d.stack(by, "DescribeStacks", c.stack, c.id))
	}
	f := d.function(by, "CreateFunction20150331", "lambda:CreateFunction", c.function)
	f.params["role"], f.params["runtime"], f.params["handler"] = run.arn, "python3.12", "edge.handle"
	f.response = members{"functionName": c.function, "functionArn": f.uses[0].Resource, "role": run.arn}
	d.emit(f.pass(run, "lambda.amazonaws.com"))
	d.emit(d.function(by, "GetFunction20150331v2", "lambda:GetFunction", c.function))
	arn := d.s.in("elasticloadbalancing", "targetgroup/"+c.group)
	name := c.group[:len(c.group)-17]
	group := write(by, "elasticloadbalancing", "CreateTargetGroup", members{"name": name, "targetType": "lambda"}, d.s.in("elasticloadbalancing", "targetgroup/"+name+"/*"))
	group.response = members{"targetGroups": []members{{"targetGroupArn": arn, "targetGroupName": name}}}
	d.emit(group)
	d.emit(write(by, "elasticloadbalancing", "RegisterTargets", members{"targetGroupArn": arn, "targets": []members{{"id": f.uses[0].Resource}}}, arn))
	d.emit(read(by, "elasticloadbalancing", "DescribeTargetHealth", members{"targetGroupArn": arn}, "*"))
	rule := d.s.in("elasticloadbalancing", "listener-rule/app/edge/1111111111111111/2222222222222222/3333333333333333")
	d.emit(write(by, "elasticloadbalancing", "ModifyRule", members{"ruleArn": rule, "actions": []members{{"type": "forward", "targetGroupArn": arn}}}, rule))
}

func (d *day) retire(by *session, c colour) {
	arn := d.s.in("elasticloadbalancing", "targetgroup/"+c.group)
	d.emit(write(by, "elasticloadbalancing", "DeregisterTargets", members{"targetGroupArn": arn}, arn))
	d.emit(write(by, "elasticloadbalancing", "DeleteTargetGroup", members{"targetGroupArn": arn}, arn))
	d.emit(d.function(by, "DeleteFunction20150331", "lambda:DeleteFunction", c.function))
	d.emit(d.stack(by, "DeleteStack", c.stack, c.id))
}
