package ingest

import "testing"

// TestWithin: what a list of a folder that failed did not come to.
func TestWithin(t *testing.T) {
	for _, test := range []struct {
		folder, key string
		want        bool
	}{
		{"s3://b/AWSLogs/1/", "s3://b/AWSLogs/1/x.json", true},
		{"s3://b/AWSLogs/1/", "s3://b/AWSLogs/1/a/b/x.json", true},
		{"s3://b/AWSLogs/1/", "s3://b/AWSLogs/10/x.json", false},
		{"s3://b/AWSLogs/1/", "s3://c/AWSLogs/1/x.json", false},
		{"logs/day", "logs/day/x.json", true},
		{"logs/day", "logs/day2/x.json", false},
		{"s3://b/1/x2.json…", "s3://b/1/x3.json", true},
		{"s3://b/1/x2.json…", "s3://b/1/x2.json", false},
		{"s3://b/1/x2.json…", "s3://b/1/x1.json", false},
		{"s3://b/1/x2.json…", "s3://b/2/x3.json", false},
		{"x2.json…", "x3.json", true},
	} {
		if got := within(test.folder, test.key); got != test.want {
			t.Errorf("%q within %q: %t", test.key, test.folder, got)
		}
	}
}

// TestMeterKnown: what need not be read is neither done nor to be done.
func TestMeterKnown(t *testing.T) {
	m := newMeter(nil)
	m.listed(1000)
	m.listed(10)
	m.known(1000)
	m.listed(-1)
	m.known(-1)
	p := m.progress()
	if p.Objects != 3 || p.ObjectsKnown != 2 || p.ObjectsDone != 2 || p.Bytes != 10 || p.BytesDone != 0 {
		t.Errorf("%+v", p)
	}
}
