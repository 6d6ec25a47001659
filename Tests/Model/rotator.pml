/* A rotator: RotationMachine, the scheduler around it, and what an administrator may tell it. Each step is one event: what it writes to disk and what
 * it sends are one here, because a crash in between only makes the next run repeat the step.
 */

/* --- The store against the directory: StampCheck, RotationScheduler.gate --- */
#define IS_OWN_STAMP(r, s) \
  (phase[r] > IDLE && ((s) == CLAIM(r) || (s) == DONE_OF(r) || (s) == FENCE(r) || (s) == expected[r]))
#ifdef WITHOUT_NODES_AHEAD
#define NODES_ARE_AHEAD(r) 0
#else
#define NODES_ARE_AHEAD(r) (appliedEpoch[0] > OWN_EPOCHS(r) || appliedEpoch[1] > OWN_EPOCHS(r))
#endif
#ifdef WITHOUT_GATE
#define IS_ACCEPTABLE(r, s) 1
#else
#define IS_ACCEPTABLE(r, s) \
  (((s) == known[r] || IS_OWN_STAMP(r, s)) && (phase[r] != IDLE || !NODES_ARE_AHEAD(r)))
#endif

/* Keys that a modify on its way can still set, because the claim that stands is theirs (of a replay one cannot tell whose). Only a claim or a fence
 * of ours changes that. A claim that was made on the lost DC sent nothing to the new one.
 */
#ifdef WITHOUT_PENDING
#define PENDING(r) 0
#else
#define PENDING(r) \
  (STATE(known[r]) == CLAIMED && !(isInNewEra[r] && EPOCH(known[r]) < ERA) -> (keyOf[ROTATION(known[r])] == NO_KEY -> EVERY_KEY : BIT(keyOf[ROTATION(known[r])])) : 0)
#endif

/* --- Preflight --- */
#define NODE_IS_READY(r, n) \
  ((serves[writer[r]] == FOREIGN_KEY || holds[n] & BIT(serves[writer[r]])) && !IS_BEHIND(r, n))
#define IS_READY(r) QUORUM(NODE_IS_READY(r, 0), NODE_IS_READY(r, 1))
/* A key of ours stands under the kvno of the next one, and is not one that may be dropped for it. */
#define NEXT_KVNO(r) (kvno[writer[r]] + 1)
#define HAS_KVNO_TAKEN(r, k) (ORDERED(r) & ~(held[r] & OVERRULED(r)) & BIT(k) && kvnoOf[k] >= NEXT_KVNO(r))
#define IS_KVNO_TAKEN(r) ((HAS_KVNO_TAKEN(r, 1) || HAS_KVNO_TAKEN(r, 2)))
/* Held keys, and strangers on nodes, that cannot be set any more after a claim of ours, and never were: this rotator's claims have all been on this DC,
 * or every ticket of another one has ended.
 */
#ifdef WITHOUT_HELD_ENDS
#define OVERRULED(r) EVERY_KEY
#else
#define OVERRULED(r) (HAS_FORGOTTEN(r) || isAdopted[r] -> EVERY_KEY & ~tickets : EVERY_KEY)
#endif

/* Stamp, kvno and ticket belong together: read one after the other, a commit may have come in between. */
#ifdef WITHOUT_ONE_READING
#define LATEST_OPENS(r) (latest[r] == STANDING_KEY(r) || STATE(STANDING(r)) == DONE)
#else
#define LATEST_OPENS(r) (latest[r] == STANDING_KEY(r) && kvnoOf[latest[r]] == kvno[writer[r]])
#endif

/* --- Passwords that may have lived on the lost DC only, oldest first --- */
#ifdef WITHOUT_REPLAYS
#define IS_TO_REPLAY(r, k) 0
#else
#define IS_TO_REPLAY(r, k) (HAS_FORGOTTEN(r) && (live[r] | held[r]) & sealed[r] & BIT(k) && kvnoOf[k] > kvno[DC2])
#endif
#ifdef WITHOUT_REPLAY_ORDER
#define NEXT_REPLAY(r) (IS_TO_REPLAY(r, 2) -> 2 : (IS_TO_REPLAY(r, 1) -> 1 : NO_KEY))
#else
#define NEXT_REPLAY(r) \
  (IS_TO_REPLAY(r, 1) && (!IS_TO_REPLAY(r, 2) || kvnoOf[1] <= kvnoOf[2]) -> 1 : (IS_TO_REPLAY(r, 2) -> 2 : NO_KEY))
