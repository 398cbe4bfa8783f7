// Package depcheck keeps the walls between the packages of this module: which
// package may import which, and where the network, other programs, the AWS SDK
// and Parquet may be used at all. The walls are a table (Walls); the test of
// this package reads the imports of the checkout and holds them against it.
package depcheck
