/* Everything that happens by itself, and how it all begins. */

bit wasReset;             /* somebody else has set the password */
bit wasCopied;

/* A record names what stops the rotator: a shut gate, or a lost DC that it may not forget. */
#define IS_STOPPED(r) (gate[r] != OPEN || (writer[r] == DC1 && isLost && !MAY_FORGET(r)))
#define IS_SETTLED(r) (phase[r] == OFF || phase[r] == IDLE || IS_STOPPED(r))
#define BUDGET_IS_SPENT (nextKey == ROTATIONS || !MAY_BEGIN(0))

proctype Environment() {
  byte dc = 0;
  byte k = 0;
  byte answer = 0;
  short old = 0;
  short new = 0;
  do
  :: atomic { late ?? dc, old, new, k ->
       printf("a late modify reaches DC%d: %d.%d.%d key %d\n", dc + 1, EPOCH(new), ROTATION(new), STATE(new), k);
       if
       :: IS_UP(dc) -> swap(dc, old, new, k, answer)
       :: else
       fi;
       dc = 0; old = 0; new = 0; k = 0; answer = 0; check() }
#ifdef WITHOUT_DEATH_BEFORE_FORGET
  :: atomic { stampVersion[0] > stampVersion[1] || kvno[0] > kvno[1] || stampVersion[0] == stampVersion[1] && stamp[0] != stamp[1] ||
       kvno[0] == kvno[1] && serves[0] != serves[1] -> printf("DC1 to DC2\n");
       if
       :: stampVersion[0] >= stampVersion[1] -> stamp[1] = stamp[0]; stampVersion[1] = stampVersion[0]
       :: else
       fi;
       if
       :: kvno[0] >= kvno[1] -> serves[1] = serves[0]; kvno[1] = kvno[0]
       :: else
       fi;
       check() }
  :: atomic { stampVersion[1] > stampVersion[0] || kvno[1] > kvno[0] -> printf("DC2 to DC1\n");
       if
       :: stampVersion[1] > stampVersion[0] -> stamp[0] = stamp[1]; stampVersion[0] = stampVersion[1]
       :: else
       fi;
       if
       :: kvno[1] > kvno[0] -> serves[0] = serves[1]; kvno[0] = kvno[1]
       :: else
       fi;
       check() }
#else
  :: atomic { !isLost && (stamp[DC2] != stamp[DC1] || kvno[DC2] != kvno[DC1]) -> printf("DC1 to DC2\n");
       stamp[DC2] = stamp[DC1]; serves[DC2] = serves[DC1]; kvno[DC2] = kvno[DC1]; check() }
#endif
  /* The last ticket under a key ends, once no DC issues more. */
  :: atomic { tickets & 1 && !SERVED_BY_A_DC(0) -> tickets = tickets & ~1 }
  :: atomic { tickets & 2 && !SERVED_BY_A_DC(1) -> tickets = tickets & ~2 }
  :: atomic { tickets & 4 && !SERVED_BY_A_DC(2) -> tickets = tickets & ~4 }
#ifdef RESET_BY_OTHERS
  :: atomic { !wasReset -> wasReset = 1; dc = (isLost -> DC2 : DC1); printf("somebody else sets the password on DC%d\n", dc + 1);
       serves[dc] = FOREIGN_KEY; kvno[dc]++; dc = 0; check() }
#endif
#ifdef LOSES_DC
  :: atomic { !isLost -> printf("DC1 is lost\n"); isLost = 1; stamp[DC1] = 0; serves[DC1] = 0; kvno[DC1] = 0; check() }
#endif
#ifdef CLONE
  :: atomic { !wasCopied -> wasCopied = 1; printf("the store is copied in phase %d; the copy runs beside it\n", phase[0]); copyStore(0, 1) }
#endif
#ifdef RESTORE
  :: atomic { !wasCopied -> wasCopied = 1; printf("backup of the store in phase %d\n", phase[0]); copyStore(0, 1); phase[1] = OFF; backupPhase = phase[0] }
  :: atomic { wasCopied && !storeWasReplaced -> printf("R1 runs on the backup\n");
       storeWasReplaced = 1; copyStore(1, 0); phase[0] = backupPhase; eraseStore(1); backupPhase = 0;
       unstagedKeys = 0; stagedUnder[0] = 0; stagedKey[0] = 0 }
#endif
#ifdef LOSE_STORE
  :: atomic { !storeWasReplaced -> printf("the store of R1 is lost\n");
       storeWasReplaced = 1; eraseStore(0); phase[0] = IDLE; gate[0] = SHUT; identity[0] = 1; writer[0] = (isLost -> DC2 : DC1);
       known[0] = NEVER_SEEN; unstagedKeys = 0; stagedUnder[0] = 0; stagedKey[0] = 0 }
#endif
  :: atomic { timeout ->
       assert(IS_SETTLED(0) && IS_SETTLED(1));   /* no bad end state */
#ifdef MUST_FINISH
       assert(BUDGET_IS_SPENT || wasReset || IS_STOPPED(0));   /* every rotation ends */
       assert(IS_STOPPED(0) || (!IS_BEHIND(0, 0) && !IS_BEHIND(0, 1) && (NEXT_REPLAY(0) == NO_KEY || !MAY_BEGIN(0))));   /* nodes are caught up */
#endif
       break }
  od
}

init {
  atomic {
    holds[0] = BIT(K0); holds[1] = BIT(K0);
    stamp[DC1] = STAMP(0, 0, DONE, 0); stamp[DC2] = STAMP(0, 0, DONE, 0);
    kvno[DC1] = 1; kvno[DC2] = 1; kvnoOf[K0] = 1;
    phase[0] = IDLE; known[0] = STAMP(0, 0, DONE, 0); live[0] = BIT(K0); gate[0] = OPEN;
#ifdef SECOND_ROTATOR
    phase[1] = IDLE; known[1] = STAMP(0, 0, DONE, 0); live[1] = BIT(K0); identity[1] = 1;
#endif
    run Rotator(0);
#if defined(SECOND_ROTATOR) || defined(CLONE)
    run Rotator(1);
#endif
    run Environment()
  }
}
