package account

import (
	"encoding/base64"
	"encoding/csv"
	"io"
	"strings"
	"time"
)

// Credential is one line of a credential report.
type Credential struct {
	ARN, User, File  string
	Created          time.Time
	PasswordEnabled  bool
	PasswordLastUsed time.Time // zero: never, or not known
	Keys             [2]AccessKey
}

// AccessKey is one of the two access keys that a user can have.
type AccessKey struct {
	Active          bool
	Rotated         time.Time
	LastUsed        time.Time // zero: never, or not since AWS began to keep it (April 2015)
	LastUsedService string    // namespace, "" none
}

// LastUsed is the latest use of any credential, zero when there is none.
func (c *Credential) LastUsed() time.Time {
	last := c.PasswordLastUsed
	for _, k := range c.Keys {
		if k.LastUsed.After(last) {
			last = k.LastUsed
		}
	}
	return last
}

// credentialHeader is how each report begins.
const credentialHeader = "user,arn,user_creation_time"

func isCredentialCSV(head []byte) bool {
	return strings.HasPrefix(strings.ReplaceAll(string(head), `"`, ""), credentialHeader)
}

// takeCredentialJSON reads get-credential-report: the CSV in base64, or plain as
// some tools write it.
func (l *loader) takeCredentialJSON(o object, at place) {
	text := strings.TrimSpace(o.get("content").text())
	if text == "" {
		l.warn(at, "a credential report without Content; ignored")
		return
	}
	if !isCredentialCSV([]byte(text)) {
		data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
		if err != nil || !isCredentialCSV(data) {
			l.warn(at.member("Content"), "not a credential report in base64; ignored")
			return
		}
		text = string(data)
	}
	l.credentials(strings.NewReader(text), at.member("Content"))
}

// credentialCSV reads a file that is the CSV itself.
func (l *loader) credentialCSV(r io.Reader) {
	l.found(KindCredentials)
	l.credentials(r, place{})
}

func (l *loader) credentials(r io.Reader, at place) {
	c := csv.NewReader(r)
	c.FieldsPerRecord, c.LazyQuotes = -1, true
	header, err := c.Read()
	if err != nil {
		l.warn(at, "can't read the credential report: %s", shorten(err.Error()))
		return
	}
	column := map[string]int{}
	for i, name := range header {
		column[name] = i
	}
	for row := 0; ; row++ {
		rec, err := c.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			l.warn(at, "can't read the rest of the credential report: %s", shorten(err.Error()))
			return
		}
		l.credential(func(name string) string {
			if i, ok := column[name]; ok && i < len(rec) {
				return rec[i]
			}
			return ""
		}, at.element(row))
	}
}

// credential reads one line; cell gives the text of a column, "" when there is none.
func (l *loader) credential(cell func(string) string, at place) {
	when := func(name string) time.Time {
		t, err := parseDate(cell(name))
		if err != nil {
			l.warn(at, "%s: %s", name, err)
		}
		return t
	}
	word := func(name string) string {
		if s := cell(name); s != "N/A" {
			return s
		}
		return ""
	}
	c := &Credential{
		ARN: cell("arn"), User: cell("user"), File: l.file,
		Created:          when("user_creation_time"),
		PasswordEnabled:  cell("password_enabled") == "true",
		PasswordLastUsed: when("password_last_used"),
	}
	if c.ARN == "" {
		l.warn(at, "a line without arn; ignored")
		return
	}
	for i, key := range []string{"access_key_1_", "access_key_2_"} {
		c.Keys[i] = AccessKey{
			Active: cell(key+"active") == "true", Rotated: when(key + "last_rotated"),
			LastUsed: when(key + "last_used_date"), LastUsedService: word(key + "last_used_service"),
		}
	}
	l.snap.Credentials = append(l.snap.Credentials, c)
}
