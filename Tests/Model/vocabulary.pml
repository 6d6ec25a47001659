/* The words of the protocol, as the product uses them, and the bounds of the model.
 *
 * A scenario is a set of flags, see run-model. A rule that is taken out is a flag WITHOUT_RULE.
 */

#ifdef WITHOUT_FLOORS
#define WITHOUT_NODES_AHEAD
#endif
#ifdef WITHOUT_ONE_ROTATOR
#define SECOND_ROTATOR
#endif

/* --- Bounds --- */
#ifndef FAULTS
#define FAULTS 1          /* modifies whose answer is lost, or that arrive late */
#endif
#ifndef ROTATIONS
#define ROTATIONS 2       /* new passwords, by all rotators together; at most 2 */
#endif
#ifndef TAKEOVERS
#define TAKEOVERS 0
#endif
#ifndef ADOPTIONS
#define ADOPTIONS 0
#endif
#ifndef LAST_ROTATION
#define LAST_ROTATION 7   /* rotation ids, replays included */
#endif

/* --- Keys: K0 is what the nodes held before the first rotation. 1 and 2 are planned. FOREIGN_KEY is somebody else's reset. --- */
#define K0 0
#define FOREIGN_KEY 3
#define NO_KEY 4
#define BIT(k) (1 << (k))
#define EVERY_KEY 7
#define NOT_OLDER(set, k) ((set) & ((kvnoOf[1] >= kvnoOf[k] -> 2 : 0) | (kvnoOf[2] >= kvnoOf[k] -> 4 : 0)))
#define CLASH(set) ((((set) & 6) == 6) && kvnoOf[1] == kvnoOf[2])
#define NEWER(set, k) ((set) & ((kvnoOf[1] > kvnoOf[k] -> 2 : 0) | (kvnoOf[2] > kvnoOf[k] -> 4 : 0)))

/* --- Domain controllers; a rotation writes to one of them --- */
#define DC1 0
#define DC2 1
#define IS_UP(dc) (!((dc) == DC1 && isLost))
#define SERVED_BY_A_DC(k) ((!isLost && serves[DC1] == (k)) || serves[DC2] == (k))

/* --- The stamp: era.epoch;rotation;state;rotator. An epoch above ERA is in the second era. --- */
#define CLAIMED 0
#define DONE 1
#define ABORTED 2
#define STAMP(e, r, s, o) ((e) | ((r) << 4) | ((s) << 7) | ((o) << 9))
#define OWNER(s) ((s) >> 9)
#define EPOCH(s) ((s) & 15)
#define ROTATION(s) (((s) >> 4) & 7)
#define STATE(s) (((s) >> 7) & 3)
#define ERA 8
#define LAST_EPOCH 15
#define NEVER_SEEN STAMP(0, 7, ABORTED, 1)
#define MAX(a, b) ((a) > (b) -> (a) : (b))

/* --- Answers of a domain controller and of a node --- */
#define APPLIED 0
#define REFUSED 1
#define UNKNOWN 2

/* --- Phases, as RotationMachine.Phase; planned and ended take no time here, unstaging and proving are orders of the ledger --- */
#define OFF 0
#define IDLE 1
#define CLAIMING 2
#define STAGING 3
#define COMMITTING 4
#define OUTCOME_UNKNOWN 5
#define FENCING 6
#define CHECKING 7

/* --- The gate of RotationScheduler --- */
#define UNCHECKED 0
#define OPEN 1
#define SHUT 2

#ifdef WITHOUT_DEATH_BEFORE_FORGET
#define IS_FORGETTABLE 1
#else
#define IS_FORGETTABLE isLost
#endif

/* --- The stamps of rotator r's rotation, the stamp that its writer holds, the keys that its orders name --- */
#define ORDERED(r) (live[r] | staged[r] | held[r])
#define CLAIM(r) STAMP(epoch[r], rotation[r], CLAIMED, identity[r])
#define DONE_OF(r) STAMP(epoch[r], rotation[r], DONE, identity[r])
#define FENCE(r) STAMP(epoch[r] + 1, rotation[r], ABORTED, identity[r])
#define HAS_FORGOTTEN(r) hasForgotten[r]
#define STANDING(r) stamp[writer[r]]
#define WRITER_IS_UP(r) IS_UP(writer[r])
#define STANDING_KEY(r) serves[writer[r]]

/* What node n would hold by the order of rotator r: what it names, with keys that the rotator or the node has, and what it does not name. A held key is
 * left out as long as the node has another one under its kvno that the rotator could not give it: so the order is taken, and the other one gets an end
 * if no order names it.
 */
#ifdef WITHOUT_STEPPING_ASIDE
#define IN_THE_WAY(r, n) 0
#else
#define IN_THE_WAY(r, n) \
  (kvnoOf[1] == kvnoOf[2] && holds[n] & ~(ORDERED(r) & sealed[r]) & ~dropped[r] & 6 -> held[r] & ~holds[n] & 6 : 0)
#endif
#define NAMED(r, n) (ORDERED(r) & ~IN_THE_WAY(r, n) & (sealed[r] | holds[n]))
#ifdef WITHOUT_UNNAMED_KEPT
#define RESULT(r, n) NAMED(r, n)
#else
#define RESULT(r, n) (NAMED(r, n) | (holds[n] & ~dropped[r]))
#endif

/* Node n has not applied the newest order of rotator r. */
#define IS_BEHIND(r, n) \
  (ledgerRotation[r] != 0 && \
   (ledgerEpoch[r] > appliedEpoch[n] || (ledgerEpoch[r] == appliedEpoch[n] && ledgerVersion[r] > appliedVersion[n])))
