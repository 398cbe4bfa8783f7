package actions

import "strings"

// OutcomeOf tells what an error code says of authorization: no code means that
// the call was allowed; denials are told by their name; of the other codes only
// the curated ones (tables/errors.txt) prove that authorization had passed.
func OutcomeOf(errorCode, errorMessage string) Outcome {
	return Default().outcomeOf(errorCode, errorMessage)
}

func (c *Catalog) outcomeOf(code, message string) Outcome {
	if code == "" {
		return Allowed
	}
	if o, ok := c.tables.errors[code]; ok {
		return o
	}
	bare := code[strings.LastIndexByte(code, '.')+1:]
	if o, ok := c.tables.errors[bare]; ok {
		return o
	}
	// Some services wrap a denial into a code of their own.
	if isDenial(bare) || strings.Contains(message, "is not authorized to perform") {
		return Denied
	}
	for i := range c.tables.errorPats {
		if matchGlob(c.tables.errorPats[i].pattern, code) {
			return c.tables.errorPats[i].outcome
		}
	}
	return Undetermined
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
