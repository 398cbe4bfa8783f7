// Package usage holds what was called, by whom, on what, in columnar tables:
// calls (primary), usage (derived from calls by the facts), trust, deliveries
// and coverage; their builders, their merge, and the dataset on disk.
package usage
