package ingest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/internal/args"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// trustMechanism names the operation by which a record assumes a role.
func trustMechanism(e *trail.Event) (string, bool) {
	if e.Source != "sts.amazonaws.com" {
		return "", false
	}
	switch e.Name {
	case "AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity":
		return e.Name, true
	}
	return "", false
}

// trustOf is the trust row of an AssumeRole* record. A denied call often shows
// no parameters; then resources[] may still name the role.
func trustOf(r *usage.Record, e *trail.Event, mechanism string) *usage.Trust {
	request := find(e.RequestParameters, "roleArn", "externalId", "principalTags", "tags")
	caller := usage.Credit(&r.Identity)
	t := &usage.Trust{
		Role:          clip(text(request[0])),
		Caller:        caller.ARN,
		CallerAccount: caller.Account,
		Mechanism:     mechanism,
		ExternalID:    clip(text(request[1])),
		SessionTags:   sessionTags(request[2], request[3]),
		Outcome:       r.Outcome,
	}
	if t.Role == "" {
		t.Role = clip(roleResource(e.Resources))
	}
	if t.RoleAccount = accountOf(t.Role); t.RoleAccount == "" {
		t.RoleAccount = r.RecipientAccount
	}
	if mechanism != "AssumeRole" {
		t.Subject = clip(subject(e.ResponseElements, &e.Identity))
	}
	return t
}

// subject is whom the identity provider vouched for.
func subject(response []byte, id *trail.Identity) string {
	for _, value := range find(response, "subjectFromWebIdentityToken", "subject") {
		if s := text(value); s != "" {
			return s
		}
	}
	return id.UserName
}

// sessionTags lists the tags passed with the call as an URL query, sorted by
// key. AssumeRole has a list of key and value, the others an object.
func sessionTags(object, list []byte) string {
	if object == nil && list == nil {
		return ""
	}
	tags := url.Values{}
	read := url.Values{}
	if args.Members(object, func(key, value []byte) { read.Set(string(key), text(value)) }) {
		tags = read
	}
	for _, element := range elements(list) {
		tag := find(element, "key", "value")
		tags.Set(text(tag[0]), text(tag[1]))
	}
	return clip(tags.Encode())
}

// roleResource is the first role of resources[].
func roleResource(raw []byte) string {
	for _, element := range elements(raw) {
		for _, value := range find(element, "ARN", "arn") {
			if arn := text(value); strings.Contains(arn, ":role/") {
				return arn
			}
		}
	}
	return ""
}

// accountOf is the account of an ARN, "" when it is none.
func accountOf(arn string) string {
	rest, ok := strings.CutPrefix(arn, "arn:")
	account := ""
	for range 4 { // partition, service, region, account
		if !ok {
			return ""
		}
		account, rest, ok = strings.Cut(rest, ":")
	}
	if !ok {
		return ""
	}
	return account
}

// find, elements and text read a JSON value of one kind; another kind reads as
// nothing. Names are told by case: with a struct, a second member "ROLEARN" would
// take the place of "roleArn".

// find returns the raw values of members of an object by their names, of several
// the last, nil where there is none.
func find(raw []byte, names ...string) [][]byte {
	values := make([][]byte, len(names))
	whole := args.Members(raw, func(key, value []byte) {
		if i := slices.Index(names, string(key)); i >= 0 {
			values[i] = value
		}
	})
	if !whole {
		clear(values)
	}
	return values
}

func elements(raw []byte) [][]byte {
	var values [][]byte
	if !args.Elements(raw, func(value []byte) { values = append(values, value) }) {
		return nil
	}
	return values
}

func text(raw []byte) string {
	s, _ := args.Text(raw)
	return s
}
