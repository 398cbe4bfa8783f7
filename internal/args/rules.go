package args

import "bytes"

// class says what becomes of the value of a member.
type class uint8

const (
	plain     class = iota // a value of no known kind: kept if it is a short string
	naming                 // names something: numbers and digits are kept too
	presence               // only that it is there counts; a subtree collapses to one leaf
	container              // a scalar is kept, a subtree collapses (DynamoDB's key)
	document               // a policy document collapses, another value is plain
	statement              // a PartiQL statement: kept with its literals masked
	faint                  // says nothing; only that its root is not empty, where it alone says so
	volatile               // dropped with all below it
)

// byKey classifies member names in lower case. The reasons, group by group:
// what differs from call to call would make every call distinct, what people
// write freely or keep secret has no place in a dataset, and none of it can name
// a resource or choose an action.
var byKey = map[string]class{
	// Tags: that there are some decides about the service's tagging action.
	"tags": presence, "tag": presence, "tagset": presence, "taglist": presence,
	"tagging": presence, "tagspecifications": presence, "tagspecificationset": presence,
	"x-amz-tagging": presence, "tagkeys": presence,

	// Secrets, and what may hold them.
	"environment": presence, "environmentvariables": presence, "variables": presence,
	"secret": presence, "secrets": presence, "secretstring": presence, "secretbinary": presence,
	"secretaccesskey": presence, "accesskeyid": presence, "credentials": presence,
	"password": presence, "passphrase": presence, "privatekey": presence, "keymaterial": presence,
	"publickeymaterial": presence, "plaintext": presence, "plaintextkey": presence,
	"ciphertextblob": presence, "ciphertext": presence, "samlassertion": presence,
	"authparameters": presence, "connectionproperties": presence, "encryptioncontext": presence,
	"privatekeyplaintext": presence, "mfacode": presence, "tokencode": presence,
	"authenticationcode1": presence, "authenticationcode2": presence,
	"x-amz-server-side-encryption-customer-key":                 presence,
	"x-amz-server-side-encryption-customer-key-md5":             presence,
	"x-amz-copy-source-server-side-encryption-customer-key":     presence,
	"x-amz-copy-source-server-side-encryption-customer-key-md5": presence,
	"x-amz-server-side-encryption-context":                      presence,

	// Filters and free text.
	"filter": presence, "filters": presence, "filterset": presence, "dimensions": presence,
	"description": presence, "comment": presence, "comments": presence, "message": presence,
	"messageattributes": presence, "messagebody": presence, "body": presence, "subject": presence,
	"content": presence, "contents": presence, "userdata": presence, "code": presence,
	"zipfile": presence, "templatebody": presence, "input": presence, "payload": presence,
	"clientcontext": presence, "metricdata": presence, "metricdataqueries": presence,
	"sql": presence, "query": presence, "querystring": presence, "querystatement": presence,
	"useragent": presence, "user-agent": presence, "from": presence,

	// Who is behind a session, and what is made anew for each one.
	"rolesessionname": presence, "sourceidentity": presence, "loginto": presence,

	// Pages, retries, parts of an upload, receipts.
	"marker": presence, "nextmarker": presence, "keymarker": presence, "key-marker": presence,
	"startafter": presence, "start-after": presence, "cursor": presence,
	"exclusivestartkey": presence, "lastevaluatedkey": presence, "version-id-marker": presence,
	"upload-id-marker": presence, "callerreference": presence, "uploadid": presence,
	"receipthandle": presence, "partitionkey": presence, "explicithashkey": presence,
	"messagegroupid": presence, "messagededuplicationid": presence, "clientrequestid": presence,
	"requestid": presence, "range": presence, "if-match": presence, "if-none-match": presence,
	"content-md5": presence, "contenthash": presence,

	// Signatures.
	"x-amz-signature": presence, "x-amz-date": presence, "x-amz-credential": presence,
	"x-amz-expires": presence, "expires": presence, "signature": presence, "awsaccesskeyid": presence,
	"x-amz-content-sha256": presence,

	// Items of a table: the values are data, the names of members are not.
	"key": container, "keys": container, "item": container,
	"expressionattributevalues": presence, "expressionattributenames": presence,

	"statement": statement,

	// New in every record.
	"x-amz-id-2": volatile, "x-amz-request-id": volatile, "x-amz-cf-id": volatile,
}

