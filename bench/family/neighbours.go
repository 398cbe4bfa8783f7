package family

import "fmt"

// neighbours are who else works in the account: their resources are foreign to
// every job, and their calls show that the trail works in both regions.
func neighbours(s *site) func(*day) {
	platform := s.role("/", "platform-admin", "ec2.amazonaws.com")
	s.inlined(platform, "platform", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*","iam:*","s3:*","kms:*","ssm:*"],"Resource":"*"}]}`)
	finance := s.role("/", "finance-export", "lambda.amazonaws.com")
	s.inlined(finance, "finance", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","dynamodb:*","sqs:*","sns:*","secretsmanager:*","ssm:*","lambda:*","logs:*"],"Resource":"*"}]}`)
	s.exists(true, bucket("example-finance-reports"), bucket("example-payroll"), s.in("dynamodb", "table/payroll"),
		s.in("sqs", "payroll-runs"), s.in("lambda", "function:payroll-run"), s.in("secretsmanager", "secret:payroll/db-aB3dE9"),
		s.in("ssm", "parameter/payroll/db/password"), s.in("logs", "log-group:/aws/lambda/payroll-run"),
		s.in("kms", "key/99999999-ffff-4fff-8fff-000000000009"),
		s.in("ecs", "cluster/payroll"), s.in("ecs", "service/payroll/payroll"), s.in("ecr", "repository/payroll"),
		s.in("rds", "db:payroll"), s.in("rds", "snapshot:payroll-final"), s.in("glue", "database/payroll"),
		s.in("glue", "table/payroll/salaries"), s.in("athena", "workgroup/payroll"), s.in("sns", "payroll-alerts"),
		s.in("cloudformation", "stack/payroll/00000000-1111-4222-8333-444444444444"), s.in("sagemaker", "training-job/payroll-forecast"),
		s.in("backup", "backup-vault:payroll"), s.in("states", "stateMachine:payroll"))
	// Whose these are, no name tells: they count as unused, not as foreign.
	s.exists(false, s.in("ec2", "instance/i-0feedfacefeedface"), s.in("ec2", "volume/vol-0feedfacefeedface"),
		"arn:aws:ec2:"+home+"::snapshot/snap-0feedfacefeedface")
	for i := range 40 {
		s.exists(true, object("example-payroll", fmt.Sprintf("2026/%02d/slips/%03d.pdf", 1+i%9, i)))
	}
	return func(d *day) {
		d.at(6, 10)
		by := d.as(platform, "platform").from("aws-cli/2.17.9", "198.51.100.20")
		for _, region := range []string{home, abroad} {
			for _, c := range []call{
				describe(by, "DescribeInstances"), describe(by, "DescribeSecurityGroups"),
				read(by, "ssm", "DescribeParameters", members{}, "*"),
				write(by, "ec2", "CreateTags", members{"resourcesSet": members{"items": []members{{"resourceId": "i-0feedfacefeedface"}}},
					"tagSet": members{"items": []members{{"key": "checked", "value": "yes"}}}}, "arn:aws:ec2:"+region+":"+s.account+":instance/i-0feedfacefeedface"),
			} {
				c.region = region
				d.emit(c)
			}
		}
		d.emit(d.cipher(by, "Decrypt", "99999999-ffff-4fff-8fff-000000000009", "", members{"purpose": "check"}))
		d.at(19, 30)
		fin := d.as(finance, "export-"+d.hex(8))
		day := d.date.Format("2006/01/02")
		d.emit(get(fin, "example-payroll", day+"/slips/all.pdf"))
		d.emit(put(fin, "example-finance-reports", "daily/"+d.date.Format("2006-01-02")+".csv"))
		d.emit(list(fin, "example-finance-reports", "daily/"))
		d.emit(d.item(fin, "GetItem", "payroll"))
		d.emit(d.message(fin, "SendMessage", "payroll-runs"))
		d.emit(d.publish(fin, "payroll-alerts"))
		d.emit(d.secret(fin, "payroll/db", "aB3dE9", false))
		d.emit(d.invoke(fin, "payroll-run"))
	}
}
