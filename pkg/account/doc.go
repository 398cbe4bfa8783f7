// Package account holds what is granted (users, groups, roles and the policies
// attached to them) and what AWS itself says was used, loaded from the files
// that the AWS CLI writes.
//
// Load reads files and folders and recognises every JSON value by its content.
// What it can't use becomes a Warning of the Snapshot, never an error, since one
// odd file among many must not stop the work; only when nothing at all is
// recognised does Load fail. Nothing here talks to AWS.
package account
