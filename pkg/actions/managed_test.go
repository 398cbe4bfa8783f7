package actions

import "testing"

// Policies are decoded when one is asked for, and not before.
func TestPoliciesAreDecodedLate(t *testing.T) {
	c, err := Open(factsFile, tablesFile, []byte("broken"))
	if err != nil {
		t.Fatal("broken policies are read though none was asked for:", err)
	}
	if _, _, ok := c.ManagedPolicy("arn:aws:iam::aws:policy/AdministratorAccess"); ok {
		t.Error("a document out of a broken file")
	}
}
