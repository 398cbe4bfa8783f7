package args

import (
	"fmt"
	"strings"
	"testing"
)

// TestRulesAreReachable checks the tables themselves: a name in capitals would
// never be met, nor would an ending below a shorter one.
func TestRulesAreReachable(t *testing.T) {
	for key := range byKey {
		if string(appendLower(nil, []byte(key))) != key {
			t.Errorf("byKey %q is not in lower case", key)
		}
	}
	for i, r := range byEnd {
		if strings.ToLower(r.end) != r.end {
			t.Errorf("byEnd %q is not in lower case", r.end)
		}
		for _, above := range byEnd[:i] {
			if strings.HasSuffix(r.end, above.end) && above.class == r.class {
				t.Errorf("%q is never reached below %q", r.end, above.end)
			}
		}
	}
	for _, set := range []map[string]bool{ofResponse, ofResources} {
		for key := range set {
			if strings.ToLower(key) != key {
				t.Errorf("%q is not in lower case", key)
			}
		}
	}
}

func TestClassify(t *testing.T) {
	for key, want := range map[string]class{
		"bucketname": naming, "rolearn": naming, "secretid": naming, "queueurl": naming, "dbinstanceidentifier": naming,
		"instanceids": naming, "servicerole": naming, "kmskey": naming, "account": naming, "policyname": naming, "policyarns": naming,
		"secretkey": presence, "apisecret": presence, "newpassword": presence, "resourcetags": presence, "pagetoken": presence,
		"conditionexpression": presence, "rulevariables": presence, "groupdescription": presence, "x-amz-meta-id": presence,
		"x-amz-checksum-sha256": presence, "tags": presence, "versionid": naming, "x-amz-version-id": naming,
		"policydocument": document, "resourcepolicy": document, "policy": document, "documentversion": document,
		"documentenrichmentconfiguration": plain, "policyconfig": plain,
		"key": container, "statement": statement, "x-amz-id-2": volatile, "engine": plain, "x-amz-acl": plain, "": plain, "x-amz-meta-": plain,
	} {
		if got := classify([]byte(key)); got != want {
			t.Errorf("classify(%q) = %d, want %d", key, got, want)
		}
	}
}

func TestShapes(t *testing.T) {
	tests := []struct {
		value                                string
		time, digits, embedded, signed, kept bool
	}{
		{value: "plain", kept: true},
		{value: "", kept: true},
		{value: "2024-02-26", time: true}, {value: "2024-02-26T10:00:00Z", time: true}, {value: "2024-02-26 10:00", time: true},
		{value: "2024-02-26x", kept: true}, {value: "2024-2-26", kept: true},
		{value: "Feb 26, 2024, 1:00:00 PM", time: true}, {value: "Feb 2, 2024 1:00:00 PM", time: true}, {value: "Feb 2", kept: true},
		{value: "1700000000", digits: true}, {value: "17a", kept: true},
		{value: ` {"a":1}`, embedded: true}, {value: "%7B%22", embedded: true}, {value: "eyJhbGciOi", embedded: true},
		{value: "https://b/k?X-Amz-Signature=0", signed: true}, {value: "https://b/k?a=1&Signature=0", signed: true},
		{value: "arn:aws:s3:::b", kept: true},
		{value: "HIDDEN_DUE_TO_SECURITY_REASONS"},
	}
	for _, tt := range tests {
		v := []byte(tt.value)
		got := fmt.Sprint(isTime(v), isDigits(v), isEmbedded(v), isSigned(v), keeps(rule{keep: true}, v))
		if want := fmt.Sprint(tt.time, tt.digits, tt.embedded, tt.signed, tt.kept); got != want {
			t.Errorf("%q: time, digits, embedded, signed, kept are %s, want %s", tt.value, got, want)
		}
	}
	if keeps(rule{keep: true, class: naming}, []byte("https://b/?X-Amz-Signature=1")) || !keeps(rule{class: naming, keep: true}, []byte("2024")) {
		t.Error("a name is kept whatever its shape, unless it is signed")
	}
	if keeps(rule{}, []byte("x")) || !keeps(rule{}, []byte("arn:aws:s3:::b")) {
		t.Error("where the root keeps nothing else it keeps ARNs")
	}
}
