package family

import (
	"fmt"
	"strconv"
)

// customer is one tenant of the service.
type customer struct{ slug, id, suffix string }

// saas serves customers who each have a prefix, a table, a queue and a secret;
// the provisioner sets new ones up, about one every other day, the service
// finds them from then on.
func saas(s *site) func(*day) {
	serve := s.job("/app/", "tenant-api", "ecs-tasks.amazonaws.com")
	s.attach(serve, "tenant-api", `{"Version":"2012-10-17","Statement":[
	 {"Sid":"Files","Effect":"Allow","Action":["s3:*Object*","s3:ListBucket"],"Resource":["arn:aws:s3:::example-saas-files","arn:aws:s3:::example-saas-files/*"]},
	 {"Sid":"Rows","Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:{account}:table/*"},
	 {"Sid":"Work","Effect":"Allow","Action":"sqs:*","Resource":"*"},
	 {"Sid":"Secrets","Effect":"Allow","Action":["secretsmanager:GetSecretValue","secretsmanager:DescribeSecret"],"Resource":"arn:aws:secretsmanager:*:{account}:secret:*"}]}`)
	set := s.job("/app/", "tenant-provisioner", "lambda.amazonaws.com")
	s.inlined(set, "provision", `{"Version":"2012-10-17","Statement":[
	 {"Effect":"Allow","Action":["dynamodb:CreateTable","dynamodb:DescribeTable","dynamodb:DeleteTable","dynamodb:UpdateTable"],"Resource":"*"},
	 {"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:SetQueueAttributes"],"Resource":"arn:aws:sqs:*:{account}:*"},
	 {"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"},
	 {"Effect":"Allow","Action":["s3:PutObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::example-saas-files/*"}]}`)
	var all []customer
	for range 30 {
		all = append(all, s.customer())
	}
	for _, c := range all {
		s.exists(false, object("example-saas-files", "tenants/"+c.slug+"/profile.json"))
	}
	for i := range 30 { // the old product, retired, in the same bucket
		s.exists(true, object("example-saas-files", fmt.Sprintf("legacy/%d/export.zip", 100+i)), s.in("dynamodb", "table/legacy-"+strconv.Itoa(i)))
	}
	return func(d *day) {
		d.at(2, 0)
		for range pick(d, 0, 0, 1, 1, 1) {
			c := s.customer()
			all = append(all, c)
			d.provision(d.as(set, "tenant-provisioner"), c)
		}
		d.at(7, 0)
		by := d.as(serve, d.hex(32))
		for range 45 {
			d.request(by, all[min(d.IntN(len(all)), d.IntN(len(all)))])
		}
		for range 3 { // the newest look around
			d.request(by, all[len(all)-1-d.IntN(3)])
		}
		if d.one(3) {
			d.emit(d.item(by, "GetItem", "tenant-"+all[0].id).throttle())
		}
	}
}

func (s *site) customer() customer {
	return customer{s.slug(), "t" + s.text(8, lower+digits), s.text(6, upper+lower+digits)}
}

func (d *day) provision(by *session, c customer) {
	d.emit(d.table(by, "CreateTable", "tenant-"+c.id))
	d.emit(d.table(by, "DescribeTable", "tenant-"+c.id))
	d.emit(d.queue(by, "CreateQueue", "jobs-"+c.slug))
	name := "tenants/" + c.slug + "/db"
	secret := write(by, "secretsmanager", "CreateSecret", members{"name": name, "clientRequestToken": d.uuid()},
		d.s.in("secretsmanager", "secret:"+name+"-"+c.suffix))
	secret.response = members{"arn": secret.uses[0].Resource}
	d.emit(secret)
	d.emit(put(by, "example-saas-files", "tenants/"+c.slug+"/profile.json"))
}

func (d *day) request(by *session, c customer) {
	table, queue := "tenant-"+c.id, "jobs-"+c.slug
	switch n := d.IntN(12); {
	case n < 2:
		d.emit(get(by, "example-saas-files", "tenants/"+c.slug+"/profile.json"))
	case n < 4:
		d.emit(put(by, "example-saas-files", "tenants/"+c.slug+"/uploads/"+d.uuid()+pick(d, ".pdf", ".png", ".docx")))
	case n < 5:
		d.emit(list(by, "example-saas-files", "tenants/"+c.slug+"/uploads/"))
	case n < 7:
		d.emit(d.item(by, "GetItem", table))
	case n < 8:
		d.emit(d.item(by, "UpdateItem", table))
	case n < 9:
		d.emit(d.item(by, "Query", table))
	case n < 10:
		d.emit(d.message(by, "SendMessage", queue))
	case n < 11:
		d.emit(d.secret(by, "tenants/"+c.slug+"/db", c.suffix, d.one(2)))
	default:
		d.emit(d.message(by, "ReceiveMessage", queue))
		d.emit(d.message(by, "DeleteMessage", queue))
	}
}
