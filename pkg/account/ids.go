package account

import (
	"regexp"
	"strings"
)

// idBeside is the id that an answer lacks: a member beside it, the key under which
// a wrapper has it, or part of the file's name. "" where none or several are there.
func (l *loader) idBeside(o object, at place, member string, find func(string) string) string {
	if id := o.get(member).text(); id != "" {
		return id
	}
	return find(at.hint)
}

// The forms of ids. Source: AWS Organizations API reference, patterns of PolicyId,
// TargetId and ParentId.
const (
	formPolicy = `p-[0-9a-zA-Z_]{8,128}`
	formUnit   = `ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}`
	formRoot   = `r-[0-9a-z]{4,32}`
	formNumber = `[0-9]{12}`
)

func policyID(text string) string { return idIn(text, formPolicy) }

// targetID finds a unit, an account or a root. A root's id looks like other words,
// so it counts only where nothing else is there.
func targetID(text string) string {
	if id := idIn(text, formUnit+`|`+formNumber); id != "" {
		return id
	}
	return idIn(text, formRoot)
}

func parentID(text string) string {
	if id := idIn(text, formUnit); id != "" {
		return id
	}
	return idIn(text, formRoot)
}

func childID(text string) string { return idIn(text, formUnit+`|`+formNumber) }

// idIn finds the one id of a form that stands alone in a text.
func idIn(text, form string) string {
	text = baseName(text)
	re, err := regexp.Compile(`(?:^|[^0-9A-Za-z])(` + form + `)(?:$|[^0-9A-Za-z])`)
	if err != nil {
		return ""
	}
	found := ""
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		if found != "" && m[1] != found {
			return ""
		}
		found = m[1]
	}
	return found
}

// keyIDForm is that of a KMS key: a UUID, or a multi-Region key's id.
const keyIDForm = `mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// keyID finds the one id of a KMS key in a text.
func keyID(text string) string { return idIn(strings.ToLower(text), keyIDForm) }
