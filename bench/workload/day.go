package workload

import (
	"strconv"
	"time"
)

// event is one record on its way to an object.
type event struct {
	at              time.Time
	account, region string // where it is delivered
	management      bool
	id              string
	json            []byte
}

// day invents one day: the family in turn, its clock and its draws.
type day struct {
	*stream
	w      *world
	n      int // 0 is the archive's first day
	date   time.Time
	clock  time.Time
	region string
	out    []event
}

// lastMinute is when a day's events end, so that they are delivered that day.
const lastMinute = 23*time.Hour + 50*time.Minute

// family is one kind of workload.
type family struct {
	name string
	run  func(*day)
}

// families returns all workloads, in the order in which they are invented.
func families() []family {
	return []family{
		{"etl", etl}, {"ci", ci}, {"web", web}, {"ops", ops}, {"admin", admin},
		{"report", report}, {"developers", developers}, {"services", services}, {"attack", attack},
	}
}

// day invents the events of day n, in no order of time.
func (w *world) day(n int) []event {
	d := &day{w: w, n: n, date: w.cfg.first().AddDate(0, 0, n)}
	for _, f := range families() {
		d.stream = newStream(w.cfg.Seed, f.name, strconv.Itoa(w.cell), strconv.Itoa(n))
		d.region = home
		d.clock = d.date
		f.run(d)
	}
	return d.out
}

// weekend tells whether people and their pipelines rest.
func (d *day) weekend() bool {
	return d.date.Weekday() == time.Saturday || d.date.Weekday() == time.Sunday
}

// busy turns a weekday's expected count into today's, with the archive's rate.
func (d *day) busy(expected, weekend float64) int {
	if d.weekend() {
		expected *= weekend
	}
	return d.times(expected * d.w.cfg.Rate)
}

// from sets the clock to a time of the day and a bit.
func (d *day) from(hour, minute int) {
	d.clock = d.date.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(d.IntN(600))*time.Second)
}

// anytime sets the clock to a moment between two hours.
func (d *day) anytime(from, to int) {
	d.clock = d.date.Add(time.Duration(from)*time.Hour + time.Duration(d.IntN((to-from)*3600))*time.Second)
}

// emit completes the call, notes it in the truth and writes its record. It
// returns the record's id.
func (d *day) emit(c call) string {
	d.complete(&c)
	region := d.region
	if c.region != "" {
		region = c.region
	} else if c.service == "iam" || c.service == "signin" {
		region = home
	}
	id := d.uuid()
	d.w.truth.note(&c, region)
	d.out = append(d.out, event{
		at: c.at, account: c.recipient, region: region, management: !c.data, id: id,
		json: c.record(d.stream, id, region, d.w.cfg.Rich),
	})
	return id
}

// complete fills in what most calls have in common and moves the clock on.
func (d *day) complete(c *call) {
	if c.at.IsZero() {
		c.at = d.clock
		d.clock = d.clock.Add(time.Duration(1+d.IntN(4)) * time.Second)
		if end := d.date.Add(lastMinute); d.clock.After(end) {
			d.clock = end
		}
	}
	if c.eventType == "" {
		c.eventType = "AwsApiCall"
	}
	if c.class == "" {
		c.class = classUse
	}
	if c.outcome == "" {
		c.outcome = allowed
	}
	if c.recipient == "" {
		c.recipient = c.by.p.account
	}
	switch {
	case c.via != "":
		c.ip, c.agent = c.via, c.via
	case c.by != nil && c.ip == "":
		c.ip, c.agent = c.by.ip, c.by.agent
	}
}

// crossAccount emits a call in the caller's account and its copy in the owner's.
func (d *day) crossAccount(c call, owner string) {
	c.shared = d.uuid()
	c.at = d.clock
	d.clock = d.clock.Add(2 * time.Second)
	d.emit(c)
	c.identity, c.recipient, c.copyOfShared = c.by.foreign(), owner, true
	d.emit(c)
}
