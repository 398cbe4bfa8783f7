package s3trail

import (
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// level is where in the delivery layout a folder lies:
//
//	[…/]AWSLogs/[o-ORG/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/
//
// Control Tower and others put folders of their own in front, and a bucket may hold
// several trails under prefixes of their own.
type level int

const (
	levelUnknown level = iota // before the layout, or outside it
	levelLogs                 // AWSLogs/
	levelOrg                  // o-ORG/
	levelAccount
	levelService // CloudTrail/, CloudTrail-Digest/, …
	levelRegion
	levelYear
	levelMonth
	levelDay
	levelPartition // of Security Lake: region=REGION/ and the like, above the days
)

// place is what the name of a folder tells.
type place struct {
	level   level
	account string
	region  string
	date    string // YYYY[/MM[/DD]] as far as it goes
	base    string // the folder of the region, below which the dates begin
}

// placeOf reads a folder's name, which ends in a slash or is empty.
func placeOf(folder string) place {
	parts := strings.Split(strings.TrimSuffix(folder, "/"), "/")
	for i := len(parts) - 1; i > 0; i-- {
		if isService(parts[i]) && isAccount(parts[i-1]) {
			return below(parts, i)
		}
	}
	n := len(parts)
	last := parts[n-1]
	switch {
	case strings.Contains(last, "="):
		return partition(parts)
	case last == "AWSLogs":
		return place{level: levelLogs}
	case n > 1 && parts[n-2] == "AWSLogs" && isOrg(last):
		return place{level: levelOrg}
	case isAccount(last) && (n > 1 && parts[n-2] == "AWSLogs" || n > 2 && parts[n-3] == "AWSLogs" && isOrg(parts[n-2])):
		return place{level: levelAccount, account: last}
	}
	return place{}
}

// partition is the place of a folder of Security Lake, which lie in one another:
//
//	[…/]aws/CLOUD_TRAIL_MGMT/2.0/region=REGION/accountId=ACCOUNT/eventDay=YYYYMMDD/
func partition(parts []string) place {
	p := place{}
	for _, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		switch strings.ToLower(name) {
		case "region":
			p.region = value
		case "accountid":
			p.account = value
		case "eventday":
			if isNumber(value, 8) {
				p.level, p.date = levelDay, value[:4]+"/"+value[4:6]+"/"+value[6:]
			}
		default:
			if ok {
				return place{} // somebody else's: listed as it is
			}
		}
	}
	if p.level != levelDay && (p.region != "" || p.account != "") {
		p.level = levelPartition
	}
	return p
}

// below is the place of a folder whose i-th part is the service's.
func below(parts []string, i int) place {
	p := place{level: levelService, account: parts[i-1]}
	rest := parts[i+1:]
	if len(rest) == 0 {
		return p
	}
	p.level, p.region = levelRegion, rest[0]
	p.base = strings.Join(parts[:i+2], "/") + "/"
	for j, digits := range rest[1:] {
		width := 2
		if j == 0 {
			width = 4
		}
		if j > 2 || !isNumber(digits, width) {
			return place{} // no date: what lies here is listed as it is
		}
		p.level++
	}
	p.date = strings.Join(rest[1:], "/")
	return p
}

func isService(s string) bool { return s == "CloudTrail" || strings.HasPrefix(s, "CloudTrail-") }
func isAccount(s string) bool { return isNumber(s, 12) }
func isOrg(s string) bool     { return strings.HasPrefix(s, "o-") }

func isNumber(s string, width int) bool {
	if len(s) != width {
		return false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

const (
	// skew is by how much clocks may differ: a record may be delivered on the day
	// before that of its time.
	skew = 24 * time.Hour
	// late is how much later than its time a record may be delivered.
	late = 7 * 24 * time.Hour
)

// scope is what is asked for, as far as the layout tells. It may hold more than what
// is asked for, never less: records are filtered again one by one.
type scope struct {
	from, to          string // delivery days, YYYY/MM/DD, both included; "": open
	accounts, regions map[string]bool
}

func newScope(o *Options) scope {
	s := scope{accounts: set(o.Accounts), regions: set(o.Regions)}
	if !o.Since.IsZero() {
		s.from = o.Since.UTC().Add(-skew).Format("2006/01/02")
	}
	if !o.Until.IsZero() {
		s.to = o.Until.UTC().Add(late).Format("2006/01/02")
	}
	// Records of global services say one of these regions, while a trail of a single
	// region delivers them to the folder of its own.
	for _, global := range []string{"us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"} {
		if s.regions[global] {
			s.regions = nil
		}
	}
	return s
}

func set(names []string) map[string]bool {
	m := map[string]bool{}
	for _, name := range names {
		m[name] = true
	}
	return m
}

// folder reports whether a folder may hold what is asked for.
func (s *scope) folder(p place) bool {
	return among(s.accounts, p.account) && among(s.regions, p.region) && s.date(p.date)
}

// object reports whether an object may hold what is asked for.
func (s *scope) object(o *trail.Object) bool {
	date := ""
	if !o.Day.IsZero() {
		date = o.Day.Format("2006/01/02")
	}
	return among(s.accounts, o.Account) && among(s.regions, o.Region) && s.date(date)
}

// date compares as much of the bounds as the date has.
func (s *scope) date(date string) bool {
	return (s.from == "" || date >= cut(s.from, date)) && (s.to == "" || date <= cut(s.to, date))
}

func cut(bound, date string) string { return bound[:min(len(bound), len(date))] }

func among(m map[string]bool, name string) bool { return len(m) == 0 || name == "" || m[name] }

// after is the key behind which a list of the folder may begin; "" is its beginning.
func (s *scope) after(folder string, p place) string {
	if key := p.base + s.from; p.base != "" && s.from != "" && strings.HasPrefix(key, folder) {
		return key
	}
	return ""
}

// past reports whether a list of the folder may end before this key.
func (s *scope) past(key string, p place) bool {
	date, ok := strings.CutPrefix(key, p.base)
	return ok && p.base != "" && s.to != "" && isNumber(date[:min(4, len(date))], 4) && date > s.to+"/\xff"
}
