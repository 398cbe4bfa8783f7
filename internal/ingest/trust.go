package ingest

import (
	"encoding/json"
	"net/url"
	"strings"

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
	request, response := members(e.RequestParameters), members(e.ResponseElements)
	caller := usage.Credit(&r.Identity)
	t := &usage.Trust{
		Role:          clip(text(request["roleArn"])),
		Caller:        caller.ARN,
		CallerAccount: caller.Account,
		Mechanism:     mechanism,
		ExternalID:    clip(text(request["externalId"])),
		SessionTags:   sessionTags(request),
		Outcome:       r.Outcome,
	}
	if t.Role == "" {
		t.Role = clip(roleResource(e.Resources))
	}
	if t.RoleAccount = accountOf(t.Role); t.RoleAccount == "" {
		t.RoleAccount = r.RecipientAccount
	}
	if mechanism != "AssumeRole" {
		t.Subject = clip(subject(response, &e.Identity))
	}
	return t
}

// subject is whom the identity provider vouched for.
func subject(response map[string]json.RawMessage, id *trail.Identity) string {
	for _, key := range []string{"subjectFromWebIdentityToken", "subject"} {
		if s := text(response[key]); s != "" {
			return s
		}
	}
	return id.UserName
}

// sessionTags lists the tags passed with the call as an URL query, sorted by
// key. AssumeRole has a list of key and value, the others an object.
func sessionTags(request map[string]json.RawMessage) string {
	tags := url.Values{}
	for key, value := range members(request["principalTags"]) {
		tags.Set(key, text(value))
	}
	for _, element := range elements(request["tags"]) {
		tag := members(element)
		tags.Set(text(tag["key"]), text(tag["value"]))
	}
	return clip(tags.Encode())
}

// roleResource is the first role of resources[].
func roleResource(raw []byte) string {
	for _, element := range elements(raw) {
		resource := members(element)
		for _, key := range []string{"ARN", "arn"} {
			if arn := text(resource[key]); strings.Contains(arn, ":role/") {
				return arn
			}
		}
	}
	return ""
}

// accountOf is the account of an ARN, "" when it is none.
func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[4]
	}
	return ""
}

// members, elements and text read a JSON value of one kind; another kind reads
// as nothing. Names are told by case: with a struct, a second member "ROLEARN"
// would take the place of "roleArn".
func members(raw []byte) map[string]json.RawMessage { return read[map[string]json.RawMessage](raw) }

func elements(raw []byte) []json.RawMessage { return read[[]json.RawMessage](raw) }

func text(raw []byte) string { return read[string](raw) }

func read[T any](raw []byte) T {
	var v T
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		var none T
		return none
	}
	return v
}
