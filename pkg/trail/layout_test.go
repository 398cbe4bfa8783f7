package trail

import (
	"testing"
	"time"
)

var layoutCases = []struct {
	key             string
	kind            ObjectKind
	account, region string
	day             string
}{
	{"AWSLogs/111122223333/CloudTrail/us-east-1/2024/01/15/111122223333_CloudTrail_us-east-1_20240115T1815Z_lOAFgeUswS40Yzqd.json.gz", KindLog, "111122223333", "us-east-1", "20240115"},
	{"some/prefix/AWSLogs/o-abc123def4/111122223333/CloudTrail/us-gov-west-1/2024/01/15/111122223333_CloudTrail_us-gov-west-1_20240115T1815Z_x.json.gz", KindLog, "111122223333", "us-gov-west-1", "20240115"},
	{"aws/CLOUD_TRAIL_MGMT/2.0/region=us-east-1/accountId=111122223333/eventDay=20240501/48c42a18.gz.parquet", KindLog, "111122223333", "us-east-1", "20240501"},
	{"ext/CLOUD_TRAIL_MGMT/1.0/region=us-east-1/accountId=111122223333/eventDay=20240501/x.gz.parquet", KindLog, "111122223333", "us-east-1", "20240501"},
	{"aws/S3_DATA/2.0/accountid=111122223333/region=us-gov-west-1/eventday=2024-05-01/x.PARQUET", KindLog, "111122223333", "us-gov-west-1", "20240501"},
	{"region=us-east-1/accountId=111122223333/eventDay=20240501/x.gz.parquet", KindLog, "111122223333", "us-east-1", "20240501"},
	{"region=us-east-1/accountId=111122223333/eventDay=20240501/x.avro", KindOther, "111122223333", "us-east-1", "20240501"},
	{"aws/ROUTE53/2.0/region=us-east-1/accountId=111122223333/eventDay=20240501/x.gz.parquet", KindOther, "111122223333", "us-east-1", "20240501"},
	{"ext/okta/1.0/region=us-east-1/accountId=111122223333/eventDay=20240501/x.gz.parquet", KindOther, "111122223333", "us-east-1", "20240501"},
	{"aws/CLOUD_TRAIL_MGMT/2.0/region=us-east-1/accountId=1111/eventDay=20240501/x.gz.parquet", KindOther, "", "", ""},
	{"aws/CLOUD_TRAIL_MGMT/2.0/region=us-east-1/accountId=111122223333/eventDay=20241301/x.gz.parquet", KindOther, "", "", ""},
	{"aws/CLOUD_TRAIL_MGMT/2.0/region=us-east-1/accountId=111122223333/x.gz.parquet", KindOther, "", "", ""},
	{"aws/CLOUD_TRAIL_MGMT/2.0/.tmp/region=us-east-1/accountId=111122223333/eventDay=20240501/x.gz.parquet", KindHidden, "111122223333", "us-east-1", "20240501"},
	{"111122223333_CloudTrail_ap-southeast-2_20240115T1815Z_x.json.gz", KindLog, "111122223333", "ap-southeast-2", "20240115"},
	{"2024/01/15/111122223333_CloudTrail_ap-southeast-2_20240115T1815Z_x.json.zst", KindLog, "111122223333", "ap-southeast-2", "20240115"},
	{"AWSLogs/111122223333/CloudTrail/us-east-1/2024/01/15/renamed.json", KindLog, "111122223333", "us-east-1", "20240115"},
	{"AWSLogs/111122223333/CloudTrail/us-east-1/renamed.json", KindLog, "111122223333", "us-east-1", ""},
	{"AWSLogs/111122223333/CloudTrail/us-east-1/2024/13/45/renamed.json", KindLog, "111122223333", "us-east-1", ""},
	{"AWSLogs/444455556666/CloudTrail/us-east-1/2024/01/15/111122223333_CloudTrail_us-west-2_20240116T1815Z_x.json.gz", KindLog, "111122223333", "us-west-2", "20240116"},
	{"AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2024/01/15/111122223333_CloudTrail-Digest_us-east-1_trail_us-east-1_20240115T181512Z.json.gz", KindDigest, "111122223333", "us-east-1", "20240115"},
	{"AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2024/01/15/111122223333_CloudTrail-Insight_us-east-1_20240115T1815Z_x.json.gz", KindInsight, "111122223333", "us-east-1", "20240115"},
	{"AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2024/01/15/x.json.gz", KindDigest, "111122223333", "us-east-1", "20240115"},
	{"AWSLogs/111122223333/CloudTrail/us-east-1/2024/01/15/listing.csv", KindOther, "111122223333", "us-east-1", "20240115"},
	{"AWSLogs/111122223333/Config/us-east-1/2024/1/5/x.json.gz", KindLog, "", "", ""},
	{"1111_CloudTrail_us-east-1_20240115T1815Z_x.json.gz", KindLog, "", "", ""},
	{"111122223333_CloudTrail_us-east-1_2024-01-15_x.json.gz", KindLog, "111122223333", "us-east-1", ""},
	{"events.jsonl", KindLog, "", "", ""},
	{"events.JSON.GZ", KindLog, "", "", ""},
	{"000000.gz", KindLog, "", "", ""},
	{"AttachRolePolicy.test.gz", KindLog, "", "", ""},
	{"stream-1-2024-01-15-18-15-00-abc", KindLog, "", "", ""},
	{"table.csv.gz", KindOther, "", "", ""},
	{"backup.tar.gz", KindOther, "", "", ""},
	{"x.gz.parquet", KindOther, "", "", ""},
	{"notes.txt", KindOther, "", "", ""},
	{".DS_Store", KindHidden, "", "", ""},
	{".git/objects/ab/cd.json", KindHidden, "", "", ""},
	{"./a.json", KindLog, "", "", ""},
	{"../a.json", KindLog, "", "", ""},
	{"", KindOther, "", "", ""},
}

func TestParseKey(t *testing.T) {
	for _, c := range layoutCases {
		o := ParseKey(c.key)
		var day time.Time
		if c.day != "" {
			day, _ = time.Parse("20060102", c.day)
		}
		if o.Kind != c.kind || o.Account != c.account || o.Region != c.region || !o.Day.Equal(day) {
			t.Errorf("%s:\n got %s %q %q %v\nwant %s %q %q %v", c.key, o.Kind, o.Account, o.Region, o.Day, c.kind, c.account, c.region, day)
		}
		if o.Key != c.key || o.Size != -1 {
			t.Errorf("%s: %+v", c.key, o)
		}
	}
}