#endif

#ifdef WITHOUT_FORGET_CHECK
#define MAY_REPLAY(r) (NEXT_REPLAY(r) != NO_KEY)
#else
#define MAY_REPLAY(r) (NEXT_REPLAY(r) != NO_KEY && kvnoOf[NEXT_REPLAY(r)] == NEXT_KVNO(r))
#endif

/* --- Epochs: AccountRecord.nextEpoch --- */
#define OWN_EPOCHS(r) MAX(MAX(EPOCH(known[r]), ledgerEpoch[r]), epochFloor[r])
#define SEEN_EPOCHS(r) MAX(MAX(OWN_EPOCHS(r), EPOCH(STANDING(r))), MAX(appliedEpoch[0], appliedEpoch[1]))
#ifdef WITHOUT_ERA
#define ERA_FLOOR(r) 0
#else
#define ERA_FLOOR(r) (isInNewEra[r] -> ERA : 0)
#endif
#define NEXT_EPOCH(r) (MAX(MAX(OWN_EPOCHS(r), EPOCH(STANDING(r))), ERA_FLOOR(r)) + 1)
#define MAY_BEGIN(r) (nextRotation < LAST_ROTATION && NEXT_EPOCH(r) < LAST_EPOCH)

/* Somebody has said that this store goes on, whatever nodes were ordered by others. */
inline raiseFloor() {
#ifdef WITHOUT_FLOORS
  skip
#else
  epochFloor[r] = SEEN_EPOCHS(r)
#endif
}

inline makePassword() {
  nextKey++; key[r] = nextKey; kvnoOf[nextKey] = NEXT_KVNO(r);
#ifdef WITHOUT_ONE_READING
  kvnoOf[nextKey] = (STATE(STANDING(r)) == DONE && kvno[writer[r]] > 1 -> kvno[writer[r]] : NEXT_KVNO(r));
#endif
  sealed[r] = sealed[r] | BIT(nextKey)
}

inline beginRotation() {
  nextRotation++; rotation[r] = nextRotation; expected[r] = stamp[writer[r]]; epoch[r] = NEXT_EPOCH(r); phase[r] = CLAIMING;
  keyOf[nextRotation] = (isReplay[r] -> NO_KEY : key[r]);
  printf("R%d begins rotation %d: key %d, epoch %d, replay %d\n", r + 1, rotation[r], key[r], epoch[r], isReplay[r])
}

/* `asactl rotate`, or one that is due */
inline beginOrdinary() {
#ifndef WITHOUT_PLAN_FIRST
  makePassword();
#endif
  beginRotation();
#if defined(WITHOUT_CLAIM) || defined(STAMP_OFF)
  enterStaging()
#endif
}

inline enterStaging() {
  known[r] = CLAIM(r);
#if defined(WITHOUT_CLAIM) || defined(STAMP_OFF)
  known[r] = expected[r];
#endif
#ifdef WITHOUT_PLAN_FIRST
  if
  :: key[r] == 0 -> makePassword()
  :: else
  fi;
#endif
  if
  :: !isReplay[r] ->
     dropKeys(NOT_OLDER((held[r] | (holds[0] | holds[1]) & ~ORDERED(r)) & OVERRULED(r) & ~BIT(key[r]), key[r]));
     staged[r] = BIT(key[r])
  :: else -> unstagedKeys = unstagedKeys & ~BIT(key[r])      /* set anew by a rotation of its own */
  fi;
  beginOrders(epoch[r]);
  noteStaging();
  acks[r] = 0; phase[r] = STAGING
}

inline unstage() {
  printf("R%d un-stages\n", r + 1);
  noteAbort();
  beginOrders(epoch[r] + 1);
  if
  :: !isReplay[r] -> dropKeys(BIT(key[r])); sealed[r] = sealed[r] & ~BIT(key[r])
  :: else
  fi;
  endRotation()
}

