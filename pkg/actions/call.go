package actions

import "github.com/tighten-iam/tighten/internal/args"

// Arg is one canonical leaf of a call's arguments.
type Arg = args.Leaf

// Call is one distinct CloudTrail call, as the usage dataset stores it.
type Call struct {
	EventSource, EventName string
	EventType, Category    string // "AwsApiCall", "Management"; may be ""
	Region                 string
	Account                string // of the caller ("" unknown)
	RecipientAccount       string // the account whose trail has the record
	PrincipalType          string // userIdentity.type, e.g. "AWSService"
	Caller                 string // ARN of the IAM user who made a call to IAM; "" otherwise, or not known
	InvokedBy              string // service that called on the principal's behalf
	ReadOnly               Tri
	ErrorCode              string
	ErrorMessage           string // optional; only the shape, never copied out
	Args                   []Arg  // sorted by path, value
}

// Tri is a boolean that may be absent.
type Tri uint8

// The three values of Tri.
const (
	Absent Tri = iota
	False
	True
)
