package family

import "fmt"

// hands are people on call: they look at much and touch what broke today.
func hands(s *site) func(*day) {
	oncall := s.job("/people/", "on-call", "ec2.amazonaws.com")
	s.inlined(oncall, "on-call", `{"Version":"2012-10-17","Statement":[
	 {"Sid":"Look","Effect":"Allow","Action":["ec2:Describe*","cloudwatch:Describe*","cloudwatch:Get*","logs:Describe*","logs:FilterLogEvents","logs:StartQuery","ecs:Describe*","ecs:List*","ssm:Describe*"],"Resource":"*"},
	 {"Sid":"Touch","Effect":"Allow","Action":["ec2:StartInstances","ec2:StopInstances","ec2:RebootInstances","ec2:TerminateInstances","ec2:CreateSnapshot","ec2:DeleteSnapshot","ec2:CreateTags","ec2:ModifyInstanceAttribute"],"Resource":"*"},
	 {"Sid":"Shell","Effect":"Allow","Action":["ssm:StartSession","ssm:SendCommand"],"Resource":["arn:aws:ec2:*:{account}:instance/*","arn:aws:ssm:*:*:document/*"]},
	 {"Sid":"Own","Effect":"Allow","Action":["ssm:TerminateSession","ssm:ResumeSession"],"Resource":"arn:aws:ssm:*:{account}:session/*"}]}`)
	var fleet []string
	for range 25 {
		fleet = append(fleet, "i-0"+s.hex(16))
	}
	s.exists(true, s.in("ec2", "security-group/sg-0feedfacefeedface"), s.in("ssm", "document/Payroll-Run"))
	return func(d *day) {
		if d.one(6) { // instances are replaced
			fleet[d.IntN(len(fleet))] = "i-0" + d.hex(16)
		}
		for range 2 + d.IntN(3) {
			d.at(7+d.IntN(12), d.IntN(50))
			name := pick(d, "kim", "ada", "noor") + "@example.com"
			by := d.as(oncall, name).from("aws-cli/2.17.9 md/prompt#off", "203.0.113.40")
			d.incident(by, fleet[d.IntN(len(fleet))], name)
		}
	}
}

func (d *day) incident(by *session, id, name string) {
	for _, n := range []string{"DescribeInstances", "DescribeInstanceStatus", "DescribeVolumes"} {
		d.emit(describe(by, n))
	}
	d.emit(read(by, "monitoring", "DescribeAlarms", members{"stateValue": "ALARM"}, d.s.in("cloudwatch", "alarm:*")))
	group := pick(d, "/ecs/shop-api", "/aws/lambda/orders-events", "/ec2/syslog")
	d.emit(read(by, "logs", "FilterLogEvents", members{"logGroupName": group}, d.s.in("logs", "log-group:"+group)))
	instance := d.s.in("ec2", "instance/"+id)
	switch d.IntN(6) {
	case 0:
		d.emit(d.instances(by, "RebootInstances", id))
	case 1:
		d.emit(d.instances(by, "StopInstances", id))
		d.emit(d.instances(by, "StartInstances", id))
	case 2:
		d.snapshot(by, "vol-0"+id[3:])
	case 3:
		c := write(by, "ssm", "SendCommand", members{"documentName": "AWS-RunShellScript", "instanceIds": []string{id},
			"parameters": "HIDDEN_DUE_TO_SECURITY_REASONS"}, instance, "arn:aws:ssm:"+home+"::document/AWS-RunShellScript")
		d.emit(c)
	default:
		// Without a document's name none is asked for; see ssm:SessionDocumentAccessCheck.
		params, asked := members{"target": id}, []string{instance}
		if d.one(3) {
			params["documentName"] = "AWS-StartPortForwardingSession"
			asked = append(asked, "arn:aws:ssm:"+home+"::document/AWS-StartPortForwardingSession")
		}
		session := name + "-" + d.text(26, lower+digits)
		c := write(by, "ssm", "StartSession", params, asked...)
		c.response = members{"sessionId": session, "tokenValue": "Value hidden due to security reasons.", "streamUrl": fmt.Sprintf("wss://ssmmessages.%s.amazonaws.com/v1/data-channel/%s", home, session)}
		d.emit(c)
		d.emit(write(by, "ssm", "TerminateSession", members{"sessionId": session}, d.s.in("ssm", "session/"+session)))
	}
	if d.one(20) {
		d.emit(d.instances(by, "TerminateInstances", "i-0feedfacefeedface").deny())
	}
}
