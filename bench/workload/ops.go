package workload

import "fmt"

// ops are people: Identity Center sessions in the console, and the users of the
// group "operators". They rest at the weekend, but for one who is on call.
func ops(d *day) {
	w := d.w
	for range d.busy(0.9, 0.1) {
		d.anytime(7, 17)
		d.consoleRead(d.signedIn(w.opsRole, "ops-"+pick(d.stream, "north", "south")+"@example.com", home))
	}
	if d.busy(0.3, 0) > 0 {
		d.anytime(9, 16)
		s := d.signedIn(w.opsRoleDev, "ops-north@example.com", home)
		d.region = abroad
		d.describe(s, "DescribeInstances", obj("instancesSet", obj(), "filterSet", obj()))
		d.region = home
	}
	for range d.busy(0.8, 0.1) {
		d.anytime(8, 17)
		d.operate(pick(d.stream, w.operators...))
	}
}

// signedIn is a session of Identity Center: SAML at the door.
func (d *day) signedIn(p *principal, who, region string) *session {
	provider := "arn:aws:iam::" + p.account + ":saml-provider/AWSSSO_0a1b2c3d4e5f6071_DO_NOT_DELETE"
	s := &session{
		p: p, name: who, key: d.temporaryKey(), began: d.clock, console: true,
		ip: d.address("203.0.113.", 6), agent: agentBrowser,
	}
	d.emit(call{
		service: "sts", name: "AssumeRoleWithSAML", read: true, class: classNoAuthorized,
		identity: obj("type", "SAMLUser", "principalId", "EXAMPLEqualifier=:"+who, "userName", who, "identityProvider", "EXAMPLEqualifier="),
		ip:       s.ip, agent: "aws-internal/3", recipient: p.account, region: region,
		params: obj("sAMLAssertionID", "_"+d.uuid(), "roleSessionName", who, "durationSeconds", 43200,
			"roleArn", p.arn, "principalArn", provider),
		response: obj("subjectType", "persistent", "issuer", "https://portal.sso.us-east-1.amazonaws.com/saml/assertion/EXAMPLE",
			"assumedRoleUser", obj("assumedRoleId", p.id+":"+who, "arn", s.sessionARN()), "nameQualifier", "EXAMPLEqualifier="),
		targets: []target{{"AWS::IAM::Role", p.arn, p.account}, {"AWS::IAM::SAMLProvider", provider, p.account}},
	})
	return s
}

// instance names one of the few instances that people touch.
func (w *world) instance(i int) string { return fmt.Sprintf("i-0aaaaaaaaaaaaaa%02d", i) }

// consoleRead is what opening a few console pages leaves.
func (d *day) consoleRead(s *session) {
	w := d.w
	pages := []string{"DescribeInstances", "DescribeVolumes", "DescribeSecurityGroups", "DescribeVpcs", "DescribeSubnets", "DescribeInstanceStatus"}
	for range 2 + d.IntN(3) {
		d.describe(s, pages[d.IntN(len(pages))], obj("filterSet", obj()))
	}
	d.listAlarms(s)
	d.read(s, "logs", "DescribeLogGroups", "logs:DescribeLogGroups", "*", obj("limit", 50))
	if d.IntN(2) == 0 {
		d.power(s, pick(d.stream, "StartInstances", "StopInstances"), w.instance(d.IntN(4)), false)
	}
	if d.n%30 == 12 {
		d.launch(s)
	}
}

