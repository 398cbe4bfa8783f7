package ocsf

import "github.com/tighten-iam/tighten/pkg/trail/ocsf/internal/leaves"

// field is what a column holds.
type field int

// The columns that say something of the record. The versions of the schema have
// different names of some.
const (
	product  field = iota // "CloudTrail"
	version               // eventVersion
	category              // eventCategory
	code                  // eventType
	eventID
	eventTime
	eventTimeDT
	region
	operation
	service
	errorCode
	errorMessage
	request
	response
	actorType
	actorName
	actorUID
	actorAlt
	actorUUID
	actorAccount
	actorKey
	sessionMFA
	sessionIssuer
	invokedBy
	provider
	sourceUID
	sourceIP
	sourceDomain
	agent
	class
	status
	loginMFA
	loginTo
	targetName
	targetUID
	targetUUID
	scalars // the number of those before, of which a row has one value at most

	resourceUID     = scalars
	resourceAccount = scalars + 1
	resourceType    = scalars + 2
	unmappedKey     = scalars + 3
	unmappedValue   = scalars + 4
	fieldCount      = scalars + 5
)

// fieldOf is the field of a column, -1 for one that is not read.
func fieldOf(path string) field {
	switch path {
	case "metadata.product.name":
		return product
	case "metadata.product.version":
		return version
	case "metadata.product.feature.name":
		return category
	case "metadata.event_code":
		return code
	case "metadata.uid":
		return eventID
	case "time":
		return eventTime
	case "time_dt":
		return eventTimeDT
	case "cloud.region":
		return region
	case "class_uid":
		return class
	case "status":
		return status
	case "mfa", "is_mfa":
		return loginMFA
	case "http_request.user_agent":
		return agent
	case "dst_endpoint.svc_name":
		return loginTo
	case "resources.uid":
		return resourceUID
	case "resources.account_uid", "resources.owner.account.uid", "resources.owner.account_uid":
		return resourceAccount
	case "resources.type":
		return resourceType
	case "unmapped.key":
		return unmappedKey
	case "unmapped.value":
		return unmappedValue
	}
	if f := apiField(path); f >= 0 {
		return f
	}
	return partyField(path)
}

func apiField(path string) field {
	switch path {
	case "api.operation":
		return operation
	case "api.service.name":
		return service
	case "api.response.error":
		return errorCode
	case "api.response.message":
		return errorMessage
	case "api.request.data":
		return request
	case "api.response.data":
		return response
	}
	return -1
}

// partyField is a field of who called, from where, and as whom.
func partyField(path string) field {
	switch path {
	case "actor.user.type":
		return actorType
	case "actor.user.name":
		return actorName
	case "actor.user.uid":
		return actorUID
	case "actor.user.uid_alt":
		return actorAlt
	case "actor.user.uuid":
		return actorUUID
	case "actor.user.account_uid", "actor.user.account.uid":
		return actorAccount
	case "actor.user.credential_uid":
		return actorKey
	case "actor.session.mfa", "actor.session.is_mfa":
		return sessionMFA
	case "actor.session.issuer":
		return sessionIssuer
	case "actor.invoked_by":
		return invokedBy
	case "actor.idp.name":
		return provider
	case "src_endpoint.uid":
		return sourceUID
	case "src_endpoint.ip":
		return sourceIP
	case "src_endpoint.domain":
		return sourceDomain
	case "user.name":
		return targetName
	case "user.uid":
		return targetUID
	case "user.uuid":
		return targetUUID
	}
	return -1
}

// layout is which columns of a file are read.
type layout struct {
	leaves []leaves.Leaf
	fields []field // of the leaves
	ours   bool    // rows may be CloudTrail records
}

func layoutOf(all []leaves.Leaf) layout {
	var l layout
	var seen [fieldCount]bool
	for _, leaf := range all {
		f := fieldOf(leaf.Path)
		if f < 0 || seen[f] || !readable(leaf.Type) {
			continue
		}
		seen[f] = true
		l.leaves, l.fields = append(l.leaves, leaf), append(l.fields, f)
	}
	l.ours = seen[operation] && seen[service]
	return l
}

func readable(physical int32) bool {
	switch physical {
	case leaves.Boolean, leaves.Int32, leaves.Int64, leaves.ByteArray, leaves.FixedByteArray:
		return true
	}
	return false
}

// preface is what stands before the records: for a decoder, a file without a row is
// an empty log, while one of another schema has no records.
func (l *layout) preface() string {
	if l.ours {
		return `{"Records":null}` + "\n"
	}
	return "{}\n"
}