/* SlotLedger.wasCommitted */
inline keyIsLive(k, e) {
  kvnoOf[k] = kvno[writer[r]];
  held[r] = held[r] & ~BIT(k); staged[r] = staged[r] & ~BIT(k); live[r] = live[r] | BIT(k);
  if
  :: kvnoOf[k] >= kvnoOf[latest[r]] -> latest[r] = k; latestEpoch[r] = (e)
  :: else
  fi;
#ifdef WITHOUT_RETENTION
  dropKeys(live[r] & ~BIT(k));
#endif
  ledgerVersion[r]++
}

/* `asactl dc forget`: SuccessorReading, RotationMachine.writerWasLost. The successor has to issue under a key of ours, and every key that it lacks has to be one
 * whose password is here. An open rotation ends; what it has sealed may have been set on the lost DC: by this run, by a later one of which a restored
 * store knows nothing, by a copy of the store. So its slot is held and nothing is un-staged.
 */
#define LACKING(r) (NEWER_THAN_DC2(r, 1) | NEWER_THAN_DC2(r, 2))
#define NEWER_THAN_DC2(r, k) (kvnoOf[k] > kvno[DC2] -> (ORDERED(r) | (phase[r] > IDLE -> BIT(key[r]) : 0)) & BIT(k) : 0)
#define IS_OURS_ON_DC2(r) (ORDERED(r) & BIT(serves[DC2]) && kvnoOf[serves[DC2]] == kvno[DC2])
#ifdef WITHOUT_FORGET_CHECK
#define MAY_FORGET(r) (phase[r] != OFF && writer[r] == DC1 && IS_FORGETTABLE)
#else
#define MAY_FORGET(r) \
  (phase[r] != OFF && writer[r] == DC1 && IS_FORGETTABLE && IS_OURS_ON_DC2(r) && \
   (LACKING(r) & ~sealed[r]) == 0 && !IS_GAP(r))
#endif
/* What lacks has to stand under the next kvnos, one after the other: else something that came between is not here, or two keys want the same one. */
#define IS_NEXT(k, n) (kvnoOf[k] == kvno[DC2] + (n))
#define IS_GAP(r) \
  (LACKING(r) == 2 && !IS_NEXT(1, 1) || LACKING(r) == 4 && !IS_NEXT(2, 1) || \
   LACKING(r) == 6 && !(IS_NEXT(1, 1) && IS_NEXT(2, 2)) && !(IS_NEXT(2, 1) && IS_NEXT(1, 2)))
#define IS_UNSENT \
  (!isReplay[r] && !isSent[r] && phase[r] != CHECKING && EPOCH(stamp[DC2]) <= EPOCH(known[r]) && STATE(stamp[DC2]) != ABORTED && \
   stamp[DC2] != DONE_OF(r) && serves[DC2] == latest[r])
inline forgetWriter() {
  printf("R%d forgets DC1 in phase %d\n", r + 1, phase[r]);
  writer[r] = DC2; isInNewEra[r] = 1; hasForgotten[r] = 1; wasTold[r] = 1; gate[r] = OPEN; acks[r] = 0;
  raiseFloor();
  if
#ifdef WITHOUT_FORWARD_ONLY
  :: phase[r] > IDLE && !isReplay[r] ->
     expected[r] = stamp[DC2]; epoch[r] = NEXT_EPOCH(r); phase[r] = FENCING
#else
#ifdef WITHOUT_FORWARD_IF_UNSENT
  :: phase[r] > IDLE && IS_UNSENT ->
     expected[r] = stamp[DC2]; epoch[r] = NEXT_EPOCH(r); phase[r] = FENCING
  :: phase[r] > IDLE && !IS_UNSENT ->
#else
  :: phase[r] > IDLE ->
#endif
     if
     :: !(live[r] & BIT(key[r])) && key[r] != 0 -> staged[r] = 0; held[r] = held[r] | BIT(key[r])
     :: else
     fi;
     endRotation()
#endif
  :: else
  fi;
  known[r] = stamp[DC2];
  if
  :: ledgerRotation[r] != 0 -> ledgerVersion[r]++
  :: else
  fi
}

