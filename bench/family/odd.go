package family

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Marker is a permission that a document of [Odd] grants, that the logs would show
// and that nobody to whom the document is attached uses.
type Marker struct {
	Principal string
	Shape     string // the oddity of the document
	Use       Use
}

// Odd invents an account of n principals with documents of unusual shapes, each of
// which calls a few things on some of the days, and the marker of each document.
func Odd(seed uint64, n, days int) (*Archive, []Marker) {
	var markers []Marker
	w := Workload{Name: "odd", found: func(s *site) func(*day) {
		o := &odds{site: s}
		for i := range n {
			o.principal(i)
		}
		markers = o.markers
		return o.day
	}}
	return w.Make(seed, days), markers
}

// odds is the account in the making.
type odds struct {
	*site
	workers []worker
	markers []Marker
}

// worker is a principal and what it does.
type worker struct {
	r     *role
	tasks []task
}

// task is one kind of call that a worker makes now and then.
type task func(d *day, by *session) call

// taskList are the kinds of calls; v tells workers' resources apart.
func taskList(v string) []task {
	return []task{
		func(d *day, by *session) call { return get(by, "example-"+v, "in/a.json") },
		func(d *day, by *session) call { return put(by, "example-"+v, "out/b.json") },
		func(d *day, by *session) call { return list(by, "example-"+v, "in/") },
		func(d *day, by *session) call { return d.item(by, "GetItem", v) },
		func(d *day, by *session) call { return d.query(by, v, "by-day") },
		func(d *day, by *session) call { return d.message(by, "SendMessage", v) },
		func(d *day, by *session) call { return d.queue(by, "GetQueueAttributes", v) },
		func(d *day, by *session) call { return d.invoke(by, v) },
		func(d *day, by *session) call {
			return d.function(by, "GetFunction20150331v2", "lambda:GetFunction", v)
		},
		func(d *day, by *session) call { return d.parameter(by, "GetParameter", "/"+v+"/x") },
		func(d *day, by *session) call { return d.secret(by, v, "aB1cD2", false) },
		func(d *day, by *session) call { return describe(by, "DescribeInstances") },
		func(d *day, by *session) call { return d.instances(by, "StopInstances", "i-0123456789abcdef0") },
		func(d *day, by *session) call { return d.publish(by, v) },
		func(d *day, by *session) call { return d.logStream(by, "/app/"+v, "s") },
		func(d *day, by *session) call { return d.glue(by, "GetTable", v, "t") },
		func(d *day, by *session) call {
			return write(by, "ecs", "UpdateService", members{"cluster": v, "service": v}, d.s.in("ecs", "service/"+v+"/"+v))
		},
	}
}

// markerUses are permissions that management events show and that no task uses.
func (s *site) markerUses(v string) []Use {
	return []Use{
		{Action: "sqs:DeleteQueue", Resource: s.in("sqs", v)}, {Action: "dynamodb:DeleteTable", Resource: s.in("dynamodb", "table/"+v)},
		{Action: "lambda:DeleteFunction", Resource: s.in("lambda", "function:"+v)}, {Action: "sns:DeleteTopic", Resource: s.in("sns", v)},
		{Action: "secretsmanager:DeleteSecret", Resource: s.in("secretsmanager", "secret:"+v+"-aB1cD2")},
		{Action: "ssm:DeleteParameter", Resource: s.in("ssm", "parameter/"+v+"/x")}, {Action: "glue:DeleteDatabase", Resource: s.in("glue", "database/"+v)},
		{Action: "ecs:DeleteCluster", Resource: s.in("ecs", "cluster/"+v)}, {Action: "logs:DeleteLogGroup", Resource: s.in("logs", "log-group:/app/"+v)},
		{Action: "ec2:TerminateInstances", Resource: s.in("ec2", "instance/i-0123456789abcdef0")},
		{Action: "rds:DeleteDBInstance", Resource: s.in("rds", "db:"+v)}, {Action: "s3:DeleteBucket", Resource: bucket("example-" + v)},
		{Action: "cloudformation:DeleteStack", Resource: s.in("cloudformation", "stack/"+v+"/0")},
		{Action: "iam:CreateUser", Resource: "arn:aws:iam::" + s.account + ":user/" + v},
	}
}

