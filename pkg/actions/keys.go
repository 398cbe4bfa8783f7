package actions

import (
	"maps"
	"slices"
	"strings"
)

// KeyType is the type of a condition key's values, as the service authorization
// reference names it.
type KeyType string

// The types of condition keys. A key of an Array type has many values in one
// request, so conditions on it need ForAllValues or ForAnyValue.
const (
	StringKey  KeyType = "String"
	ARNKey     KeyType = "ARN"
	BoolKey    KeyType = "Bool"
	DateKey    KeyType = "Date"
	NumericKey KeyType = "Numeric"
	IPKey      KeyType = "IPAddress"
	BinaryKey  KeyType = "Binary"
	StringsKey KeyType = "ArrayOfString"
	ARNsKey    KeyType = "ArrayOfARN"
	BoolsKey   KeyType = "ArrayOfBool"
)

// keyTypes lists the types with their letters in the facts file; capitals are the
// arrays.
func keyTypes() map[KeyType]byte {
	return map[KeyType]byte{
		StringKey: 's', ARNKey: 'a', BoolKey: 'b', DateKey: 'd', NumericKey: 'n',
		IPKey: 'i', BinaryKey: 'x', StringsKey: 'S', ARNsKey: 'A', BoolsKey: 'B',
	}
}

// Code is the letter of the type in the facts file; false for an unknown type.
func (t KeyType) Code() (byte, bool) {
	code, ok := keyTypes()[t]
	return code, ok
}

// Multivalued reports whether a request has a list of values of the key.
func (t KeyType) Multivalued() bool { return strings.HasPrefix(string(t), "ArrayOf") }

// Element is the type of a single value: String for ArrayOfString.
func (t KeyType) Element() KeyType { return KeyType(strings.TrimPrefix(string(t), "ArrayOf")) }

// ConditionKey is a condition key of the reference. Keys that end in a tag's name
// are spelt with a variable: "aws:RequestTag/${TagKey}".
type ConditionKey struct {
	Name string
	Type KeyType // "" where the reference does not tell
}

// ConditionKeys lists the condition keys of all services, sorted by name without
// repetition. Services that spell one key with different types have it once for
// each type.
func (c *Catalog) ConditionKeys() []ConditionKey {
	byCode := map[byte]KeyType{}
	for t, code := range keyTypes() {
		byCode[code] = t
	}
	set := map[ConditionKey]bool{}
	for i := range c.facts.services {
		s := &c.facts.services[i]
		for j, name := range s.keys {
			set[ConditionKey{name, byCode[s.typeCode(j)]}] = true
		}
	}
	return slices.SortedFunc(maps.Keys(set), func(a, b ConditionKey) int {
		return strings.Compare(a.Name+"\t"+string(a.Type), b.Name+"\t"+string(b.Type))
	})
}

// typeCode is the letter of the type of the i-th key, 0 for an unknown one.
func (s *service) typeCode(i int) byte {
	if i < len(s.typed) {
		return s.typed[i]
	}
	return 0
}

// ResourceTypes lists all resource types of a service with their ARN templates,
// none for an unknown service. Required is of actions, so it is false here.
func (c *Catalog) ResourceTypes(prefix string) []ResourceType {
	i, ok := c.facts.index[prefix]
	if !ok {
		return nil
	}
	var out []ResourceType
	for _, t := range c.facts.services[i].types {
		for arn := range splitList(t.arns) {
			out = append(out, ResourceType{Name: t.name, ARN: arn})
		}
	}
	return out
}
