package ingest

import (
	"github.com/tighten-iam/tighten/internal/args"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// The keys of a call's context, sorted.
const (
	contextMFA           = "mfa"            // mfaAuthenticated: "true" or "false"
	contextSourceAccount = "source-account" // userIdentity.accountId, where it is not the recipient
	contextVia           = "via"            // invokedBy: the service that called on the principal's behalf
	contextVPCE          = "vpce"           // vpcEndpointId
)

// maxText bounds what is kept of a text that a caller could make as long as
// they like: the longest that AWS accepts where these are set (an external id)
// has 1,224 bytes.
const maxText = 1280

// Record fills dst with what a builder counts of one event. It reuses the
// slices of dst; the strings of dst are borrowed from e and valid as long.
func Record(dst *usage.Record, e *trail.Event) {
	list := dst.Args[:0]
	fill(dst, e)
	dst.Identity.Serial = 0 // of one decoder, where a worker's builder has one
	dst.Args, dst.Raw = args.Flatten(list, &dst.Raw), args.Raw{}
}

// fill is Record without Args: the builder flattens Raw, and remembers.
func fill(dst *usage.Record, e *trail.Event) {
	*dst = usage.Record{
		EventID: e.ID, SharedID: e.SharedID,
		Time:        e.Time,
		EventSource: e.Source, EventName: e.Name, EventType: e.Type, Category: e.Category,
		Region: e.Region, RecipientAccount: recipient(e),
		ReadOnly:  e.ReadOnly,
		ErrorCode: e.ErrorCode,
		Outcome:   string(actions.OutcomeOf(e.Source, e.ErrorCode, e.ErrorMessage)),
		Identity:  identity(&e.Identity),
		Raw: args.Raw{
			Parameters: e.RequestParameters, Response: e.ResponseElements,
			Resources: e.Resources, Additional: e.AdditionalEventData,
		},
		Context: contextOf(dst.Context[:0], e),
	}
	if mechanism, ok := trustMechanism(e); ok {
		dst.Trust = trustOf(dst, e, mechanism)
	}
}

func identity(id *trail.Identity) usage.Identity {
	return usage.Identity{
		Type: id.Type, PrincipalID: id.PrincipalID, ARN: id.ARN, AccountID: id.AccountID,
		UserName: id.UserName, InvokedBy: id.InvokedBy, IdentityProvider: id.IdentityProvider,
		IssuerType: id.Issuer.Type, IssuerPrincipalID: id.Issuer.PrincipalID, IssuerARN: id.Issuer.ARN,
		IssuerAccountID: id.Issuer.AccountID, IssuerUserName: id.Issuer.UserName,
		MFA: id.MFA, FederatedProvider: id.FederatedProvider,
		Serial: id.Serial,
	}
}

// contextOf appends the pairs that a record has, in the order of their keys.
func contextOf(dst []usage.ContextPair, e *trail.Event) []usage.ContextPair {
	add := func(key, value string) {
		if value != "" {
			dst = append(dst, usage.ContextPair{Key: key, Value: clip(value)})
		}
	}
	add(contextMFA, e.Identity.MFA)
	if e.Identity.AccountID != recipient(e) {
		add(contextSourceAccount, e.Identity.AccountID)
	}
	add(contextVia, e.Identity.InvokedBy)
	add(contextVPCE, e.VPCEndpoint)
	return dst
}

// clip cuts a text at maxText bytes.
func clip(s string) string {
	return s[:min(len(s), maxText)]
}
