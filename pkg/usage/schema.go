package usage

// The tables on disk, column by column.

func callColumns() []column[Call] {
	return []column[Call]{
		date("day", func(r *Call) *int32 { return &r.Day }),
		text("account", func(r *Call) *string { return &r.Account }),
		text("recipient_account", func(r *Call) *string { return &r.RecipientAccount }),
		text("principal", func(r *Call) *string { return &r.Principal }),
		text("principal_id", func(r *Call) *string { return &r.PrincipalID }),
		text("principal_type", func(r *Call) *PrincipalType { return &r.PrincipalType }),
		text("event_source", func(r *Call) *string { return &r.EventSource }),
		text("event_name", func(r *Call) *string { return &r.EventName }),
		text("event_type", func(r *Call) *string { return &r.EventType }),
		text("category", func(r *Call) *string { return &r.Category }),
		flag("read_only", func(r *Call) *int8 { return &r.ReadOnly }),
		text("region", func(r *Call) *string { return &r.Region }),
		text("outcome", func(r *Call) *string { return &r.Outcome }),
		text("error_code", func(r *Call) *string { return &r.ErrorCode }),
		text("args_id", func(r *Call) *string { return &r.ArgsID }),
		text("context_id", func(r *Call) *string { return &r.ContextID }),
		text("lane", func(r *Call) *string { return &r.Lane }),
		count("events", func(r *Call) *int64 { return &r.Events }),
		distinct(moment("first", func(r *Call) *int64 { return &r.First })),
		distinct(moment("last", func(r *Call) *int64 { return &r.Last })),
	}
}

func usageColumns() []column[Row] {
	return []column[Row]{
		date("day", func(r *Row) *int32 { return &r.Day }),
		text("principal", func(r *Row) *string { return &r.Principal }),
		text("principal_id", func(r *Row) *string { return &r.PrincipalID }),
		text("account", func(r *Row) *string { return &r.Account }),
		text("recipient_account", func(r *Row) *string { return &r.RecipientAccount }),
		text("region", func(r *Row) *string { return &r.Region }),
		text("event_source", func(r *Row) *string { return &r.EventSource }),
		text("action", func(r *Row) *string { return &r.Action }),
		heavy(text("resource", func(r *Row) *string { return &r.Resource }), func(r *Row) int { return len(r.Resource) }),
		text("resource_kind", func(r *Row) *string { return &r.Kind }),
		text("level", func(r *Row) *string { return &r.Level }),
		text("basis", func(r *Row) *string { return &r.Basis }),
		text("passed_to", func(r *Row) *string { return &r.PassedTo }),
		text("outcome", func(r *Row) *string { return &r.Outcome }),
		text("via", func(r *Row) *string { return &r.Via }),
		text("category", func(r *Row) *string { return &r.Category }),
		text("lane", func(r *Row) *string { return &r.Lane }),
		count("count", func(r *Row) *int64 { return &r.Count }),
		distinct(moment("first", func(r *Row) *int64 { return &r.First })),
		distinct(moment("last", func(r *Row) *int64 { return &r.Last })),
	}
}

// keyedRow is one element of a list that is kept by its content hash.
type keyedRow[E any] struct {
	id      string
	element E
}

type pairRow = keyedRow[ContextPair]

func pairColumns() []column[pairRow] {
	return []column[pairRow]{
		text("context_id", func(r *pairRow) *string { return &r.id }),
		text("key", func(r *pairRow) *string { return &r.element.Key }),
		text("value", func(r *pairRow) *string { return &r.element.Value }),
	}
}

func trustColumns() []column[Trust] {
	return []column[Trust]{
		date("day", func(r *Trust) *int32 { return &r.Day }),
		text("role", func(r *Trust) *string { return &r.Role }),
		text("role_account", func(r *Trust) *string { return &r.RoleAccount }),
		text("caller", func(r *Trust) *string { return &r.Caller }),
		text("caller_account", func(r *Trust) *string { return &r.CallerAccount }),
		text("mechanism", func(r *Trust) *string { return &r.Mechanism }),
		text("external_id", func(r *Trust) *string { return &r.ExternalID }),
		text("subject", func(r *Trust) *string { return &r.Subject }),
		text("session_tags", func(r *Trust) *string { return &r.SessionTags }),
		text("outcome", func(r *Trust) *string { return &r.Outcome }),
		text("lane", func(r *Trust) *string { return &r.Lane }),
		count("events", func(r *Trust) *int64 { return &r.Events }),
		distinct(moment("first", func(r *Trust) *int64 { return &r.First })),
		distinct(moment("last", func(r *Trust) *int64 { return &r.Last })),
	}
}

