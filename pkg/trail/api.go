package trail

import (
	"context"
	"io"
	"time"
)

// ObjectKind tells delivered log objects from what lies beside them.
type ObjectKind string

// The kinds that object names tell.
const (
	KindLog     ObjectKind = "log"
	KindDigest  ObjectKind = "digest"  // CloudTrail-Digest
	KindInsight ObjectKind = "insight" // CloudTrail-Insight
	KindOther   ObjectKind = "other"   // not a log by its name (.csv, .txt, …)
)

// Object is one log object of a source.
type Object struct {
	Key     string // the path or key as listed, '/'-separated, relative to its source
	Size    int64  // bytes; -1 unknown (stdin)
	ModTime time.Time
	ETag    string
	Kind    ObjectKind
	// From the delivery layout; "" and zero where the name does not tell.
	Account, Region string
	Day             time.Time // delivery day, UTC midnight
}

// Source lists and opens log objects. Implementations: Dir, File list, Stdin, and s3trail later.
type Source interface {
	// List calls fn for each object, in key order, until fn fails or ctx ends.
	List(ctx context.Context, fn func(Object) error) error
	// Open opens an object listed before. The caller closes it.
	Open(ctx context.Context, o Object) (io.ReadCloser, error)
}

// Open returns the source for one command-line argument: a directory (walked), a
// file, a glob, or "-" for stdin.
func Open(arg string, stdin io.Reader) (Source, error) { panic("todo") }

// Identity is a record's userIdentity.
type Identity struct {
	Type, PrincipalID, ARN, AccountID, AccessKeyID, UserName, InvokedBy string
	IdentityProvider                                                    string
	OnBehalfOf                                                          string // Identity Center user id
	CredentialID                                                        string
	Issuer                                                              Issuer // sessionContext.sessionIssuer
	MFA                                                                 string // sessionContext.attributes.mfaAuthenticated: "true", "false" or ""
	FederatedProvider                                                   string // sessionContext.webIdFederationData.federatedProvider
	SourceIdentity                                                      string
}

// Issuer is sessionContext.sessionIssuer.
type Issuer struct {
	Type, PrincipalID, ARN, AccountID, UserName string
}

// Event is one record. All its strings and bytes are valid until the Decoder's
// next call; who keeps one clones it.
type Event struct {
	ID, SharedID                 string
	Time                         time.Time // zero when absent or unreadable
	Source, Name, Type, Category string
	Version                      string
	Region                       string // awsRegion
	SourceIP, UserAgent          string
	ErrorCode, ErrorMessage      string
	RecipientAccount             string
	VPCEndpoint                  string
	ReadOnly, Management         int8 // 0 absent, 1 false, 2 true
	Identity                     Identity
	// Raw JSON values; nil when absent or null.
	RequestParameters, ResponseElements, AdditionalEventData, Resources []byte
}

// SyntaxError is a record or an object that cannot be read. Decoding goes on
// after it where Resumable is set.
type SyntaxError struct {
	Record    int   // 0-based within the object; -1: the object itself
	Offset    int64 // bytes of decompressed input; -1 unknown
	Msg       string
	Resumable bool
}

func (e *SyntaxError) Error() string { panic("todo") }

// Limits bound what one object may cost.
type Limits struct {
	MaxRecord int64 // bytes of one record; default 100 MiB
	MaxObject int64 // decompressed bytes; default 4 GiB
	MaxRatio  int64 // decompressed ÷ compressed; default 1,100 (deflate's own bound is 1,032)
}

// Decoder pulls the records of one object after the other.
//
//	d.Reset(r)
//	for d.Next() { use(d.Event()) }
//	err := d.Err()
type Decoder struct{ todo int }

// NewDecoder returns a decoder; zero limits mean the defaults.
func NewDecoder(l Limits) *Decoder { panic("todo") }

// Reset starts an object: gzip, zstd or plain, told by content.
func (d *Decoder) Reset(r io.Reader) { panic("todo") }

// Next advances to the next readable record.
func (d *Decoder) Next() bool { panic("todo") }

// Event lends the current record.
func (d *Decoder) Event() *Event { panic("todo") }

// Err is the error that ended the object, nil at its clean end.
func (d *Decoder) Err() error { panic("todo") }

// Unreadable lists the records skipped so far in this object.
func (d *Decoder) Unreadable() []*SyntaxError { panic("todo") }

// Offset and Bytes tell progress: compressed bytes consumed is the reader's matter,
// Bytes is the number of decompressed bytes.
func (d *Decoder) Bytes() int64 { panic("todo") }
