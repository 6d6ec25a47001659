/* Two nodes, each with one durable slot file: Sources/NodeAgent/Slots. */

byte holds[2];            /* keys, as a set */
byte appliedEpoch[2];
byte appliedVersion[2];
byte appliedRotation[2];  /* the rotation that the applied epoch is bound to */
byte appliedDigest[2];
byte provenKey[2];
byte provenEpoch[2];

#ifdef WITHOUT_KVNO_GUARD
#define IS_REFUSED_FOR_KVNO(set) 0
#else
#define IS_REFUSED_FOR_KVNO(set) CLASH(set)
#endif
#ifdef WITHOUT_PROVEN_GUARD
#define DROPS_PROVEN(r, n) 0
#else
#ifdef WITHOUT_PROVEN_END
#define IS_OVER(k) 0
#else
#define IS_OVER(k) (!(tickets & BIT(k)))
#endif
#define DROPS_PROVEN(r, n) \
  (!(RESULT(r, n) & BIT(provenKey[n])) && latestEpoch[r] <= provenEpoch[n] && !IS_OVER(provenKey[n]))
#endif
#ifdef WITHOUT_BINDING
#define IS_BOUND(r, n) 1
#else
#define IS_BOUND(r, n) (appliedRotation[n] == ledgerRotation[r])
#endif
#define DIGEST(r) (ORDERED(r) + 8 * dropped[r])
#define IS_NEW_ORDER(r, n) \
  (ledgerEpoch[r] > appliedEpoch[n] || (ledgerEpoch[r] == appliedEpoch[n] && IS_BOUND(r, n) && ledgerVersion[r] > appliedVersion[n]))
#define IS_REPEATED_ORDER(r, n) \
  (ledgerEpoch[r] == appliedEpoch[n] && IS_BOUND(r, n) && ledgerVersion[r] == appliedVersion[n] && DIGEST(r) == appliedDigest[n])

#define IS_TAKEN(r, n) (IS_NEW_ORDER(r, n) && !IS_REFUSED_FOR_KVNO(RESULT(r, n)) && !DROPS_PROVEN(r, n))

/* Rotator r gives node n the order that its ledger stands for. */
inline order(n, answer) {
  printf("R%d orders node %d: hold %d drop %d (%d, %d)\n", r + 1, n + 1, ORDERED(r), dropped[r], ledgerEpoch[r], ledgerVersion[r]);
  if
  :: IS_TAKEN(r, n) ->
#ifdef WITHOUT_SLOT_IDENTITY
     /* Slots by kvno: what is there already under that kvno is not written again. */
     if
     :: (NAMED(r, n) & ~holds[n] & 6) && ((holds[n] & 6) || CLASH(NAMED(r, n) | holds[n])) -> skip
     :: else -> holds[n] = RESULT(r, n)
     fi;
#else
     holds[n] = RESULT(r, n);
#endif
     appliedEpoch[n] = ledgerEpoch[r]; appliedVersion[n] = ledgerVersion[r];
     appliedRotation[n] = ledgerRotation[r]; appliedDigest[n] = DIGEST(r);
     if
     :: latestEpoch[r] > provenEpoch[n] -> provenKey[n] = latest[r]; provenEpoch[n] = latestEpoch[r]
     :: else
     fi;
     answer = APPLIED
  :: !IS_TAKEN(r, n) && IS_REPEATED_ORDER(r, n) -> answer = APPLIED
  :: else -> printf("   refused\n"); answer = REFUSED
  fi
}