/* `asactl credential adopt --from NODE`: the key of the node that opens a ticket is Latest, newer ones that nodes hold and this ledger does not
 * are held, the stamp is taken as read. Orders begin anew with the next claim. Not while a rotation is open, nor if this store's own key does it.
 */
#define MAY_ADOPT(r) \
  (phase[r] == IDLE && gate[r] != OPEN && NEXT_REPLAY(r) == NO_KEY && adoptions < ADOPTIONS && (WRITER_IS_UP(r) || isLost) && \
   (latest[r] != ADOPTABLE(r) || !(sealed[r] & BIT(ADOPTABLE(r))) && known[r] != stamp[ADOPTION_DC(r)]) && \
   (holds[0] | holds[1]) & BIT(ADOPTABLE(r)))
#define ADOPTION_DC(r) (WRITER_IS_UP(r) -> writer[r] : DC2)
#define ADOPTABLE(r) serves[ADOPTION_DC(r)]
inline adopt(n) {
  printf("R%d adopts from node %d\n", r + 1, n + 1);
  adoptions++; isAdopted[r] = 1; wasTold[r] = 1;
  if
  :: !WRITER_IS_UP(r) -> writer[r] = DC2; isInNewEra[r] = 1
  :: else
  fi;
  raiseFloor();
#ifdef WITHOUT_TICKET_AT_ADOPTION
  latest[r] = (holds[n] & 4 -> 2 : (holds[n] & 2 -> 1 : 0));
#else
  latest[r] = serves[writer[r]];
#endif
  live[r] = live[r] | BIT(latest[r]); held[r] = held[r] & ~live[r];
#ifdef WITHOUT_NEWER_HELD
  dropped[r] = dropped[r] | NEWER((holds[0] | holds[1]) & ~ORDERED(r), latest[r]);
#else
  held[r] = held[r] | NEWER((holds[0] | holds[1]) & ~ORDERED(r), latest[r]);
#ifndef WITHOUT_NEW_DROP_LIST
  dropped[r] = dropped[r] & ~ORDERED(r);
#endif
#endif
  known[r] = stamp[writer[r]];
  ledgerEpoch[r] = 0; ledgerRotation[r] = 0; ledgerVersion[r] = 0; latestEpoch[r] = 0;
  gate[r] = OPEN
}

#define IS_IDLE(r) (phase[r] == IDLE && gate[r] == OPEN)
#define IS_IN(r, p) (phase[r] == (p) && gate[r] == OPEN)
#define HAS_CONVERGED(r) ((isLost || serves[DC1] == latest[r]) && serves[DC2] == latest[r])
#if defined(STAMP_OFF) && !defined(WITHOUT_LATENESS_BOUND)
/* Without a stamp nothing keeps a late modify out. The bound: none is later than tickets live. */
#define LATENESS_IS_OVER (len(late) == 0 -> EVERY_KEY : 0)
#else
#define LATENESS_IS_OVER EVERY_KEY
#endif
#define RETIRABLE(r) \
  (LATENESS_IS_OVER & ~tickets & ((HAS_CONVERGED(r) -> live[r] & ~BIT(latest[r]) : 0) | ((NEXT_REPLAY(r) == NO_KEY -> held[r] : held[r] & ~sealed[r]) & ~PENDING(r))))
#define UNLISTED(r, n) \
  (appliedEpoch[n] == ledgerEpoch[r] && appliedRotation[n] == ledgerRotation[r] -> holds[n] & ~ORDERED(r) & ~dropped[r] & ~tickets : 0)

#ifdef WITHOUT_SLOT_IDENTITY
#define HAS_STAGED(r, n) 1
#else
#define HAS_STAGED(r, n) (holds[n] & BIT(key[r]))
#endif

