// Package workload makes CloudTrail archives of invented organizations, with
// the account files that belong to them and the truth about what happened.
//
// Start with [Demo] or [Big], change what the [Config] should have otherwise,
// and call [Write]. The same Config gives the same bytes on every machine.
//
// The truth is noted where a call is invented, before it becomes a record: no
// code of the product takes part in it, so that it can judge the product.
// For the same reason nothing here is shared with the synthesis: the names that
// the workloads invent (dates, tenants, build ids) are written, never parsed.
//
// The package serves tests and benchmarks of this repository only and promises
// no compatibility.
package workload
