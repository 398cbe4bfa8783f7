package synth

import "fmt"

// ageDays is how many days after the end of the logs the authorization details may be
// taken without a warning.
const ageDays = 7

// scanSince ends the reason of a principal whose logs are out of date.
const scanSince = "scan the logs since then"

// outdated says why logs that ended long before the authorization details were taken do
// not tell what is used now, "". Who gives --as-of asks about the past, and is not told.
func (h *history) outdated(id string, last int32, minWindow int) string {
	if h.young[id] == 0 || millisDay(h.young[id]) <= last+int32(minWindow) {
		return ""
	}
	return fmt.Sprintf("the logs end on %s, and the account files are of %s or later: %s", date(last), date(millisDay(h.young[id])), scanSince)
}

// ageWarnings tell of accounts whose authorization details and logs do not fit: an account
// of one that the other lacks is told elsewhere.
func (h *history) ageWarnings(cov map[string]*accountCoverage) []string {
	var out []string
	for _, id := range h.snap.Accounts {
		c := cov[id]
		if c == nil || len(c.days) == 0 {
			continue
		}
		young := h.young[id]
		switch {
		case young == 0:
			out = append(out, fmt.Sprintf("account %s: the authorization details have no date at all: what was changed in the logs cannot be compared with them", id))
		case millisDay(young) > c.last+ageDays:
			out = append(out, fmt.Sprintf("account %s: the authorization details are of %s or later, the logs end on %s: what happened in between is not seen", id, date(millisDay(young)), date(c.last)))
		}
	}
	return out
}
