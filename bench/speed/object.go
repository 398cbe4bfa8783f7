package speed

import (
	"fmt"
	"time"
)

// recordsOfSession is about how many records of a session follow in one object.
const recordsOfSession = 16

// object makes the n-th object of about size bytes, and returns its name. What it
// made is in m.out until the next one.
func (m *maker) object(n int, size int64) (name string, records int) {
	m.source = newSource(m.cfg.Seed, uint64(n), "object")
	m.account = m.accounts[m.IntN(accounts)]
	roles, weights := m.colleagues()
	day := m.cfg.Last.AddDate(0, 0, m.IntN(m.cfg.Days)+1-m.cfg.Days)
	start := day.Add(time.Duration(m.IntN(24*12-1)) * 5 * time.Minute)
	sessions := make([]session, 1+size/(recordsOfSession*bytesOfRecord))
	for i := range sessions {
		r := roles[m.weighted(weights)]
		sessions[i] = newSession(m.source, r, &m.kinds[r.kind], start)
	}
	m.out = append(m.out[:0], `{"Records":[`...)
	m.session = &sessions[0]
	for int64(len(m.out)) < size {
		if records > 0 {
			m.out = append(m.out, ',')
		}
		if m.IntN(2) == 0 { // a session's calls come in bursts
			m.session = &sessions[m.IntN(len(sessions))]
		}
		m.at = start.Add(time.Duration(min(int64(len(m.out))*300/size, 299)) * time.Second)
		m.record()
		records++
	}
	m.out = append(m.out, "]}"...)
	at := start.Add(5 * time.Minute)
	return fmt.Sprintf("AWSLogs/o-exampleorg1/%s/CloudTrail/%s/%s/%[1]s_CloudTrail_%[2]s_%[4]s_%[5]s.json.gz",
		m.account.id, m.region, day.Format("2006/01/02"), at.Format("20060102T1504Z"), m.letters(16, base32)), records
}

// bytesOfRecord is about how long a record is.
const bytesOfRecord = 1600

// colleagues draws a region of the account, and returns the roles that work there
// and how busy they are.
func (m *maker) colleagues() (roles []*role, weights []int) {
	m.region = m.account.roles[m.IntN(rolesOfAccount)].region
	for i := range m.account.roles {
		r := &m.account.roles[i]
		if r.region == m.region {
			roles, weights = append(roles, r), append(weights, m.kinds[r.kind].traffic)
		}
	}
	return roles, weights
}
