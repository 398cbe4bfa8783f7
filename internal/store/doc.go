// Package store keeps a folder of immutable files whose set changes all at once.
//
// Open writes: Create stages files, Commit puts the whole new set in place of the
// old one. View reads, without a lock; Read does it again when a commit went on
// meanwhile. What the files hold is the caller's matter, as is the manifest, a file
// at the root that lists them.
//
// # How a commit is made
//
// All that is under way lies in the hidden folder .tighten of the root: the lock,
// staged files (new/), scratch space (scratch/) and the journal. A commit
//
//  1. syncs the staged files and their folder,
//  2. writes journal.json, which holds the new manifest and names the files to move
//     in and those that they supersede: from its rename on, the new set is the set,
//  3. moves the staged files to their places and replaces the manifest,
//  4. deletes the superseded files and the folders that this leaves empty,
//  5. deletes the journal.
//
// Each step is synced before the next one starts. After step 2 the rest can be done
// again from the journal, which the next Open does. Where step 3 fails, the journal
// is renamed to undo.json, which makes the old set the set again, and what was moved
// in is taken away. Readers that find a journal take its manifest and look for its
// files at their places and among the staged ones.
//
// So whoever lists the root's folders without asking this package (a glob of another
// program) sees files of two sets only between steps 3 and 4, or after a crash there
// until the next Open; a View never does.
package store
