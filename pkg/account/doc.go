// Package account holds what is granted (users, groups, roles and the policies
// attached to them) and what AWS itself says was used, loaded from the files
// that the AWS CLI writes.
package account
