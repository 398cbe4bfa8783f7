package actions

import "strings"

// OutcomeOf tells what an error code says of authorization: no code means that
// the call was allowed; denials are told by their name; of the other codes only
// the curated ones (tables/errors.txt) prove that authorization had passed. A code that
// means something else of one service is read so by its event source
// ("cognito-idp.amazonaws.com"), "" for an unknown one.
func OutcomeOf(eventSource, errorCode, errorMessage string) Outcome {
	if errorCode == "" {
		return Allowed
	}
	return Default().outcomeOf(labelOf(eventSource), errorCode, errorMessage)
}

// outcomeOf is OutcomeOf for the codes of an event source, of which rows may say what
// they mean there alone; "" for none.
func (c *Catalog) outcomeOf(label, code, message string) Outcome {
	if code == "" {
		return Allowed
	}
	if o, ok := c.scopedError(label, code); ok && !unauthorized(message) {
		return o
	}
	if o, ok := c.tables.errors[code]; ok {
		return o
	}
	bare := code[strings.LastIndexByte(code, '.')+1:]
	if o, ok := c.tables.errors[bare]; ok {
		return o
	}
	// Some services wrap a denial into a code of their own.
	if isDenial(bare) || unauthorized(message) {
		return Denied
	}
	for i := range c.tables.errorPats {
		if matchGlob(c.tables.errorPats[i].pattern, code) {
			return c.tables.errorPats[i].outcome
		}
	}
	return Undetermined
}

// scopedError finds the row of one source's error code, "source/code".
func (c *Catalog) scopedError(label, code string) (Outcome, bool) {
	for _, row := range c.tables.sourceErrors {
		if row.source == label && row.code == code {
			return row.outcome, true
		}
	}
	return "", false
}

// unauthorized reports whether a message is that of IAM's denials.
func unauthorized(message string) bool {
	return strings.Contains(message, "is not authorized to perform")
}

// isDenial recognises the family of denial codes; services append Exception,
// Fault or Error at will.
func isDenial(code string) bool {
	for _, tail := range []string{"Exception", "Fault", "Error"} {
		code = strings.TrimSuffix(code, tail)
	}
	switch code {
	case "AccessDenied", "UnauthorizedOperation", "Unauthorized", "NotAuthorized",
		"VpceAccessDenied", "AuthorizationError", "Authorization", "UnauthorizedAccess", "ForbiddenAccess",
		"Forbidden", "AccessForbidden", "UserNotAuthorized", "UnauthorizedRequest",
		"ServiceLinkedRoleCreationNotPermitted", "AccessDeniedForDependency":
		return true
	}
	return false
}

// outcomes gives each use its outcome. An error that proves that authorization had
// passed proves it of the action that the service looks at first; whether the role,
// the tags or the copy's other side came to be looked at, it does not tell. A dry run
// fails after all of them ("DryRunOperation", EC2 API reference).
func (r *Resolver) outcomes(c *Call, o Outcome) {
	partly := o == Allowed && c.ErrorCode != "" && !strings.Contains(c.ErrorCode, "DryRun")
	several := false
	for i := range r.uses {
		several = several || r.uses[i].Basis == Logged && r.uses[i].Action != r.uses[0].Action
	}
	for i := range r.uses {
		u := &r.uses[i]
		switch {
		case u.Outcome != "": // the error itself tells it
		case partly && (several || u.Basis != Logged):
			u.Outcome = Undetermined
		default:
			u.Outcome = o
		}
	}
}
