package synth

import (
	"fmt"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
)

// selectsManagement reports whether a trail logs all management events of one
// direction, source included when the trail can exclude it.
func selectsManagement(t *account.TrailSelectors, read bool, excludableSource string) bool {
	for _, b := range t.Basic {
		if b.Management && direction(b.ReadWrite, read) && !contains(b.ExcludeManagementSources, excludableSource) {
			return true
		}
	}
	for _, a := range t.Advanced {
		if advancedCovers(a, "Management", "", read, excludableSource) {
			return true
		}
	}
	return false
}

// wholeType are the values by which a basic selector takes a resource type in full.
// Source: CloudTrail API reference, DataResource.
var wholeType = map[string]bool{"arn:aws:s3": true, "arn:aws:s3:::": true, "arn:aws:lambda": true, "arn:aws:dynamodb": true}

// selectsData reports whether a trail logs all data events of a type.
func selectsData(t *account.TrailSelectors, dataType string, read bool) bool {
	if dataType == "" {
		return false
	}
	for _, b := range t.Basic {
		for _, prefix := range b.Data[dataType] {
			if wholeType[prefix] && direction(b.ReadWrite, read) {
				return true
			}
		}
	}
	for _, a := range t.Advanced {
		if advancedCovers(a, "Data", dataType, read, "") {
			return true
		}
	}
	return false
}

func direction(readWrite string, read bool) bool {
	return readWrite == "" || strings.EqualFold(readWrite, "All") || strings.EqualFold(readWrite, "ReadOnly") == read
}

// advancedCovers reports whether one advanced selector takes all events of a
// category (and type, and direction); any other field restricts it, so no.
func advancedCovers(a account.AdvancedSelector, category, dataType string, read bool, source string) bool {
	gotCategory, gotType := false, dataType == ""
	for _, f := range a.Fields {
		switch {
		case f.Field == "eventCategory":
			gotCategory = onlyEquals(f) && contains(f.Equals, category)
		case f.Field == "resources.type":
			gotType = onlyEquals(f) && contains(f.Equals, dataType)
		case f.Field == "readOnly":
			if !onlyEquals(f) || !contains(f.Equals, fmt.Sprint(read)) {
				return false
			}
		case f.Field == "eventSource" && category == "Management" && len(f.Equals)+len(f.StartsWith)+len(f.EndsWith)+len(f.NotStartsWith)+len(f.NotEndsWith) == 0:
			if source != "" && contains(f.NotEquals, source) {
				return false
			}
		default:
			return false
		}
	}
	return gotCategory && gotType
}

func onlyEquals(f account.FieldSelector) bool {
	return len(f.Equals) > 0 && len(f.StartsWith)+len(f.EndsWith)+len(f.NotEquals)+len(f.NotStartsWith)+len(f.NotEndsWith) == 0
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if s != "" && strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}