// power starts or stops an instance; a dry run asks only whether it may.
func (d *day) power(s *session, name, id string, dry bool) {
	in := obj("instancesSet", obj("items", list{obj("instanceId", id)}))
	c := call{
		by: s, service: "ec2", name: name, params: in, uses: used("ec2:"+name, arn("ec2", d.region, s.p.account, "instance/"+id)),
		response: obj("requestId", d.uuid(), "instancesSet", obj("items", list{obj("instanceId", id,
			"currentState", obj("code", 0, "name", "pending"), "previousState", obj("code", 80, "name", "stopped"))})),
	}
	if name == "StopInstances" {
		c.params = in.with("force", false)
	}
	if dry {
		c = c.after("Client.DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	}
	d.emit(c)
}

// launch runs one instance with an instance profile and a tag: the rare call
// that needs many permissions.
func (d *day) launch(s *session) {
	w := d.w
	id := "i-0" + d.hex(16)
	const image, subnet, group = "ami-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa1", "sg-0aaaaaaaaaaaaaaa1"
	at := func(resource string) string { return arn("ec2", d.region, w.prod, resource) }
	c := call{
		by: s, service: "ec2", name: "RunInstances",
		params: obj("instancesSet", obj("items", list{obj("imageId", image, "minCount", 1, "maxCount", 1)}),
			"instanceType", "t4g.small", "subnetId", subnet, "groupSet", obj("items", list{obj("groupId", group)}),
			"iamInstanceProfile", obj("name", "bastion"), "tagSpecificationSet", obj("items", list{
				obj("resourceType", "instance", "tags", list{obj("key", "team", "value", "platform")})})),
		response: obj("requestId", d.uuid(), "reservationId", "r-0"+d.hex(16), "ownerId", w.prod, "instancesSet",
			obj("items", list{obj("instanceId", id, "imageId", image, "instanceState", obj("code", 0, "name", "pending"))})),
		uses: used("ec2:RunInstances", at("instance/*"), at("volume/*"), at("network-interface/*"),
			at("subnet/"+subnet), at("security-group/"+group), arn("ec2", d.region, "", "image/"+image)),
	}
	c.inferred("ec2:CreateTags", at("instance/*"))
	c.uses = append(c.uses, Use{Action: "iam:PassRole", Resource: w.bastion.arn, Basis: "inferred", Hidden: true})
	d.emit(c)
}

// operate is a user at the command line, now and then in the console first.
func (d *day) operate(p *principal) {
	w := d.w
	s := &session{p: p, key: accessKey(p), ip: d.address("203.0.113.", 4), agent: agentCLI}
	if d.IntN(4) == 0 {
		d.consoleLogin(p)
	}
	d.describe(s, "DescribeInstances", obj("instancesSet", obj(), "filterSet", obj("items",
		list{obj("name", "tag:team", "valueSet", obj("items", list{obj("value", "platform")}))})))
	d.describe(s, pick(d.stream, "DescribeInstanceStatus", "DescribeImages", "DescribeSnapshots"), obj("filterSet", obj()))
	if d.IntN(3) == 0 {
		d.power(s, "StopInstances", w.instance(d.IntN(2)), d.IntN(3) == 0)
		d.power(s, "StartInstances", w.instance(d.IntN(2)), false)
	}
	if d.IntN(3) == 0 {
		group := "/aws/lambda/orders-worker"
		d.read(s, "logs", "DescribeLogStreams", "logs:DescribeLogStreams", arn("logs", d.region, w.prod, "log-group:"+group+":log-stream:"),
			obj("logGroupName", group, "orderBy", "LastEventTime", "descending", true))
	}
	if d.IntN(12) == 0 {
		c := call{by: s, service: "ec2", name: "TerminateInstances", uses: used("ec2:TerminateInstances", arn("ec2", d.region, w.prod, "instance/"+w.instance(3)))}
		c.params = obj("instancesSet", obj("items", list{obj("instanceId", w.instance(3))}))
		d.emit(c.deny())
	}
}

// accessKey is the long-term key of a user.
func accessKey(p *principal) string { return "AKIA" + p.id[4:20] }

// consoleLogin is a sign-in with a password and a second factor.
func (d *day) consoleLogin(p *principal) {
	d.emit(call{
		by: &session{p: p}, service: "signin", name: "ConsoleLogin", class: classSignIn, eventType: "AwsConsoleSignIn", recipient: p.account,
		identity: obj("type", "IAMUser", "principalId", p.id, "arn", p.arn, "accountId", p.account, "userName", p.name),
		ip:       d.address("203.0.113.", 4), agent: agentBrowser, response: obj("ConsoleLogin", "Success"),
		extra: obj("LoginTo", "https://console.aws.amazon.com/console/home?state=hashArgs%23&isauthcode=true",
			"MobileVersion", "No", "MFAIdentifier", "arn:aws:iam::"+p.account+":mfa/"+p.name, "MFAUsed", "Yes"),
	})
}
