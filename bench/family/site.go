package family

import (
	"fmt"
	"strings"
	"time"
)

// The two regions of every account; the second has hardly any work.
const (
	home   = "eu-central-1"
	abroad = "us-east-1"
)

// Workload is one job and what surrounds it.
type Workload struct {
	Name  string
	About string
	// found creates the job's roles and resources and returns what happens in a day.
	found func(*site) func(*day)
}

// All lists the workloads of the family.
func All() []Workload {
	return []Workload{
		{"lake", "loads several date layouts into a lake, with month-end", lake},
		{"saas", "a prefix, table, queue and secret for each customer, who join daily", saas},
		{"pipeline", "CI: build ids, commit hashes, branches, deployments", pipeline},
		{"shop", "web API on containers and functions", shop},
		{"hands", "people on call: instances, snapshots, sessions", hands},
		{"training", "machine learning jobs named by time", training},
		{"vault", "nightly, weekly and monthly backups", vault},
		{"bluegreen", "stacks, functions and target groups with random suffixes", bluegreen},
		{"fleet", "queue workers in an Auto Scaling group", fleet},
		{"analysts", "Athena and Glue tables, query results by user and day", analysts},
		{"settings", "parameter hierarchies, feature flags, rotating secrets", settings},
		{"newcomer", "a customer a week, a weekly invoice, a migration once", newcomer},
	}
}

// role is a role of the account.
type role struct {
	name, path, id, arn string
	inline              []document
	managed             []string
	trust               string
	job                 bool // what the workload is about, not a neighbour
	boundary            string
	aws                 []string // names of AWS managed policies
	user                bool     // an IAM user, with a key of its own
	group               *group
}

// group is a group of users.
type group struct {
	name    string
	inline  []document
	managed []string
}

// document is a policy document as JSON text.
type document struct{ name, text string }

// Item is a resource that exists in the account, used or not.
type Item struct {
	ARN string
	// Foreign marks what belongs to somebody else than the job.
	Foreign bool
}

// site is one account in the making.
type site struct {
	*dice
	name, account string
	roles         []*role
	managed       []document
	awsManaged    []document
	groups        []*group
	items         []Item
	known         map[string]bool
}

func newSite(name string, seed uint64) *site {
	return &site{dice: newDice(seed, name, "site"), name: name, account: "111122223333", known: map[string]bool{}}
}

// fill writes the account and the regions into a text.
func (s *site) fill(text string) string {
	return strings.NewReplacer("{account}", s.account, "{region}", home).Replace(text)
}

// role creates a role that a service assumes.
func (s *site) role(path, name, service string) *role {
	r := &role{
		name: name, path: path, arn: "arn:aws:iam::" + s.account + ":role" + path + name,
		id:    fmt.Sprintf("AROAEXAMPLE%010d", len(s.roles)+1),
		trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`,
	}
	s.roles = append(s.roles, r)
	return r
}

// job creates a role that the workload is about.
func (s *site) job(path, name, service string) *role {
	r := s.role(path, name, service)
	r.job = true
	return r
}

// user creates a user, in a group or in none.
func (s *site) user(name string, g *group) *role {
	r := s.job("/", name, "")
	r.user, r.group, r.trust = true, g, ""
	r.arn = "arn:aws:iam::" + s.account + ":user/" + name
	r.id = fmt.Sprintf("AIDAEXAMPLE%010d", len(s.roles))
	return r
}

// inlined adds an inline policy.
func (s *site) inlined(r *role, name, text string) {
	r.inline = append(r.inline, document{name, s.fill(text)})
}

// attach adds a customer managed policy, which it creates where it is new.
func (s *site) attach(r *role, name, text string) {
	r.managed = append(r.managed, name)
	s.create(name, text)
}

// create adds a customer managed policy where it is new.
func (s *site) create(name, text string) {
	for _, d := range s.managed {
		if d.name == name {
			return
		}
	}
	s.managed = append(s.managed, document{name, s.fill(text)})
}

// exists puts resources that nobody needs to touch into the inventory.
func (s *site) exists(foreign bool, arns ...string) {
	for _, a := range arns {
		if !s.known[a] {
			s.known[a] = true
			s.items = append(s.items, Item{a, foreign})
		}
	}
}

// in joins an ARN of the home region.
func (s *site) in(service, resource string) string {
	return "arn:aws:" + service + ":" + home + ":" + s.account + ":" + resource
}

// bucket and object are S3's ARNs.
func bucket(name string) string      { return "arn:aws:s3:::" + name }
func object(bucket, k string) string { return "arn:aws:s3:::" + bucket + "/" + k }

// day is one day of an account in the making.
type day struct {
	*dice
	s     *site
	n     int // from 0
	date  time.Time
	clock time.Time
	calls []call
}

// at sets the time of the next call; each call takes some seconds.
func (d *day) at(hour, minute int) { d.clock = when(d.date, hour, minute) }

// weekday tells the day of the week; monthEnd whether it is the month's last day.
func (d *day) weekday() time.Weekday { return d.date.Weekday() }
func (d *day) monthEnd() bool        { return d.date.AddDate(0, 0, 1).Day() == 1 }
func (d *day) working() bool         { w := d.weekday(); return w != time.Saturday && w != time.Sunday }

// session is a role as somebody wears it.
type session struct {
	r               *role
	name, key       string
	agent, ip, vpce string
	began           time.Time
}

// as begins a session of a role.
func (d *day) as(r *role, name string) *session {
	return &session{
		r: r, name: name, key: "ASIAEXAMPLE" + d.text(9, upper+digits), began: d.clock,
		agent: "aws-sdk-java/2.29.1 md/io#sync", ip: fmt.Sprintf("10.%d.%d.%d", d.IntN(4), d.IntN(200), 1+d.IntN(250)),
	}
}

// from says where a session calls from, and with what.
func (s *session) from(agent, ip string) *session {
	s.agent, s.ip = agent, ip
	return s
}
