package workload

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The two regions of every organization; global services log to home.
const (
	home   = "us-east-1"
	abroad = "eu-west-1"
)

// principal is a user or a role of the world.
type principal struct {
	kind                    string // "role" or "user"
	account, path, name, id string
	arn                     string
	created                 time.Time
	lastUsed                time.Time // before the archive; zero: never
	grants
}

// world is one organization of three accounts: what exists in it.
type world struct {
	cfg             *Config
	cell            int
	prod, dev, data string

	etl, ci, web, report, deploy, taskExec *principal // prod
	opsRole, opsRoleDev, devRole           *principal // Identity Center
	operators                              []*principal
	admin                                  *principal
	scaling                                *principal // service-linked
	sandbox                                *principal // dev, under a boundary
	lakeReader                             *principal // data, assumed from prod
	bastion                                *principal // instance role
	worker                                 *principal // passed to functions, calls nothing that is logged
	unused, migration, breakGlass          *principal // idle

	principals []*principal
	truth      *ledger
}

// newWorld builds organization number cell.
func newWorld(c *Config, cell int) *world {
	w := &world{cfg: c, cell: cell, prod: "111122223333", dev: "444455556666", data: "777788889999"}
	if cell > 0 {
		w.prod, w.dev, w.data = accountID(cell, 1), accountID(cell, 2), accountID(cell, 3)
	}
	w.truth = newLedger(c.Pairs)
	w.people()
	w.workloads()
	w.grant()
	return w
}

// accountID invents an account number that nobody takes for a real one.
func accountID(cell, i int) string { return fmt.Sprintf("9%010d%d", cell, i) }

// workloads creates the roles of the machines.
func (w *world) workloads() {
	w.etl = w.role(w.prod, "/service-role/", "etl-orders-job", "ETLROLE01")
	w.ci = w.role(w.prod, "/", "ci-deploy", "CIDEPLOY1")
	w.web = w.role(w.prod, "/app/", "web-api", "WEBAPI001")
	w.report = w.role(w.prod, "/app/", "report-builder", "REPORTS01")
	w.deploy = w.role(w.prod, "/", "cloudformation-deploy", "CFNROLE01")
	w.taskExec = w.role(w.prod, "/", "ecs-task-execution", "TASKEXEC1")
	w.bastion = w.role(w.prod, "/", "bastion", "BASTION01")
	w.lakeReader = w.role(w.data, "/", "lake-reader", "LAKEREAD1")
	w.sandbox = w.role(w.dev, "/", "developer-sandbox", "SANDBOX01")
	w.scaling = w.role(w.prod, "/aws-service-role/autoscaling.amazonaws.com/", "AWSServiceRoleForAutoScaling", "SLRSCALE1")
	w.worker = w.role(w.prod, "/app/", "orders-worker", "WORKER001")
	w.unused = w.role(w.prod, "/", "legacy-export", "LEGACYEX1")
	w.migration = w.role(w.data, "/", "lake-migration", "MIGRATE01")
	w.migration.lastUsed = date(2025, 1, 14)
	w.breakGlass = w.role(w.prod, "/", "break-glass-admin", "BREAKGLS1")
	w.breakGlass.lastUsed = date(2025, 11, 3)
}

// people creates the users and the roles of Identity Center.
func (w *world) people() {
	const sso = "/aws-reserved/sso.amazonaws.com/"
	w.opsRole = w.role(w.prod, sso, "AWSReservedSSO_PlatformOps_0123456789abcdef", "SSOOPS001")
	w.opsRoleDev = w.role(w.dev, sso, "AWSReservedSSO_PlatformOps_fedcba9876543210", "SSOOPS001")
	w.devRole = w.role(w.dev, sso, "AWSReservedSSO_Developer_00112233445566aa", "SSODEV001")
	for i := range 3 {
		n := strconv.Itoa(i + 1)
		w.operators = append(w.operators, w.user(w.prod, "/ops/", "operator-"+n, "OPERATOR"+n))
	}
	w.admin = w.user(w.prod, "/", "legacy-admin", "LEGACYADM")
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// role adds a role.
func (w *world) role(account, path, name, label string) *principal {
	return w.add("role", "AROA", account, path, name, label)
}

// user adds a user.
func (w *world) user(account, path, name, label string) *principal {
	return w.add("user", "AIDA", account, path, name, label)
}

func (w *world) add(kind, prefix, account, path, name, label string) *principal {
	p := &principal{
		kind: kind, account: account, path: path, name: name, id: w.id(prefix, account, label),
		arn:     "arn:aws:iam::" + account + ":" + kind + path + name,
		created: date(2024, 3, 1+len(w.principals)%28),
	}
	w.principals = append(w.principals, p)
	return p
}

// id makes a unique id of 21 characters that is seen to be invented.
func (w *world) id(prefix, account, label string) string {
	letter := map[string]string{w.prod: "P", w.dev: "D", w.data: "L"}[account]
	middle := "EXAMPLE"
	if w.cell > 0 {
		middle = fmt.Sprintf("EX%05d", w.cell)
	}
	return prefix + middle + letter + strings.Repeat("0", 9-len(label)) + label
}

// tenants is the number of tenants on day n.
func (w *world) tenants(n int) int {
	return w.cfg.Tenants + int(w.cfg.Growth*float64(n))
}

// bucket names a bucket of an account.
func bucket(purpose, account string) string { return "example-" + purpose + "-" + account }

// arn joins an ARN of the aws partition.
func arn(service, region, account, resource string) string {
	return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource
}

// s3arn is the ARN of a bucket or, with a key, of an object.
func s3arn(bucket string, key ...string) string {
	return "arn:aws:s3:::" + strings.Join(append([]string{bucket}, key...), "/")
}

// keyIDs of the KMS keys, by account position and region; fixed so that
// policies can name them.
const (
	keyData    = "11111111-aaaa-4bbb-8ccc-000000000001"
	keySecrets = "11111111-aaaa-4bbb-8ccc-000000000002"
	keyLake    = "11111111-aaaa-4bbb-8ccc-000000000003"
)

// endpoint is the VPC endpoint through which prod's workloads reach S3.
const endpoint = "vpce-0e0a3b1c2d4f50617"

// endpointIn is prod's endpoint in a region.
func endpointIn(region string) string {
	if region == home {
		return endpoint
	}
	return "vpce-0e0a3b1c2d4f50618"
}
