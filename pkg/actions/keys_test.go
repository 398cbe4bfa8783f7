package actions

import (
	"slices"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions/reference"
)

// TestConditionKeyTypes holds some types against the pages of the reference, and
// sees that a merge keeps them and gives none to the keys that it adds.
func TestConditionKeyTypes(t *testing.T) {
	data, _, err := Default().Merge([]*reference.Service{{Name: "s3", Actions: []reference.Action{{Name: "NewThing", Level: "Read", Keys: []string{"s3:NewKey"}}}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	merged, err := OpenFacts(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Catalog{Default(), merged} {
		keys := c.ConditionKeys()
		for _, want := range []ConditionKey{
			{"s3:prefix", StringKey}, {"s3:max-keys", NumericKey}, {"aws:TagKeys", StringsKey},
			{"iam:PolicyARN", ARNKey}, {"ec2:IsLaunchTemplateResource", BoolKey},
		} {
			if !slices.Contains(keys, want) {
				t.Errorf("no %v among the condition keys", want)
			}
		}
	}
	if !slices.Contains(merged.ConditionKeys(), ConditionKey{"s3:NewKey", ""}) {
		t.Error("a key that a merge added is not there, or has a type")
	}
}

func TestKeyType(t *testing.T) {
	if StringsKey.Element() != StringKey || !StringsKey.Multivalued() || StringKey.Multivalued() {
		t.Error("ArrayOfString is many values of String")
	}
	if _, ok := KeyType("Thing").Code(); ok {
		t.Error("an unknown type has a code")
	}
}

func TestResourceTypes(t *testing.T) {
	got := Default().ResourceTypes("sqs")
	if !slices.Contains(got, ResourceType{Name: "queue", ARN: "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"}) {
		t.Errorf("sqs: %v", got)
	}
	if Default().ResourceTypes("nosuch") != nil {
		t.Error("an unknown service has types")
	}
}
