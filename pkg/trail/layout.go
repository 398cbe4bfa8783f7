package trail

import (
	"path"
	"slices"
	"strings"
	"time"
)

// ParseKey describes an object by its key alone: its kind, and account, region and
// delivery day as far as the key tells. The delivery layout, with any prefix, is
//
//	AWSLogs/[o-ORG/]ACCOUNT/CloudTrail[-Digest|-Insight]/REGION/YYYY/MM/DD/
//	ACCOUNT_CloudTrail_REGION_YYYYMMDDThhmmZ_UNIQUE.json.gz
//
// and either half alone tells. Where both tell, the file name wins: it is AWS's own,
// while folders may be a copy's.
//
// Security Lake writes CloudTrail's events by the day of the event, as Parquet:
//
//	[…/]aws/CLOUD_TRAIL_MGMT/2.0/region=REGION/accountId=ACCOUNT/eventDay=YYYYMMDD/UNIQUE.gz.parquet
//
// Parquet files elsewhere are KindOther.
func ParseKey(key string) Object {
	o := Object{Key: key, Size: -1}
	dir, base := path.Split(key)
	folders := strings.Split(strings.Trim(dir, "/"), "/")
	kind := o.fromFolders(folders)
	if k := o.fromName(base); k != "" {
		kind = k
	}
	lake := o.fromPartitions(folders)
	switch {
	case hidden(key):
		o.Kind = KindHidden
	case lake && strings.EqualFold(path.Ext(base), ".parquet"):
		o.Kind = KindLog
	case !logName(base):
		o.Kind = KindOther
	case kind != "":
		o.Kind = kind
	default:
		o.Kind = KindLog
	}
	return o
}

// serviceKind is the kind of the "CloudTrail…" part of a folder or file name.
func serviceKind(s string) ObjectKind {
	switch s {
	case "CloudTrail", "CloudTrail-Aggregated", "CloudTrail-NetworkActivity":
		return KindLog
	case "CloudTrail-Digest":
		return KindDigest
	case "CloudTrail-Insight":
		return KindInsight
	}
	return ""
}

// fromFolders reads …/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD, of which the tail may be
// missing.
func (o *Object) fromFolders(parts []string) ObjectKind {
	for i := len(parts) - 1; i > 0; i-- {
		kind := serviceKind(parts[i])
		if kind == "" || !isAccount(parts[i-1]) {
			continue
		}
		o.Account = parts[i-1]
		rest := parts[i+1:]
		if len(rest) > 0 && isRegion(rest[0]) {
			o.Region = rest[0]
		}
		if len(rest) > 3 {
			o.Day = day(rest[1] + rest[2] + rest[3])
		}
		return kind
	}
	return ""
}

// fromPartitions reads the folders of Security Lake, in any order, and tells whether
// CloudTrail's events may lie there.
func (o *Object) fromPartitions(parts []string) bool {
	first := len(parts)
	var account, region string
	var at time.Time
	for i, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		first = min(first, i)
		switch strings.ToLower(name) {
		case "accountid":
			account = value
		case "region":
			region = value
		case "eventday":
			at = day(strings.ReplaceAll(value, "-", ""))
		}
	}
	if !isAccount(account) || !isRegion(region) || at.IsZero() {
		return false
	}
	o.Account, o.Region, o.Day = account, region, at
	return !otherLake(parts[:first])
}

// otherLake tells by the folders in front of the partitions whether a source of
// Security Lake other than CloudTrail lies there: one of AWS's, or a custom one (ext/).
func otherLake(parts []string) bool {
	for _, part := range parts {
		switch part {
		case "ROUTE53", "VPC_FLOW", "SH_FINDINGS", "EKS_AUDIT", "WAF":
			return true
		}
		if strings.HasPrefix(part, "CLOUD_TRAIL") {
			return false
		}
	}
	return slices.Contains(parts, "ext")
}

// fromName reads ACCOUNT_CloudTrail_REGION_YYYYMMDDThhmmZ_UNIQUE.json.gz. Digest
// names have the trail and the home region between, so that their time is found by
// its shape.
func (o *Object) fromName(base string) ObjectKind {
	stem, _, _ := strings.Cut(base, ".")
	f := strings.Split(stem, "_")
	if len(f) < 4 || !isAccount(f[0]) {
		return ""
	}
	kind := serviceKind(f[1])
	if kind == "" {
		return ""
	}
	o.Account = f[0]
	if isRegion(f[2]) {
		o.Region = f[2]
	}
	for _, s := range f[3:] {
		if d := stampDay(s); !d.IsZero() {
			o.Day = d
			break
		}
	}
	return kind
}

// stampDay is the day of YYYYMMDDThhmmZ or YYYYMMDDThhmmssZ; zero for anything else.
func stampDay(s string) time.Time {
	if (len(s) != 14 && len(s) != 16) || s[8] != 'T' || s[len(s)-1] != 'Z' || !digits(s[9:len(s)-1]) {
		return time.Time{}
	}
	return day(s[:8])
}

// day reads YYYYMMDD; zero when that is no date.
func day(s string) time.Time {
	if len(s) != 8 || !digits(s) {
		return time.Time{}
	}
	t, err := time.Parse("20060102", s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func isAccount(s string) bool { return len(s) == 12 && digits(s) }

// isRegion accepts the shape of region names (us-east-1, us-gov-west-1), not a list
// of them: new ones appear.
func isRegion(s string) bool {
	if len(s) < 5 || len(s) > 40 || strings.Count(s, "-") < 2 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// hidden tells whether an element of the key starts with a dot. "." and ".." are
// paths, not names.
func hidden(key string) bool {
	for e := range strings.SplitSeq(key, "/") {
		if len(e) > 1 && e[0] == '.' && e != ".." {
			return true
		}
	}
	return false
}

// logName tells whether a file of this name may hold records. Names without an
// extension do: Firehose writes such.
func logName(base string) bool {
	base = strings.ToLower(base)
	ext := path.Ext(base)
	switch ext {
	case ".gz", ".gzip", ".zst", ".zstd":
		base = strings.TrimSuffix(base, ext)
		ext = path.Ext(base)
		return ext == "" || jsonExt(ext) || !foreignExt(ext)
	}
	return base != "" && (ext == "" || jsonExt(ext))
}

func jsonExt(ext string) bool {
	switch ext {
	case ".json", ".jsonl", ".ndjson", ".log", ".jsonlines":
		return true
	}
	return false
}

// foreignExt are formats that are commonly found compressed, and hold no JSON.
func foreignExt(ext string) bool {
	switch ext {
	case ".csv", ".tsv", ".txt", ".tar", ".parquet", ".orc", ".avro", ".sql", ".xml", ".html", ".md", ".pcap", ".img":
		return true
	}
	return false
}
