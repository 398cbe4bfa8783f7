package workload

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"
)

// logBucket is the bucket that the archive pretends to be a copy of.
const logBucket = "example-cloudtrail-logs"

// delivery writes one day of one world as CloudTrail delivers it.
type delivery struct {
	*stream
	w     *world
	n     int
	date  time.Time
	sink  Sink
	count *Objects
	zip   *gzip.Writer
	buf   bytes.Buffer
	files map[string][]logFile // by account: what the digest lists
}

// logFile is one delivered object in the home region, as a digest lists it.
type logFile struct {
	key, hash      string
	oldest, newest time.Time
}

// deliver writes the events of day n and what lies beside them.
func (w *world) deliver(n int, events []event, sink Sink, count *Objects, zip *gzip.Writer) error {
	d := &delivery{
		stream: newStream(w.cfg.Seed, "delivery", strconv.Itoa(w.cell), strconv.Itoa(n)),
		w:      w, n: n, date: w.cfg.first().AddDate(0, 0, n), sink: sink, count: count, zip: zip, files: map[string][]logFile{},
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	for _, account := range []string{w.prod, w.dev, w.data} {
		for _, region := range []string{home, abroad} {
			if err := d.trail(account, region, events); err != nil {
				return err
			}
		}
		if err := d.digest(account); err != nil {
			return err
		}
	}
	return d.insight()
}

// trail delivers the objects of one account and region, and again those that a
// second trail sees: management events only, for ten days.
func (d *delivery) trail(account, region string, events []event) error {
	var here, again []event
	for _, e := range events {
		if e.account != account || e.region != region {
			continue
		}
		here = append(here, e)
		if e.management {
			again = append(again, e)
		}
	}
	if err := d.split("", account, region, here); err != nil {
		return err
	}
	left := d.w.cfg.Days - 1 - d.n
	if account != d.w.prod || region != home || left < 30 || left >= 40 {
		return nil
	}
	d.w.truth.records.Total += len(again)
	d.w.truth.records.Duplicates += len(again)
	return d.split("security-trail/", account, region, again)
}

// split cuts the day into windows and writes an object for each that has events.
func (d *delivery) split(prefix, account, region string, events []event) error {
	windows := time.Duration(d.w.cfg.ObjectsPerDay)
	for i := range windows {
		end := d.date.Add(24 * time.Hour * (i + 1) / windows)
		n, _ := slices.BinarySearchFunc(events, end, func(e event, t time.Time) int { return e.at.Compare(t) })
		if n == 0 {
			continue
		}
		at := end.Add(5 * time.Minute)
		if last := d.date.Add(23*time.Hour + 55*time.Minute); at.After(last) {
			at = last
		}
		if err := d.object(prefix, account, region, at, events[:n]); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

// object writes one log object.
func (d *delivery) object(prefix, account, region string, at time.Time, events []event) error {
	body := []byte(`{"Records":[`)
	for i, e := range events {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, e.json...)
	}
	body = append(body, "]}"...)
	key := prefix + d.key("CloudTrail", account, region, at, at.Format("20060102T1504Z")+"_"+d.text(16, mixedAlnum))
	d.count.Log++
	if region == home && prefix == "" {
		hash := sha256.Sum256(body)
		d.files[account] = append(d.files[account], logFile{key, hex.EncodeToString(hash[:]), events[0].at, events[len(events)-1].at})
	}
	return d.put(key, body)
}

// key is the name of an object in the delivery layout.
func (d *delivery) key(kind, account, region string, at time.Time, name string) string {
	return "AWSLogs/" + account + "/" + kind + "/" + region + "/" + at.Format("2006/01/02/") +
		account + "_" + kind + "_" + region + "_" + name + ".json.gz"
}

// put compresses a body and hands it to the sink.
func (d *delivery) put(key string, body []byte) error {
	d.buf.Reset()
	d.zip.Reset(&d.buf)
	if _, err := d.zip.Write(body); err != nil {
		return err
	}
	if err := d.zip.Close(); err != nil {
		return err
	}
	return d.sink("logs/"+key, d.buf.Bytes())
}

// digest writes the account's digest: for the last week, and for days without
// any log object, where it is the proof that nothing happened.
func (d *delivery) digest(account string) error {
	files := d.files[account]
	if len(files) > 0 && d.w.cfg.Days-1-d.n >= 7 {
		return nil
	}
	end := d.date.Add(24*time.Hour - time.Second)
	body := obj("awsAccountId", account, "digestStartTime", stamp(d.date), "digestEndTime", stamp(end),
		"digestS3Bucket", logBucket, "digestS3Object", d.digestKey(account, end),
		"digestPublicKeyFingerprint", "00000000000000000000000000000000", "digestSignatureAlgorithm", "SHA256withRSA")
	listed := list{}
	var oldest, newest any
	for _, f := range files {
		if oldest == nil {
			oldest = stamp(f.oldest)
		}
		newest = stamp(f.newest)
		listed = append(listed, obj("s3Bucket", logBucket, "s3Object", f.key, "hashValue", f.hash,
			"hashAlgorithm", "SHA-256", "newestEventTime", stamp(f.newest), "oldestEventTime", stamp(f.oldest)))
	}
	body = body.with("newestEventTime", newest, "oldestEventTime", oldest,
		"previousDigestS3Bucket", logBucket, "previousDigestS3Object", d.digestKey(account, end.AddDate(0, 0, -1)),
		"previousDigestHashValue", nil, "previousDigestHashAlgorithm", "SHA-256", "previousDigestSignature", nil, "logFiles", listed)
	d.count.Digest++
	return d.put(d.digestKey(account, end), appendJSON(nil, body))
}

func (d *delivery) digestKey(account string, end time.Time) string {
	return d.key("CloudTrail-Digest", account, home, end, "main-trail_"+home+"_"+end.Format("20060102T150405Z"))
}

// insight writes what CloudTrail Insights made of the attack.
func (d *delivery) insight() error {
	if d.w.cfg.Days-1-d.n != attackDay {
		return nil
	}
	at := d.date.Add(3*time.Hour + 40*time.Minute)
	shared := d.uuid()
	records := list{}
	for i, state := range []string{"Start", "End"} {
		records = append(records, obj("eventVersion", "1.09", "eventTime", stamp(at.Add(time.Duration(i)*20*time.Minute)),
			"awsRegion", home, "eventID", d.uuid(), "eventType", "AwsCloudTrailInsight", "recipientAccountId", d.w.prod,
			"sharedEventID", shared, "insightDetails", obj("state", state, "eventSource", "iam.amazonaws.com",
				"eventName", "CreateUser", "errorCode", "AccessDenied", "insightType", "ApiErrorRateInsight", "insightContext",
				obj("statistics", obj("baseline", obj("average", 0.0001), "insight", obj("average", 1.5), "insightDuration", 20))),
			"eventCategory", "Insight"))
	}
	d.count.Insight++
	d.w.truth.records.Insights += len(records)
	name := at.Format("20060102T1504Z") + "_" + d.text(16, mixedAlnum)
	return d.put(d.key("CloudTrail-Insight", d.w.prod, home, at, name), appendJSON(nil, obj("Records", records)))
}