proctype Rotator(bit r) {
  byte answer = 0;
  byte n = 0;
  byte k = 0;
end:
  do
  /* --- The gate --- */
  :: atomic { phase[r] != OFF && gate[r] != OPEN && WRITER_IS_UP(r) && IS_ACCEPTABLE(r, STANDING(r)) ->
       gate[r] = OPEN; acks[r] = 0;
       if
#ifdef WITHOUT_GATE
       :: phase[r] == IDLE -> known[r] = STANDING(r)
#endif
       :: phase[r] == CLAIMING -> inDoubt[r] = 1
       :: phase[r] == COMMITTING -> phase[r] = OUTCOME_UNKNOWN; isSent[r] = 1
       :: else
       fi }
  :: atomic { phase[r] != OFF && gate[r] == UNCHECKED && WRITER_IS_UP(r) && !IS_ACCEPTABLE(r, STANDING(r)) -> gate[r] = SHUT }
  /* An open rotation whose claim somebody has replaced ends, and its key is held. */
  :: atomic { phase[r] > IDLE && gate[r] == SHUT && WRITER_IS_UP(r) && !IS_ACCEPTABLE(r, STANDING(r)) && EPOCH(STANDING(r)) >= epoch[r] ->
       holdKey(); endRotation(); check() }
  /* A silent DC is no reason to keep slots from nodes while no rotation is open. */
  :: atomic { phase[r] == IDLE && gate[r] == UNCHECKED && !WRITER_IS_UP(r) && !NODES_ARE_AHEAD(r) -> gate[r] = OPEN }
  /* A preflight finds, and says, that the store is behind the nodes or the stamp. */
  :: atomic { IS_IDLE(r) && NODES_ARE_AHEAD(r) -> gate[r] = SHUT }
  :: atomic { IS_IDLE(r) && WRITER_IS_UP(r) && STANDING(r) != known[r] -> gate[r] = SHUT }
#ifdef WITHOUT_STAMP_MISTRUST
  /* A stamp that differs is adopted by just reading it. */
  :: atomic { phase[r] == IDLE && gate[r] == SHUT && WRITER_IS_UP(r) -> known[r] = STANDING(r); gate[r] = OPEN }
#endif
#ifdef CRASHES
  :: atomic { gate[r] == OPEN && (acks[r] != 0 || phase[r] == COMMITTING) -> gate[r] = UNCHECKED; acks[r] = 0 }
#endif

  /* --- Preflight, plan and claim --- */
  :: atomic { IS_IDLE(r) && nextKey < ROTATIONS && MAY_BEGIN(r) && WRITER_IS_UP(r) && STANDING(r) == known[r] && IS_READY(r) &&
       NEXT_REPLAY(r) == NO_KEY && !IS_KVNO_TAKEN(r) && !NODES_ARE_AHEAD(r) -> beginOrdinary(); check() }
  :: atomic { IS_IDLE(r) && MAY_BEGIN(r) && WRITER_IS_UP(r) && STANDING(r) == known[r] && IS_READY(r) && MAY_REPLAY(r) ->
       key[r] = NEXT_REPLAY(r); isReplay[r] = 1; beginRotation() }
#if TAKEOVERS > 0
  /* `asactl rotate --take-over`: from the stamp that stands, if our Latest opens the tickets */
  :: atomic { phase[r] == IDLE && STANDING(r) != known[r] && takeovers < TAKEOVERS && MAY_BEGIN(r) && WRITER_IS_UP(r) &&
       LATEST_OPENS(r) &&
       (NEXT_REPLAY(r) != NO_KEY -> MAY_REPLAY(r) : nextKey < ROTATIONS && !IS_KVNO_TAKEN(r)) ->
       takeovers++; wasTold[r] = 1; gate[r] = OPEN; raiseFloor(); printf("R%d takes over\n", r + 1);
       k = NEXT_REPLAY(r);
       if
       :: k != NO_KEY -> key[r] = k; isReplay[r] = 1; beginRotation()
       :: else -> beginOrdinary()
       fi;
       k = 0;
#ifdef WITHOUT_NEW_EPOCH
       epoch[r] = EPOCH(expected[r]);
#endif
       check() }
#endif
  :: atomic { IS_IN(r, CLAIMING) && WRITER_IS_UP(r) ->
       send(expected[r], CLAIM(r), NO_KEY, answer);
       if
       :: answer != UNKNOWN && STANDING(r) == CLAIM(r) -> checkSuccession(); enterStaging()
       :: answer != UNKNOWN && STANDING(r) != CLAIM(r) -> standDown()
       :: answer == UNKNOWN -> inDoubt[r] = 1
       fi;
       answer = 0; check() }
  :: atomic { IS_IN(r, CLAIMING) ->
       if
       :: inDoubt[r] -> phase[r] = FENCING
       :: else -> sealed[r] = sealed[r] & ~(isReplay[r] -> 0 : BIT(key[r])); endRotation()
       fi }

  /* --- Stage --- */
  :: atomic { IS_IN(r, STAGING) && acks[r] != 3 ->
       if
       :: !(acks[r] & 1) -> n = 0
       :: !(acks[r] & 2) -> n = 1
       fi;
       order(n, answer);
       if
       :: answer == APPLIED && HAS_STAGED(r, n) -> acks[r] = acks[r] | (1 << n)
       :: else -> checkObedience(n, answer);
#ifndef REQUIRE_ONE
          phase[r] = FENCING
#endif
       fi;
       answer = 0; n = 0; check() }
  :: atomic { IS_IN(r, STAGING) -> printf("R%d gives up staging\n", r + 1); phase[r] = FENCING }
#ifdef WITHOUT_PUSH_FIRST
  :: atomic { IS_IN(r, STAGING) -> phase[r] = COMMITTING }
#else
  :: atomic { IS_IN(r, STAGING) && QUORUM(acks[r] & 1, acks[r] & 2) -> phase[r] = COMMITTING }
#endif

#ifdef STAMP_OFF
  /* --- Commit without a stamp: the password alone. A lost answer is resolved by the pinned DC's tickets, never by an abort. --- */
  :: atomic { (IS_IN(r, COMMITTING) || IS_IN(r, OUTCOME_UNKNOWN)) && WRITER_IS_UP(r) && serves[writer[r]] != key[r] ->
       checkBeforeCommit();
       isSent[r] = 1;
       send(STANDING(r), STANDING(r), key[r], answer);
       phase[r] = (answer == UNKNOWN -> OUTCOME_UNKNOWN : CHECKING);
       answer = 0; check() }
  :: atomic { IS_IN(r, OUTCOME_UNKNOWN) && WRITER_IS_UP(r) && serves[writer[r]] == key[r] -> phase[r] = CHECKING }
  :: atomic { IS_IN(r, COMMITTING) && !isSent[r] -> phase[r] = FENCING }
  :: atomic { IS_IN(r, FENCING) -> unstage(); check() }
  :: atomic { IS_IN(r, CHECKING) && WRITER_IS_UP(r) ->
       if
       :: serves[writer[r]] == key[r] -> printf("R%d: key %d is committed\n", r + 1, key[r]); keyIsLive(key[r], epoch[r])
       :: else -> printf("R%d: foreign key\n", r + 1); holdKey()
       fi;
       endRotation(); check() }
#else
  /* --- Commit --- */
  :: atomic { (IS_IN(r, COMMITTING) || IS_IN(r, OUTCOME_UNKNOWN)) && WRITER_IS_UP(r) ->
       checkBeforeCommit();
       isSent[r] = 1;
#ifdef WITHOUT_CLAIM
       send(expected[r], DONE_OF(r), key[r], answer);
#else
       send(CLAIM(r), DONE_OF(r), key[r], answer);
#endif
       if
       :: answer != UNKNOWN && STANDING(r) == DONE_OF(r) -> known[r] = DONE_OF(r); phase[r] = CHECKING
       :: answer != UNKNOWN && STANDING(r) != DONE_OF(r) -> standDown()
       :: answer == UNKNOWN -> phase[r] = OUTCOME_UNKNOWN
       fi;
       answer = 0; check() }
#ifdef WITHOUT_RESEND
  /* The claim still stands, so the write has failed? */
  :: atomic { IS_IN(r, OUTCOME_UNKNOWN) && WRITER_IS_UP(r) && STANDING(r) == CLAIM(r) -> unstage(); check() }
#endif
  :: atomic { (IS_IN(r, COMMITTING) || IS_IN(r, OUTCOME_UNKNOWN)) && WRITER_IS_UP(r) -> phase[r] = FENCING }

  /* --- Abort --- */
#ifdef WITHOUT_FENCE
  :: atomic { IS_IN(r, FENCING) -> unstage(); check() }
#else
  :: atomic { IS_IN(r, FENCING) && WRITER_IS_UP(r) ->
       if
       :: STANDING(r) == expected[r] -> send(expected[r], FENCE(r), NO_KEY, answer)
       :: else -> send(CLAIM(r), FENCE(r), NO_KEY, answer)
       fi;
       if
       :: answer != UNKNOWN && STANDING(r) == FENCE(r) -> known[r] = FENCE(r); unstage()
       :: answer != UNKNOWN && STANDING(r) == DONE_OF(r) -> known[r] = DONE_OF(r); phase[r] = CHECKING
       :: answer != UNKNOWN && STANDING(r) != FENCE(r) && STANDING(r) != DONE_OF(r) -> standDown()
       :: answer == UNKNOWN -> skip
       fi;
       answer = 0; check() }
#endif
#ifdef GIVES_UP
  /* The rotation has stalled the daemon too often, and the fence as well: left as it is, with every key. */
  :: atomic { IS_IN(r, FENCING) -> standDown() }
#endif

  /* --- The commit is checked: the stamp, and a ticket --- */
  :: atomic { IS_IN(r, CHECKING) && WRITER_IS_UP(r) ->
       if
       :: STANDING(r) == DONE_OF(r) && serves[writer[r]] == key[r] ->
          printf("R%d: key %d is committed\n", r + 1, key[r]); keyIsLive(key[r], epoch[r]); endRotation()
       :: STANDING(r) == DONE_OF(r) && serves[writer[r]] != key[r] -> printf("R%d: foreign key\n", r + 1); holdKey(); endRotation()
       :: STANDING(r) != DONE_OF(r) -> standDown()
       fi;
       check() }

#endif

  /* --- What outlives the rotation: the ledger's orders, keys at their end --- */
  :: atomic { IS_IDLE(r) && ledgerRotation[r] != 0 && (IS_TAKEN(r, 0) || IS_TAKEN(r, 1)) ->
       if
       :: IS_TAKEN(r, 0) -> n = 0
       :: IS_TAKEN(r, 1) -> n = 1
       fi;
       order(n, answer);
       answer = 0; n = 0; check() }
  :: atomic { IS_IDLE(r) && RETIRABLE(r) != 0 ->
       k = RETIRABLE(r);
       printf("R%d retires keys %d\n", r + 1, k); dropKeys(k); sealed[r] = sealed[r] & ~k; ledgerVersion[r]++; k = 0; check() }
  :: atomic { IS_IDLE(r) && (UNLISTED(r, 0) | UNLISTED(r, 1)) != 0 ->
       k = UNLISTED(r, 0) | UNLISTED(r, 1);
       printf("R%d drops unlisted keys %d\n", r + 1, k); dropKeys(k); ledgerVersion[r]++; k = 0; check() }

  /* --- The writer is gone for good --- */
  :: atomic { MAY_FORGET(r) -> forgetWriter(); check() }
  /* Preflight.checkSuccession: another writer than before goes on if it has everything that the one before was given. */
  :: atomic { IS_IDLE(r) && writer[r] == DC1 && isLost && stamp[DC2] == known[r] && kvnoOf[latest[r]] == kvno[DC2] && !NODES_ARE_AHEAD(r) ->
       printf("R%d goes on with DC2\n", r + 1); writer[r] = DC2; isInNewEra[r] = 1 }

#if ADOPTIONS > 0
  :: atomic { MAY_ADOPT(r) ->
       if
       :: holds[0] & BIT(ADOPTABLE(r)) -> n = 0
       :: holds[1] & BIT(ADOPTABLE(r)) -> n = 1
       fi;
       adopt(n); n = 0; check() }
#endif
  od
}
