// Package diff compares two policies by what they allow, not by their text
// (Compare), and prints the difference of their texts for patches (Unified).
//
// Compare looks at actions, resources and conditions as they are written: it tells
// a person what a change means and is no proof. For a proof, see iam.Includes.
package diff
