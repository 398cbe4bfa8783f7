package workload

// developers work in the account whose trail has management events only, under
// a permissions boundary, on weekdays.
func developers(d *day) {
	w := d.w
	for range d.busy(0.8, 0) {
		d.anytime(8, 16)
		who := "dev-" + pick(d.stream, "east", "west") + "@example.com"
		s := d.signedIn(w.devRole, who, home)
		d.read(s, "cloudformation", "ListStacks", "cloudformation:ListStacks", "*", obj())
		d.sandbox(s, who)
	}
}

// sandbox is a session of the bounded role.
func (d *day) sandbox(from *session, who string) {
	w := d.w
	s := &session{p: w.sandbox, name: who, key: d.temporaryKey(), began: d.clock, ip: from.ip, agent: agentCLI}
	d.emit(call{
		by: from, service: "sts", name: "AssumeRole", read: true,
		params: obj("roleArn", s.p.arn, "roleSessionName", who),
		response: obj("credentials", obj("accessKeyId", s.key, "sessionToken", "EXAMPLE"),
			"assumedRoleUser", obj("assumedRoleId", s.p.id+":"+who, "arn", s.sessionARN())),
		targets: []target{{"AWS::IAM::Role", s.p.arn, w.dev}}, uses: used("sts:AssumeRole", s.p.arn),
	})
	fn := arn("lambda", d.region, w.dev, "function:sandbox-orders")
	d.read(s, "lambda", "ListFunctions20150331", "lambda:ListFunctions", "*", obj("maxItems", 50))
	d.read(s, "lambda", "GetFunction20150331v2", "lambda:GetFunction", fn, obj("functionName", "sandbox-orders"))
	table := arn("dynamodb", d.region, w.dev, "table/sandbox-orders")
	d.emit(call{
		by: s, service: "dynamodb", name: "DescribeTable", read: true, params: obj("tableName", "sandbox-orders"),
		targets: []target{{"AWS::DynamoDB::Table", table, w.dev}}, uses: used("dynamodb:DescribeTable", table),
	})
	if d.IntN(3) == 0 {
		d.write(s, "lambda", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode", fn,
			obj("functionName", "sandbox-orders", "publish", false, "dryRun", false), obj("functionName", "sandbox-orders", "functionArn", fn))
	}
	if d.IntN(4) == 0 { // the boundary says no
		c := call{by: s, service: "iam", name: "CreateRole", uses: hidden("iam:CreateRole", "arn:aws:iam::"+w.dev+":role/sandbox-try")}
		d.emit(c.deny())
	}
}
