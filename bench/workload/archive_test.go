package workload

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"compress/gzip"
)

// archive generates into memory.
func archive(t *testing.T, c Config) (map[string][]byte, *Truth) {
	t.Helper()
	files := map[string][]byte{}
	truth, err := Generate(c, func(name string, data []byte) error {
		if files[name] != nil {
			return fmt.Errorf("%s is written twice", name)
		}
		files[name] = bytes.Clone(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, truth
}

// gunzip uses the standard library, not the one that wrote the file.
func gunzip(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return body
}

// record is what the tests look at, read with encoding/json.
type record struct {
	EventVersion, EventTime, EventSource, EventName, AwsRegion string
	SourceIPAddress, UserAgent, EventID, RequestID, EventType  string
	RecipientAccountID, SharedEventID, EventCategory           string
	ErrorCode                                                  string
	ReadOnly, ManagementEvent                                  *bool
	UserIdentity                                               identity
	RequestParameters, ResponseElements, Resources, TlsDetails json.RawMessage
	AdditionalEventData, ServiceEventDetails, ApiVersion       json.RawMessage
	VpcEndpointID, VpcEndpointAccountID, ErrorMessage          string
	SessionCredentialFromConsole                               string
}

type identity struct {
	Type, PrincipalID, Arn, AccountID, AccessKeyID, UserName, InvokedBy, IdentityProvider string
	SessionContext                                                                        struct {
		SessionIssuer       struct{ Type, PrincipalID, Arn, AccountID, UserName string }
		Attributes          struct{ CreationDate, MfaAuthenticated string }
		WebIDFederationData json.RawMessage
		Ec2RoleDelivery     string
	}
}

// walk gives every record of the log objects to fn, in the order of the names.
func walk(t *testing.T, files map[string][]byte, fn func(name string, r record)) {
	t.Helper()
	for _, name := range slices.Sorted(keys(files)) {
		if !strings.Contains(name, "/CloudTrail/") {
			continue
		}
		var o struct{ Records []record }
		d := json.NewDecoder(bytes.NewReader(gunzip(t, name, files[name])))
		d.DisallowUnknownFields()
		if err := d.Decode(&o); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(o.Records) == 0 {
			t.Errorf("%s holds no record", name)
		}
		for _, r := range o.Records {
			fn(name, r)
		}
	}
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// week is a small archive for tests that need no special day.
func week(seed uint64) Config {
	c := Demo()
	c.Seed, c.Days = seed, 7
	return c
}

func TestSameSeedSameBytes(t *testing.T) {
	t.Parallel()
	a, _ := archive(t, week(5))
	b, _ := archive(t, week(5))
	other, _ := archive(t, week(6))
	if len(a) != len(b) {
		t.Fatalf("%d files, then %d", len(a), len(b))
	}
	same := 0
	for name, data := range a {
		if !bytes.Equal(data, b[name]) {
			t.Errorf("%s differs between two runs", name)
		}
		if bytes.Equal(data, other[name]) {
			same++
		}
	}
	if same == len(a) {
		t.Error("another seed makes the same archive")
	}
}

func TestRecordsAreWellFormed(t *testing.T) {
	t.Parallel()
	files, _ := archive(t, Demo())
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	layout := regexp.MustCompile(`^logs/(?:security-trail/)?AWSLogs/(\d{12})/CloudTrail/([a-z0-9-]+)/(\d{4}/\d\d/\d\d)/(\d{12})_CloudTrail_([a-z0-9-]+)_(\d{8}T\d{4}Z)_[A-Za-z0-9]{16}\.json\.gz$`)
	before := map[string]string{}
	walk(t, files, func(name string, r record) {
		m := layout.FindStringSubmatch(name)
		if m == nil || m[1] != m[4] || m[2] != m[5] {
			t.Fatalf("%s is not the delivery layout", name)
		}
		if r.RecipientAccountID != m[1] || r.AwsRegion != m[2] {
			t.Errorf("%s holds a record of %s %s", name, r.RecipientAccountID, r.AwsRegion)
		}
		if !uuid.MatchString(r.EventID) {
			t.Errorf("eventID %q", r.EventID)
		}
		at, err := time.Parse(time.RFC3339, r.EventTime)
		if err != nil || at.Format("2006/01/02") != m[3] {
			t.Errorf("%s holds the time %q", name, r.EventTime)
		}
		if r.EventTime < before[name] {
			t.Errorf("%s is not in order of time", name)
		}
		before[name] = r.EventTime
		checkFields(t, &r)
	})
}

// checkFields looks at what every record must have.
func checkFields(t *testing.T, r *record) {
	t.Helper()
	if !slices.Contains([]string{"1.08", "1.09", "1.10", "1.11"}, r.EventVersion) {
		t.Errorf("%s: eventVersion %q", r.EventID, r.EventVersion)
	}
	if r.ReadOnly == nil || r.ManagementEvent == nil || r.UserAgent == "" || r.EventType == "" {
		t.Errorf("%s %s lacks a member", r.EventID, r.EventName)
	}
	if category := map[bool]string{true: "Management", false: "Data"}[*r.ManagementEvent]; r.EventCategory != category {
		t.Errorf("%s: eventCategory %q of managementEvent %v", r.EventID, r.EventCategory, *r.ManagementEvent)
	}
	if ip, err := netip.ParseAddr(r.SourceIPAddress); err == nil {
		documentation := slices.ContainsFunc([]string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"},
			func(p string) bool { return netip.MustParsePrefix(p).Contains(ip) })
		if !documentation {
			t.Errorf("%s comes from %s, which is no documentation address", r.EventID, ip)
		}
	} else if r.SourceIPAddress != "AWS Internal" && !strings.HasSuffix(r.SourceIPAddress, ".amazonaws.com") {
		t.Errorf("%s: sourceIPAddress %q", r.EventID, r.SourceIPAddress)
	}
	if r.UserIdentity.Type == "AssumedRole" {
		i := r.UserIdentity.SessionContext.SessionIssuer
		if len(i.PrincipalID) != 21 || !strings.HasPrefix(r.UserIdentity.PrincipalID, i.PrincipalID+":") ||
			!strings.Contains(r.UserIdentity.Arn, ":assumed-role/"+path.Base(i.Arn)+"/") {
			t.Errorf("%s: session %q of %q", r.EventID, r.UserIdentity.Arn, i.Arn)
		}
	}
	if strings.HasPrefix(string(r.RecipientAccountID), "4444") && !*r.ManagementEvent {
		t.Errorf("%s: a data event in the account whose trail has none", r.EventID)
	}
}

// count is an independent reading of the records, to hold against the truth.
type count struct {
	total, duplicates, shared int
	class, outcome            map[string]int
	principal                 map[string]int // by unique id
}

func (c *count) add(r *record, seen map[string]bool) {
	c.total++
	if seen[r.EventID] {
		c.duplicates++
		return
	}
	seen[r.EventID] = true
	if r.UserIdentity.Type == "AWSAccount" {
		c.shared++
		return
	}
	class := "use"
	switch {
	case r.EventType == "AwsServiceEvent":
		class = "service-event"
	case r.EventType == "AwsConsoleSignIn":
		class = "sign-in"
	case r.UserIdentity.Type == "AWSService":
		class = "aws-service"
	case r.EventName == "GetCallerIdentity", strings.HasPrefix(r.EventName, "AssumeRoleWith"):
		class = "no-authorization"
	}
	c.class[class]++
	if class == "use" {
		c.outcome[outcomeOf(r.ErrorCode)]++
	}
	if id := r.UserIdentity.SessionContext.SessionIssuer.PrincipalID; id != "" {
		c.principal[id]++
	} else if r.UserIdentity.Type == "IAMUser" {
		c.principal[r.UserIdentity.PrincipalID]++
	}
}

func outcomeOf(code string) string {
	switch code {
	case "", "NoSuchKey", "Client.DryRunOperation":
		return "allowed"
	case "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation":
		return "denied"
	}
	return "undetermined"
}

func TestRecordsMatchTruth(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{Demo(), Big(3, 5e6)} {
		files, truth := archive(t, c)
		got := count{class: map[string]int{}, outcome: map[string]int{}, principal: map[string]int{}}
		seen := map[string]bool{}
		walk(t, files, func(_ string, r record) { got.add(&r, seen) })
		want := truth.Records
		if got.total != want.Total || got.duplicates != want.Duplicates || got.shared != want.SharedCopies {
			t.Errorf("counted %d records, %d duplicates, %d shared copies; the truth says %+v", got.total, got.duplicates, got.shared, want)
		}
		sum := want.Duplicates + want.SharedCopies
		for _, n := range want.ByClass {
			sum += n
		}
		if sum != want.Total {
			t.Errorf("classes, duplicates and copies add up to %d of %d", sum, want.Total)
		}
		if g, w := fmt.Sprint(got.class, got.outcome), fmt.Sprint(want.ByClass, want.ByOutcome); g != w {
			t.Errorf("counted %s; the truth says %s", g, w)
		}
		for _, p := range truth.Principals {
			if got.principal[p.ID] != p.Records {
				t.Errorf("%s: counted %d records, the truth says %d", p.ARN, got.principal[p.ID], p.Records)
			}
		}
		checkObjects(t, files, truth)
	}
}

// checkObjects counts the objects by kind and reads those that are no logs.
func checkObjects(t *testing.T, files map[string][]byte, truth *Truth) {
	t.Helper()
	var got Objects
	insights := 0
	for name, data := range files {
		switch {
		case strings.Contains(name, "/CloudTrail/"):
			got.Log++
		case strings.Contains(name, "/CloudTrail-Insight/"):
			got.Insight++
			var o struct{ Records []json.RawMessage }
			if err := json.Unmarshal(gunzip(t, name, data), &o); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			insights += len(o.Records)
		case strings.Contains(name, "/CloudTrail-Digest/"):
			got.Digest++
			checkDigest(t, files, name)
		}
	}
	if got != truth.Objects || insights != truth.Records.Insights {
		t.Errorf("counted %+v and %d insights; the truth says %+v", got, insights, truth.Objects)
	}
}

// checkDigest follows a digest to the objects that it lists.
func checkDigest(t *testing.T, files map[string][]byte, name string) {
	t.Helper()
	var d struct {
		DigestS3Object string
		LogFiles       []struct{ S3Object, HashValue string }
	}
	if err := json.Unmarshal(gunzip(t, name, files[name]), &d); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if "logs/"+d.DigestS3Object != name {
		t.Errorf("%s calls itself %s", name, d.DigestS3Object)
	}
	for _, f := range d.LogFiles {
		body := gunzip(t, f.S3Object, files["logs/"+f.S3Object])
		if sum := sha256Hex(body); sum != f.HashValue {
			t.Errorf("%s: hash of %s is %s, not %s", name, f.S3Object, sum, f.HashValue)
		}
	}
}

func TestBigHitsItsSize(t *testing.T) {
	t.Parallel()
	for _, want := range []int64{1e6, 5e6, 20e6} {
		files, _ := archive(t, Big(1, want))
		var got int64
		for name, data := range files {
			if strings.Contains(name, "/CloudTrail/") {
				got += int64(len(gunzip(t, name, data)))
			}
		}
		if off := float64(got)/float64(want) - 1; off < -0.2 || off > 0.2 {
			t.Errorf("asked for %d bytes, got %d (%+.0f %%)", want, got, off*100)
		}
	}
}

func TestCellsAreDistinct(t *testing.T) {
	t.Parallel()
	c := week(1)
	c.Cells = 3
	files, truth := archive(t, c)
	accounts, ids, events := map[string]bool{}, map[string]bool{}, map[string]bool{}
	walk(t, files, func(name string, r record) {
		accounts[r.RecipientAccountID] = true
		if events[r.EventID] {
			t.Errorf("%s: eventID %s again", name, r.EventID)
		}
		events[r.EventID] = true
	})
	for _, p := range truth.Principals {
		if ids[p.ID] || len(p.ID) != 21 {
			t.Errorf("%s has the id %s, which is taken or too long", p.ARN, p.ID)
		}
		ids[p.ID] = true
	}
	if len(accounts) != 9 {
		t.Errorf("%d accounts, want 9", len(accounts))
	}
}

func TestTenantsGrow(t *testing.T) {
	t.Parallel()
	c := Demo()
	c.Days, c.Rate, c.Tenants, c.Growth = 30, 10, 5, 3
	files, _ := archive(t, c)
	tenant := regexp.MustCompile(`tenant-(\d{4})/`)
	highest := map[bool]string{} // by second half
	walk(t, files, func(name string, r record) {
		for _, m := range tenant.FindAllStringSubmatch(string(r.RequestParameters), -1) {
			late := r.EventTime > "2026-10-17"
			highest[late] = max(highest[late], m[1])
		}
	})
	if highest[false] == "" || highest[false] > "0050" || highest[true] < "0070" || highest[true] > "0095" {
		t.Errorf("highest tenants %v in the first and second half; want at most 50, then 70 to 95", highest)
	}
}

func TestBrokenObjects(t *testing.T) {
	t.Parallel()
	c := week(1)
	c.Broken = true
	files, _ := archive(t, c)
	broken, bad := 0, 0
	for name, data := range files {
		if !strings.Contains(name, "/999999999999/") {
			continue
		}
		broken++
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			bad++
			continue
		}
		body, err := io.ReadAll(z)
		if err != nil || !json.Valid(body) {
			bad++
		}
	}
	if broken != len(brokenBodies()) || bad != 6 {
		t.Errorf("%d broken objects of which %d unreadable, want %d and 6", broken, bad, len(brokenBodies()))
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"days":    func(c *Config) { c.Days = 0 },
		"cells":   func(c *Config) { c.Cells = -1 },
		"rate":    func(c *Config) { c.Rate = 0 },
		"objects": func(c *Config) { c.ObjectsPerDay = 0 },
		"tenants": func(c *Config) { c.Tenants = 0 },
		"last":    func(c *Config) { c.Last = c.Last.Add(time.Hour) },
	} {
		c := Demo()
		change(&c)
		if _, err := Generate(c, func(string, []byte) error { return nil }); err == nil {
			t.Errorf("%s: a useless value was taken", name)
		}
	}
}
