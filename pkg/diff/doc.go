// Package diff compares two policies by what they allow, not by their text
// (Compare), and prints the difference of their texts for patches (Unified).
//
// Compare tells a person what a change means, action by action over the known ones.
// What it calls removed, narrowed, widened or kept rests on iam.Subtract; where that
// is not decided, something of the action counts as lost. How statements became
// others is told by their texts.
package diff
