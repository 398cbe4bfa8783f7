package workload

// admin is the user who holds AdministratorAccess and uses about 25 actions of it.
func admin(d *day) {
	if d.busy(0.45, 0.2) == 0 {
		return
	}
	w := d.w
	d.anytime(9, 19)
	s := &session{p: w.admin, key: accessKey(w.admin), ip: d.address("203.0.113.", 2), agent: agentCLI}
	d.whoAmI(s)
	tasks := []func(*day, *session){adminCompute, adminStorage, adminIdentity, adminMonitoring}
	for range 1 + d.IntN(2) {
		tasks[d.IntN(len(tasks))](d, s)
	}
}

func adminCompute(d *day, s *session) {
	for _, name := range []string{"DescribeInstances", "DescribeVolumes", "DescribeSnapshots", "DescribeSecurityGroups", "DescribeAddresses"} {
		d.describe(s, name, obj("filterSet", obj()))
	}
	volume := "vol-0aaaaaaaaaaaaaaa1"
	switch d.IntN(3) {
	case 0:
		snapshot := "snap-0" + d.hex(16)
		d.emit(call{
			by: s, service: "ec2", name: "CreateSnapshot", params: obj("volumeId", volume, "description", "manual"),
			response: obj("requestId", d.uuid(), "snapshotId", snapshot, "volumeId", volume, "status", "pending", "ownerId", s.p.account),
			uses: used("ec2:CreateSnapshot", arn("ec2", d.region, s.p.account, "volume/"+volume),
				arn("ec2", d.region, "", "snapshot/*")),
		})
	case 1:
		d.power(s, "StartInstances", d.w.instance(0), false)
	default:
		d.emit(call{
			by: s, service: "ec2", name: "DeleteSnapshot", params: obj("snapshotId", "snap-0aaaaaaaaaaaaaaa1"),
			uses: used("ec2:DeleteSnapshot", arn("ec2", d.region, "", "snapshot/snap-0aaaaaaaaaaaaaaa1")),
		}.fail("Client.InvalidSnapshot.NotFound", "The snapshot 'snap-0aaaaaaaaaaaaaaa1' does not exist."))
	}
}

func adminStorage(d *day, s *session) {
	w := d.w
	d.read(s, "s3", "ListBuckets", "s3:ListAllMyBuckets", "*", obj("Host", "s3.us-east-1.amazonaws.com"))
	b := pick(d.stream, bucket("raw", w.prod), bucket("curated", w.prod), bucket("artifacts", w.prod))
	reads := []struct{ name, action, query string }{
		{"GetBucketLocation", "s3:GetBucketLocation", "location"},
		{"GetBucketVersioning", "s3:GetBucketVersioning", "versioning"},
		{"GetBucketEncryption", "s3:GetEncryptionConfiguration", "encryption"},
		{"GetBucketPolicy", "s3:GetBucketPolicy", "policy"},
		{"GetBucketLifecycle", "s3:GetLifecycleConfiguration", "lifecycle"},
	}
	for _, r := range reads[:2+d.IntN(4)] {
		d.emit(d.bucketCall(s, r.name, r.action, b, obj(r.query, "")))
	}
	if d.IntN(3) == 0 {
		c := d.bucketCall(s, "PutBucketTagging", "s3:PutBucketTagging", b, obj("tagging", "", "Tagging",
			obj("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/", "TagSet", obj("Tag", obj("Key", "team", "Value", "data")))))
		c.read = false
		d.emit(c)
	}
}

// bucketCall is a management call on a bucket.
func (d *day) bucketCall(s *session, name, action, b string, more object) call {
	return call{
		by: s, service: "s3", name: name, read: true,
		params:  obj("bucketName", b, "Host", b+".s3.amazonaws.com").with(more...),
		targets: []target{{"AWS::S3::Bucket", s3arn(b), s.p.account}}, uses: used(action, s3arn(b)),
	}
}

func adminIdentity(d *day, s *session) {
	w := d.w
	d.read(s, "iam", "ListUsers", "iam:ListUsers", "*", nil)
	d.read(s, "iam", "ListRoles", "iam:ListRoles", "*", nil)
	u := pick(d.stream, w.operators...)
	for _, name := range []string{"GetUser", "ListAccessKeys"} { // the record lacks the user's path
		d.emit(call{by: s, service: "iam", name: name, read: true, params: obj("userName", u.name), uses: hidden("iam:"+name, u.arn)})
	}
	d.read(s, "iam", "GetRole", "iam:GetRole", w.ci.arn, obj("roleName", w.ci.name))
	if d.IntN(3) == 0 {
		d.write(s, "iam", "TagRole", "iam:TagRole", w.ci.arn, obj("roleName", w.ci.name,
			"tags", list{obj("key", "team", "value", "platform")}), nil)
	}
}

func adminMonitoring(d *day, s *session) {
	w := d.w
	d.listAlarms(s)
	d.read(s, "logs", "DescribeLogGroups", "logs:DescribeLogGroups", "*", obj("limit", 50))
	group := "/aws/lambda/orders-worker"
	if d.IntN(2) == 0 {
		d.write(s, "logs", "PutRetentionPolicy", "logs:PutRetentionPolicy", arn("logs", d.region, w.prod, "log-group:"+group+":log-stream:"),
			obj("logGroupName", group, "retentionInDays", 30), nil)
	}
	if d.IntN(2) == 0 {
		d.write(s, "monitoring", "PutMetricAlarm", "cloudwatch:PutMetricAlarm", arn("cloudwatch", d.region, w.prod, "alarm:orders-latency"),
			obj("alarmName", "orders-latency", "namespace", "AWS/ApplicationELB", "metricName", "TargetResponseTime",
				"statistic", "Average", "period", 300, "evaluationPeriods", 2, "threshold", 1.5, "comparisonOperator", "GreaterThanThreshold"), nil)
	}
}