// principal invents number i with its document.
func (o *odds) principal(i int) {
	v := fmt.Sprintf("svc%03d", i)
	all := taskList(v)
	var tasks []task
	for _, n := range o.Perm(len(all))[:1+o.IntN(5)] {
		tasks = append(tasks, all[n])
	}
	marks := o.markerUses(v)
	mark := marks[o.IntN(len(marks))]
	b := builder{site: o.site, v: v, mark: mark, extra: marks[o.IntN(len(marks))].Action}
	probe := &day{dice: o.dice, s: o.site}
	for _, t := range tasks {
		c := t(probe, &session{r: &role{}})
		b.needs = append(b.needs, c.uses...)
	}
	shapes := shapeList()
	chosen := shapes[i%len(shapes)]
	r := o.holder(i, chosen, &b)
	o.workers = append(o.workers, worker{r, tasks})
	o.markers = append(o.markers, Marker{r.arn, chosen.name, mark})
}

// holder creates the principal and gives it the document in one of the ways.
func (o *odds) holder(i int, sh shaping, b *builder) *role {
	name := "odd-" + b.v
	if sh.administrator {
		r := o.job("/", name, "ec2.amazonaws.com")
		r.aws = []string{"AdministratorAccess"}
		if len(o.awsManaged) == 0 {
			o.awsManaged = []document{{"AdministratorAccess", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}}
		}
		return r
	}
	text := sh.text(b)
	switch way := o.IntN(6); {
	case sh.inline || way == 0:
		r := o.job(pick(o.dice, "/", "/team-a/b/", "/service-role/"), name, "lambda.amazonaws.com")
		o.inlined(r, "p.1_=,@-+", text)
		return r
	case way == 1:
		g := &group{name: "group-" + b.v, managed: []string{"managed-" + b.v}}
		o.create("managed-"+b.v, text)
		o.groups = append(o.groups, g)
		return o.user(name, g)
	case way == 2:
		g := &group{name: "group-" + b.v, inline: []document{{"inline", o.fill(text)}}}
		o.groups = append(o.groups, g)
		return o.user(name, g)
	case way == 3:
		r := o.job("/deep/er/path/", name, "ec2.amazonaws.com")
		o.attach(r, "bound-"+b.v, text)
		o.create("boundary", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["organizations:*","account:*"],"Resource":"*"}]}`)
		r.boundary = "boundary"
		return r
	case way == 4: // two hold the same, the second does nothing
		r := o.job("/", name, "ec2.amazonaws.com")
		o.attach(r, "shared-"+b.v, text)
		o.attach(o.job("/", name+"-idle", "ec2.amazonaws.com"), "shared-"+b.v, text)
		return r
	}
	r := o.job("/", name, "ec2.amazonaws.com")
	o.attach(r, "managed-"+b.v, text)
	return r
}

// day lets the workers work on about every third day.
func (o *odds) day(d *day) {
	for i, w := range o.workers {
		if (d.n+i)%3 != 0 {
			continue
		}
		d.at(1+i%20, i%60)
		by := d.as(w.r, "s"+d.hex(8))
		for _, t := range w.tasks {
			c := t(d, by)
			c.by = by
			d.emit(c)
		}
	}
}

// builder holds what a document must allow.
type builder struct {
	*site
	v     string
	needs []Use
	mark  Use
	extra string
}

// actions lists the actions, the marker's and a further one among them.
func (b *builder) actions() []string {
	l := []string{b.mark.Action, b.extra}
	for _, u := range b.needs {
		l = append(l, u.Action)
	}
	return unique(l)
}

func (b *builder) resources() []string {
	l := []string{b.mark.Resource}
	for _, u := range b.needs {
		l = append(l, u.Resource)
	}
	return unique(l)
}

func (b *builder) services() []string {
	var l []string
	for _, a := range b.actions() {
		s, _, _ := strings.Cut(a, ":")
		l = append(l, s+":*")
	}
	return unique(l)
}

func unique(l []string) []string {
	seen, out := map[string]bool{}, []string{}
	for _, s := range l {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// allow is an Allow statement with further elements in pairs.
func allow(more ...any) members {
	m := members{"Effect": "Allow"}
	for i := 0; i < len(more); i += 2 {
		m[more[i].(string)] = more[i+1]
	}
	return m
}

// text writes a document; version "" leaves it out.
func text(version string, statement any) string {
	m := members{"Statement": statement}
	if version != "" {
		m["Version"] = version
	}
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings and lists always have a JSON form
	}
	return string(data)
}
