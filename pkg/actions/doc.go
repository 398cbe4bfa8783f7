// Package actions holds the facts: which IAM actions a CloudTrail call
// exercises, on which resources, at which access level, and whether the logs
// could have shown it.
package actions
