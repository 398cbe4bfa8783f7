package trail

import "time"

// Identity is a record's userIdentity.
type Identity struct {
	Type, PrincipalID, ARN, AccountID, AccessKeyID, UserName, InvokedBy string
	IdentityProvider                                                    string
	OnBehalfOf                                                          string // onBehalfOf.userId: Identity Center user id
	CredentialID                                                        string
	Issuer                                                              Issuer // sessionContext.sessionIssuer
	MFA                                                                 string // sessionContext.attributes.mfaAuthenticated: "true", "false" or ""
	FederatedProvider                                                   string // sessionContext.webIdFederationData.federatedProvider
	SourceIdentity                                                      string // sessionContext.sourceIdentity
	// Serial is 0, or the number of an identity that this Decoder remembers: two of its
	// events with one Serial have equal identities.
	Serial uint64
}

// Issuer is sessionContext.sessionIssuer.
type Issuer struct {
	Type, PrincipalID, ARN, AccountID, UserName string
}

// The values of Event.ReadOnly and Event.Management.
const (
	Absent int8 = iota // neither true nor false was logged
	False
	True
)

// Event is one record. All its strings and bytes are valid until the Decoder's
// next call; who keeps one clones it.
//
// A member that is absent, null or of another type leaves its field empty, except
// that numbers and booleans are taken as their text, and of a list of user agents
// the first. Text is as logged: white space around an event name stays. Invalid
// UTF-8 has become U+FFFD.
type Event struct {
	ID, SharedID                 string
	Time                         time.Time // UTC; zero when absent or unreadable
	Source, Name, Type, Category string
	Version                      string
	Region                       string // awsRegion
	SourceIP, UserAgent          string
	ErrorCode, ErrorMessage      string
	RecipientAccount             string
	VPCEndpoint                  string
	ReadOnly, Management         int8 // Absent, False or True; strings "true" and "false" count
	Identity                     Identity
	// Raw JSON values; nil when absent, null or "null". A JSON string that holds an
	// object or an array is unwrapped.
	RequestParameters, ResponseElements, AdditionalEventData, Resources []byte
}
