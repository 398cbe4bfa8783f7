// Package iam holds AWS policy documents and decides questions about them:
// what a request may do (Evaluate), and whether one set of documents allows
// nothing that another does not (Includes).
package iam