// ending classifies member names by their end where byKey has no row.
type ending struct {
	end string
	class
}

// byEnd is read from the top. Names of things that end like a name of something
// secret ("secretId", "secretName") match a lower row.
var byEnd = []ending{
	{"tags", presence},
	{"token", presence},
	{"password", presence},
	{"expression", presence},
	{"variables", presence},
	{"description", presence},
	{"secretkey", presence},
	{"privatekey", presence},
	{"secret", presence},
	{"document", document},
	{"name", naming},
	{"names", naming},
	{"id", naming},
	{"ids", naming},
	{"arn", naming},
	{"arns", naming},
	{"url", naming},
	{"uri", naming},
	{"identifier", naming},
	{"qualifier", naming}, // a function's version is a name of digits
	{"versionnumber", naming},
	{"account", naming},
	{"accounts", naming},
	{"path", naming},
	{"prefix", naming},
	{"role", naming},
	{"profile", naming},
	{"key", naming},
}

// byStart classifies request headers that come in families.
var byStart = []ending{
	{"x-amz-meta-", presence},
	{"x-amz-checksum-", presence},
}

// inside classifies member names by a part of them: policies of all kinds.
var inside = []ending{
	{"policy", document},
	{"document", document},
}

// ofResponse overrides byKey for responseElements: ids that only this response
// carries.
var ofResponse = map[string]bool{
	"credentials": true, "assumedroleuser": true, "federateduser": true, "requestid": true,
	"accesskeyid": true, "messageid": true, "versionid": true, "x-amz-version-id": true,
	"reservationid": true, "revisionid": true, "requesterid": true, "sequencenumber": true,
	"queryid": true, "queryexecutionid": true, "operationid": true, "ownerid": true,
}

// ofAdditional are the members of additionalEventData that choose an action: whether KMS
// was asked for the object, and where a model was invoked.
var ofAdditional = map[string]bool{"sseapplied": true, "inferenceregion": true}

// passing are the ids of additionalEventData that only this record carries, or that are
// of no resource: a key's material has no ARN.
var passing = map[string]bool{"extendedrequestid": true, "connectionid": true, "keymaterialid": true}

// echoes are the parameters that repeat what the record says elsewhere: S3's "x-id" is
// the name of the operation.
var echoes = map[string]bool{"x-id": true}

// responseEnds are the ends of the names whose values are kept of a response, and of
// additionalEventData.
var responseEnds = []string{"name", "names", "id", "ids", "arn", "arns", "url"}

// ofResources are the members kept of an element of resources[]. The type follows from
// the ARN; alone it says that the call was about something.
var ofResources = map[string]bool{
	"arn": true, "arnprefix": true, "resourcename": true, "accountid": true, "type": true,
}

// prose are the ends of the names whose values are text or a page of a list even
// where they have the shape of an ARN.
var prose = []string{"description", "comment", "comments", "message", "subject", "marker", "cursor", "token", "body"}

// numberEnds are the ends of the names under which a JSON number is an
// identifier and not a quantity: accounts, and the versions of layers. Other ids and
// names are strings in all APIs that have ARNs of them, so that a number is none.
var numberEnds = []string{"account", "accounts", "accountid", "accountids", "ownerid", "registryid", "catalogid", "versionnumber"}

// classify finds the class of a member name in lower case.
func classify(key []byte) class {
	if c, ok := byKey[string(key)]; ok {
		return c
	}
	for _, r := range byStart {
		if len(key) > len(r.end) && string(key[:len(r.end)]) == r.end {
			return r.class
		}
	}
	for _, r := range byEnd {
		if endsWith(key, r.end) {
			return policyOr(r.class, key)
		}
	}
	return policyOr(plain, key)
}

// policyOr makes policyName and documentId naming, and bucketPolicy a document; a
// documentEnrichmentConfiguration is an object of the API and no document.
func policyOr(c class, key []byte) class {
	if c != plain || endsWith(key, "configuration") || endsWith(key, "config") {
		return c
	}
	for _, r := range inside {
		if bytes.Contains(key, []byte(r.end)) {
			return r.class
		}
	}
	return plain
}

func endsWith(key []byte, end string) bool {
	return len(key) >= len(end) && string(key[len(key)-len(end):]) == end
}

func endsWithAny(key []byte, ends []string) bool {
	for _, e := range ends {
		if endsWith(key, e) {
			return true
		}
	}
	return false
}