func deliveryColumns() []column[Delivery] {
	return []column[Delivery]{
		text("account", func(r *Delivery) *string { return &r.Account }),
		text("region", func(r *Delivery) *string { return &r.Region }),
		text("kind", func(r *Delivery) *string { return &r.Kind }),
		date("day", func(r *Delivery) *int32 { return &r.Day }),
		count("objects", func(r *Delivery) *int64 { return &r.Objects }),
		count("bytes", func(r *Delivery) *int64 { return &r.Bytes }),
		count("unreadable", func(r *Delivery) *int64 { return &r.Unreadable }),
	}
}

func coverageColumns() []column[CoverageRow] {
	return []column[CoverageRow]{
		text("account", func(r *CoverageRow) *string { return &r.Account }),
		text("region", func(r *CoverageRow) *string { return &r.Region }),
		text("category", func(r *CoverageRow) *string { return &r.Category }),
		flag("read_only", func(r *CoverageRow) *int8 { return &r.ReadOnly }),
		text("event_source", func(r *CoverageRow) *string { return &r.EventSource }),
		date("day", func(r *CoverageRow) *int32 { return &r.Day }),
		text("class", func(r *CoverageRow) *string { return &r.Class }),
		count("records", func(r *CoverageRow) *int64 { return &r.Records }),
	}
}

func unmappedColumns() []column[UnmappedRow] {
	return []column[UnmappedRow]{
		date("day", func(r *UnmappedRow) *int32 { return &r.Day }),
		text("principal", func(r *UnmappedRow) *string { return &r.Principal }),
		text("account", func(r *UnmappedRow) *string { return &r.Account }),
		text("event_source", func(r *UnmappedRow) *string { return &r.EventSource }),
		text("event_name", func(r *UnmappedRow) *string { return &r.EventName }),
		text("note", func(r *UnmappedRow) *string { return &r.Note }),
		text("lane", func(r *UnmappedRow) *string { return &r.Lane }),
		count("events", func(r *UnmappedRow) *int64 { return &r.Events }),
	}
}

func objectColumns() []column[ObjectRow] {
	return []column[ObjectRow]{
		distinct(text("key", func(r *ObjectRow) *string { return &r.Key })),
		distinct(text("etag", func(r *ObjectRow) *string { return &r.ETag })),
		text("kind", func(r *ObjectRow) *string { return &r.Kind }),
		text("account", func(r *ObjectRow) *string { return &r.Account }),
		text("region", func(r *ObjectRow) *string { return &r.Region }),
		date("day", func(r *ObjectRow) *int32 { return &r.Day }),
		count("size", func(r *ObjectRow) *int64 { return &r.Size }),
		count("bytes", func(r *ObjectRow) *int64 { return &r.Bytes }),
		moment("mod_time", func(r *ObjectRow) *int64 { return &r.ModTime }),
		count("records", func(r *ObjectRow) *int64 { return &r.Records }),
		count("filtered", func(r *ObjectRow) *int64 { return &r.Filtered }),
		count("unreadable", func(r *ObjectRow) *int64 { return &r.Unreadable }),
		moment("first", func(r *ObjectRow) *int64 { return &r.First }),
		moment("last", func(r *ObjectRow) *int64 { return &r.Last }),
		text("filter", func(r *ObjectRow) *string { return &r.Filter }),
		text("error", func(r *ObjectRow) *string { return &r.Error }),
	}
}

func printColumns() []column[print] {
	return []column[print]{
		text("account", func(r *print) *string { return &r.Account }),
		date("day", func(r *print) *int32 { return &r.Day }),
		distinct(unsigned("fingerprint", func(r *print) *int64 { return &r.Fingerprint })),
		count("call", func(r *print) *int64 { return &r.Call }),
		count("trust", func(r *print) *int64 { return &r.Trust }),
	}
}
