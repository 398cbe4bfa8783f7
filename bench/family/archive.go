package family

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// last is the last day of every archive. A month ends on day 56 of 60.
var last = time.Date(2026, 10, 4, 0, 0, 0, 0, time.UTC)

// Archive is one workload's account over some days.
type Archive struct {
	Name     string
	Days     int
	First    time.Time
	Calls    []Call // all principals, in the order of time
	Jobs     []string
	Items    []Item // everything that exists, what was used included, sorted
	Policies map[string][]string
	Expert   map[string]string // by job: the document that fits it best
	Selected []string          // resource types whose data events are logged

	site  *site
	daily []day
}

// selected are the resource types whose data events the trail logs.
func selected() []string {
	return []string{"AWS::S3::Object", "AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::SNS::Topic"}
}

// Make invents the workload.
func (w Workload) Make(seed uint64, days int) *Archive {
	s := newSite(w.Name, seed)
	work := w.found(s)
	others := neighbours(s)
	a := &Archive{
		Name: w.Name, Days: days, First: last.AddDate(0, 0, 1-days), site: s,
		Policies: map[string][]string{}, Expert: map[string]string{}, Selected: selected(),
	}
	for n := range days {
		d := day{dice: newDice(seed, w.Name, fmt.Sprint(n)), s: s, n: n, date: a.First.AddDate(0, 0, n)}
		d.at(0, 5)
		work(&d)
		others(&d)
		slices.SortStableFunc(d.calls, func(x, y call) int { return x.at.Compare(y.at) })
		for i := range d.calls {
			a.Calls = append(a.Calls, d.calls[i].truth())
		}
		a.daily = append(a.daily, d)
	}
	a.inventory()
	for _, r := range s.roles {
		if r.job {
			a.Jobs = append(a.Jobs, r.arn)
			a.Expert[r.arn] = s.fill(expert(r.name))
		}
		a.Policies[r.arn] = s.texts(r)
	}
	return a
}

// texts are the documents of a role or user, those of its group among them.
func (s *site) texts(r *role) []string {
	var l []string
	inline, managed := r.inline, r.managed
	if r.group != nil {
		inline, managed = append(inline[:len(inline):len(inline)], r.group.inline...), append(managed[:len(managed):len(managed)], r.group.managed...)
	}
	for _, d := range inline {
		l = append(l, d.text)
	}
	for _, name := range managed {
		l = append(l, find(s.managed, name))
	}
	for _, name := range r.aws {
		l = append(l, find(s.awsManaged, name))
	}
	return l
}

func find(l []document, name string) string {
	for _, d := range l {
		if d.name == name {
			return d.text
		}
	}
	panic("family: no policy " + name) // a workload's mistake
}

// inventory adds what the calls touched: what only neighbours touched is foreign.
func (a *Archive) inventory() {
	own := map[string]bool{}
	for _, r := range a.site.roles {
		own[r.arn] = r.job
	}
	for _, foreign := range []bool{false, true} {
		for _, c := range a.Calls {
			if !c.Allowed || own[c.Principal] == foreign {
				continue
			}
			for _, u := range c.Uses {
				if !strings.HasSuffix(u.Resource, "*") { // what a creation asks for is no thing
					a.site.exists(foreign, u.Resource)
				}
			}
		}
	}
	a.Items = slices.Clone(a.site.items)
	slices.SortFunc(a.Items, func(x, y Item) int { return bytes.Compare([]byte(x.ARN), []byte(y.ARN)) })
}

// WriteLogs writes the days from (0 is the first) up to but without to as
// CloudTrail delivers them.
func (a *Archive) WriteLogs(folder string, from, to int) error {
	for _, d := range a.daily[from:to] {
		for _, region := range []string{home, abroad} {
			if err := a.object(folder, &d, region); err != nil {
				return err
			}
		}
	}
	return nil
}

// object writes one day of one region.
func (a *Archive) object(folder string, d *day, region string) error {
	ids := newDice(uint64(d.n), a.Name, region, "ids")
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	sep := `{"Records":[`
	for i := range d.calls {
		if d.calls[i].region != region {
			continue
		}
		if _, err := z.Write(append([]byte(sep), d.calls[i].record(ids, a.site.account)...)); err != nil {
			return err
		}
		sep = ","
	}
	if sep != "," {
		return nil
	}
	if _, err := z.Write([]byte("]}")); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	name := fmt.Sprintf("%s_CloudTrail_%s_%sT2355Z_%s.json.gz", a.site.account, region, d.date.Format("20060102"), ids.text(16, upper+lower+digits))
	path := filepath.Join(folder, "AWSLogs", a.site.account, "CloudTrail", region, d.date.Format("2006/01/02"), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
