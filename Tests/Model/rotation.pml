/* The protocol of a rotation: claim, stage, commit, fence, and what happens when a writer, a store or a rotator is lost, old or double.
 * README.md says what is modelled; run-model has the scenarios.
 */
#include "vocabulary.pml"
#include "invariants.pml"
#include "store.pml"
#include "directory.pml"
#include "nodes.pml"
#include "rotator.pml"
#include "environment.pml"
