// Package family makes CloudTrail archives of a second family of workloads,
// written without a look at the synthesis that they judge. Each workload is one
// account: a job with its role and policies, the neighbours that share the
// account, and the truth about every call.
//
// [All] lists the workloads, [Workload.Make] invents one. The same seed and days
// give the same bytes on every machine.
//
// Records have the members that CloudTrail documents for each event. What a
// record leaves out (the suffix of a secret that is named, the workgroup of a
// query id) the truth knows all the same.
package family
