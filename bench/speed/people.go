package speed

import (
	"fmt"
	"strconv"
	"time"
)

// account is one account of the organization.
type account struct {
	id    string
	roles []role
}

// role is one principal. It works in one region, on few things.
type role struct {
	kind             int // of kinds
	name, id, app    string
	region, endpoint string
	agent            string
	things           []thing
}

// thing is what a call names: whichever of its names the call needs.
type thing struct {
	bucket, number, id, key string
	paths                   []string // of objects in the bucket that are read again and again
}

// session is one session of a role.
type session struct {
	by                               *role
	name, key, agent, address, began string
}

const (
	accounts       = 12
	rolesOfAccount = 14
	thingsOfRole   = 2
	pathsOfThing   = 2
)

// newAccount invents the n-th account.
func newAccount(seed uint64, n int, kinds []kind) *account {
	s := newSource(seed, uint64(n), "account")
	a := &account{id: fmt.Sprintf("%d%08d", 1111+n*202, s.IntN(1e8))}
	weights := make([]int, len(kinds))
	for i := range kinds {
		weights[i] = kinds[i].roles
	}
	for i := range rolesOfAccount {
		a.roles = append(a.roles, newRole(s, a.id, i, s.weighted(weights)))
	}
	return a
}

func newRole(s *source, account string, n, kind int) role {
	app := pick(s, "orders", "billing", "search", "catalog", "identity", "ledger", "media", "notify", "pricing", "stock") + "-" + strconv.Itoa(n)
	r := role{
		kind: kind, app: app, name: app + pick(s, "-service-role", "-task", "Execution", "-worker-Role-"+s.letters(12, base32)),
		id: "AROA" + s.letters(17, base32), endpoint: "vpce-0" + s.letters(16, hexDigits),
		region: regions()[s.weighted([]int{14, 4, 2})],
	}
	r.agent = fmt.Sprintf(agents()[s.IntN(len(agents()))], s.IntN(60), s.IntN(30), s.IntN(20))
	for i := range thingsOfRole {
		r.things = append(r.things, newThing(s, account, &r, i))
	}
	return r
}

func newThing(s *source, account string, r *role, n int) thing {
	t := thing{
		bucket: fmt.Sprintf("%s-%s-%s-%d", r.app, pick(s, "data", "uploads", "events", "exports"), account, n),
		number: strconv.Itoa(n), id: "0" + s.letters(16, hexDigits),
		key: "arn:aws:kms:" + r.region + ":" + account + ":key/" + string(s.uuid(nil)),
	}
	for i := range pathsOfThing {
		t.paths = append(t.paths, fmt.Sprintf("reference/v%d/%s.json", i, s.uuid(nil)))
	}
	return t
}

// newSession begins a session of a role that is at work at the given time.
func newSession(s *source, r *role, k *kind, at time.Time) session {
	x := session{
		by: r, key: "ASIA" + s.letters(16, base32), agent: r.agent,
		address: fmt.Sprintf("10.%d.%d.%d", s.IntN(256), s.IntN(256), s.IntN(256)),
		began:   at.Add(-time.Duration(s.IntN(6*3600)) * time.Second).Format("2006-01-02T15:04:05Z"),
	}
	switch k.session {
	case "task":
		x.name = s.letters(32, hexDigits)
	case "instance":
		x.name = "i-0" + s.letters(16, hexDigits)
	case "function":
		x.name = r.app
	case "person":
		x.name = fmt.Sprintf("person%d@example.com", s.IntN(40))
		x.address = fmt.Sprintf("203.0.113.%d", s.IntN(256))
	default:
		x.name = fmt.Sprintf("%s-%d", k.session, 1_780_000_000+s.IntN(1e7))
	}
	return x
}

// pick returns one of the choices.
func pick[T any](s *source, choices ...T) T { return choices[s.IntN(len(choices))] }

func regions() []string { return []string{"us-east-1", "eu-west-1", "ap-southeast-2"} }

// agents are patterns for three numbers.
func agents() []string {
	return []string{
		"[aws-cli/2.%d.%d md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0-%d md/arch#x86_64 lang/python#3.13.4]",
		"[Boto3/1.%d.%d md/Botocore#1.38.36 ua/2.1 os/linux#6.1.134-%d.amzn2023.x86_64 lang/python#3.12.10]",
		"[aws-sdk-java/2.%d.%d md/io#sync md/http#Apache ua/2.1 os/Linux#5.10.%d lang/java#21.0.7]",
		"[aws-sdk-go-v2/1.%d.%d ua/2.1 os/linux lang/go#1.24.%d]",
		"[S3A 3.4.1, aws-sdk-java/1.%d.%d Linux/5.10.%d OpenJDK_64-Bit_Server_VM/17.0.15+6-LTS java/17.0.15]",
		"APN/1.0 HashiCorp/1.0 Terraform/1.%d.%d (+https://www.terraform.io) terraform-provider-aws/6.%d.0",
	}
}
