package family

import "fmt"

// settings are services that read parameter hierarchies and flags, a rotation
// that follows secrets, and stable keys.
func settings(s *site) func(*day) {
	reader := s.job("/app/", "settings-reader", "ecs-tasks.amazonaws.com")
	rotate := s.job("/app/", "secret-rotation", "lambda.amazonaws.com")
	s.attach(reader, "settings-read", `{"Version":"2012-10-17","Statement":[
	 {"Effect":"Allow","Action":"ssm:*","Resource":"arn:aws:ssm:{region}:{account}:parameter/*"},
	 {"Effect":"Allow","Action":["secretsmanager:Get*","secretsmanager:List*","secretsmanager:Describe*"],"Resource":"*"},
	 {"Effect":"Allow","Action":"kms:*","Resource":"*"}]}`)
	s.inlined(rotate, "rotation", `{"Version":"2012-10-17","Statement":[
	 {"Effect":"Allow","Action":"secretsmanager:*","Resource":"arn:aws:secretsmanager:*:{account}:secret:*"},
	 {"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*"}]}`)
	services := []string{"checkout", "search", "mail", "stock"}
	suffix := map[string]string{}
	for _, name := range services {
		suffix[name] = s.text(6, upper+lower+digits)
		s.exists(false, s.in("ssm", "parameter/prod/"+name+"/retired-flag"))
	}
	s.exists(true, s.in("ssm", "parameter/dev/checkout/db-host"), s.in("ssm", "parameter/payroll/api-key"),
		s.in("secretsmanager", "secret:prod/payroll/db-Xx9Yy8"))
	flag := 10
	const key = "cccccccc-1111-4ccc-8ccc-000000000001"
	return func(d *day) {
		if d.one(4) {
			flag++
		}
		for i, name := range services {
			d.at(4+i, 0)
			by := d.as(reader, d.hex(32))
			d.emit(d.parameter(by, "GetParametersByPath", "/prod/"+name))
			for range 4 {
				d.emit(d.parameter(by, "GetParameter", fmt.Sprintf("/prod/%s/flags/ff-%03d", name, flag-d.IntN(10))))
			}
			d.emit(d.parameter(by, "GetParameter", "/prod/"+name+"/db-host"))
			d.emit(d.cipher(by, "Decrypt", key, "ssm", members{"PARAMETER_ARN": d.s.in("ssm", "parameter/prod/"+name+"/db-host")}))
			d.emit(d.secret(by, "prod/"+name+"/db", suffix[name], d.one(3)))
		}
		if d.weekday() == 0 {
			d.at(22, 0)
			d.rotation(d.as(rotate, "secret-rotation"), services, suffix, key)
		}
	}
}

func (d *day) rotation(by *session, services []string, suffix map[string]string, key string) {
	for _, name := range services {
		arn := d.s.in("secretsmanager", "secret:prod/"+name+"/db-"+suffix[name])
		d.emit(read(by, "secretsmanager", "DescribeSecret", members{"secretId": arn}, arn))
		d.emit(read(by, "secretsmanager", "GetSecretValue", members{"secretId": arn, "versionStage": "AWSCURRENT"}, arn))
		d.emit(write(by, "secretsmanager", "PutSecretValue", members{"secretId": arn, "clientRequestToken": d.uuid(), "versionStages": []string{"AWSPENDING"}}, arn))
		d.emit(write(by, "secretsmanager", "UpdateSecretVersionStage", members{"secretId": arn, "versionStage": "AWSCURRENT", "moveToVersionId": d.uuid()}, arn))
		d.emit(d.cipher(by, "GenerateDataKey", key, "secretsmanager", members{"SecretARN": arn}))
	}
}
