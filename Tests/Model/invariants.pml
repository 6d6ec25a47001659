/* The invariants of the design, checked after every step. */

byte setUnder[16];        /* 1 + the key that was set under an epoch */
byte stagedUnder[2];      /* per rotator: the epoch of its newest staging order and the key */
byte stagedKey[2];
byte unstagedKeys;        /* keys of rotations that ended as aborted, unless a later rotation staged them anew */
bit storeWasReplaced;

#ifdef REQUIRE_ONE
#define QUORUM(a, b) ((a) || (b))
#define LACKS(n) ((tickets & EVERY_KEY & ~holds[n]) != 0)
/* A node that lacks a key is one that its rotator knows to be behind: named in a record, and caught up. */
#define IS_REPORTED(n) (phase[0] != IDLE || IS_BEHIND(0, n))
#define NO_REFUSED_CLIENT (!(LACKS(0) && LACKS(1)) && (!LACKS(0) || IS_REPORTED(0)) && (!LACKS(1) || IS_REPORTED(1)))
#else
#define QUORUM(a, b) ((a) && (b))
#define NO_REFUSED_CLIENT ((tickets & EVERY_KEY & ~(holds[0] & holds[1])) == 0)
#endif

/* Single writer: no two passwords under one epoch. */
inline checkSingleWriter(e, k) {
#ifdef STAMP_OFF
  skip
#else
  assert(setUnder[e] == 0 || setUnder[e] == 1 + (k));   /* single writer */
  setUnder[e] = 1 + (k)
#endif
}

/* Single writer: another rotator's stamp is replaced by command only. */
inline checkSuccession() {
  assert(wasTold[r] || OWNER(expected[r]) == identity[r] || EPOCH(expected[r]) == 0)   /* single writer */
}

/* Free abort: what ended as aborted is never set. */
inline checkFreeAbort(k) {
  assert(!(unstagedKeys & BIT(k)))   /* free abort */
}

inline noteAbort() {
  if
  :: key[r] != 0 && !isReplay[r] -> unstagedKeys = unstagedKeys | BIT(key[r])
  :: else
  fi
}

/* Single stager: no two rotators stage under one epoch. */
inline noteStaging() {
  stagedUnder[r] = epoch[r]; stagedKey[r] = key[r];
  assert(!(stagedUnder[0] == stagedUnder[1] && stagedKey[0] != stagedKey[1]))   /* single stager */
}

#ifdef STAMP_OFF
#define MAY_APPLY(r) 1
#else
#define MAY_APPLY(r) (STANDING(r) == CLAIM(r))
#endif

/* From the instant at which a domain controller may accept a password its keys are durable where they are needed. (While another stamp
 * stands it accepts nothing: a rotator that does not know yet that it is superseded may send in vain.)
 */
inline checkBeforeCommit() {
  assert(!MAY_APPLY(r) || sealed[r] & BIT(key[r]));   /* no lost key */
  assert(!MAY_APPLY(r) || QUORUM(holds[0] & BIT(key[r]), holds[1] & BIT(key[r])))   /* no lost key */
}

/* An order under the claim that stands is refused for one reason only. */
inline checkObedience(n, answer) {
  assert(!MAY_APPLY(r) || answer == APPLIED || CLASH(RESULT(r, n)))   /* nodes obey the standing claim */
}

/* What must be reachable, so that nothing above holds for want of anything happening. */
#if WITNESS == 1
#define IS_SEEN (serves[DC1] == 2 && !(tickets & 3) && latest[0] == 2 && holds[0] == 4 && holds[1] == 4)
#elif WITNESS == 2
#define IS_SEEN (setUnder[1] == 2 && setUnder[2] == 3 && setUnder[9] == 2 && EPOCH(stamp[DC2]) > 9 && serves[DC2] == 2 && latest[0] == 2)
#elif WITNESS == 3
#define IS_SEEN (OWNER(stamp[DC1]) == 1 && STATE(stamp[DC1]) == DONE && dropped[1] == 2 && holds[0] == 5 && holds[1] == 5)
#elif WITNESS == 4
#define IS_SEEN (isAdopted[0] && setUnder[1] == 2 && serves[DC2] == 2 && kvno[DC2] == 2 && latest[0] == 2)
#endif

#define IS_DURABLE(k) ((k) == K0 || (k) == FOREIGN_KEY || ((sealed[0] | sealed[1]) & BIT(k)))

inline check() {
  printf("   DC1 %d.%d.%d k%d v%d  DC2 %d.%d.%d k%d v%d  nodes %d %d  tickets %d  phases %d %d  gates %d %d\n", EPOCH(stamp[0]), ROTATION(stamp[0]), STATE(stamp[0]), serves[0], kvno[0], EPOCH(stamp[1]), ROTATION(stamp[1]), STATE(stamp[1]), serves[1], kvno[1], holds[0], holds[1], tickets, phase[0], phase[1], gate[0], gate[1]);
  assert(NO_REFUSED_CLIENT);   /* no refused client */
  assert(storeWasReplaced || ((isLost || IS_DURABLE(serves[DC1])) && IS_DURABLE(serves[DC2])));   /* no lost key */
  assert(!CLASH(holds[0]) && !CLASH(holds[1]))   /* no two keys under one kvno */
#ifdef WITNESS
  ;
  assert(!IS_SEEN)   /* witness */
#endif
}
