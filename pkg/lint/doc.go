// Package lint finds what is wrong, risky or superfluous in AWS policy documents,
// each with its place in the file and a remedy.
//
// New prepares a Linter from the facts, File lints one file: a document, a list of
// them, or JSON that holds some (authorization details, the output of
// get-role-policy). Rules lists what can be found; docs/lint.md is made of it.
// Ids of rules stay as they are once released; messages may change.
//
// The package reads documents more tolerantly than iam.Parse, since what that
// refuses is what lint is to point at, and it knows the facts, of which iam knows
// nothing. Input is hostile: time and memory are in proportion to it, past a
// budget of work checks that compare lists with each other are left out.
package lint
