/* Two domain controllers. DC2 follows DC1 by replication, at any time or never; the account's stamp and password travel together, the newer
 * version of each attribute wins. A kvno is the version of the password (MS-ADTS 3.1.1.4.5.16).
 */

short stamp[2];
byte serves[2];           /* the key that tickets are issued under */
byte kvno[2];
bit isLost;               /* DC1, for good */
#ifdef WITHOUT_DEATH_BEFORE_FORGET
byte stampVersion[2];
bit stampOrigin[2];
bit passwordOrigin[2];
#define WROTE_STAMP(dc) stampVersion[dc]++; stampOrigin[dc] = dc
#define WROTE_PASSWORD(dc) passwordOrigin[dc] = dc
#else
#define WROTE_STAMP(dc) skip
#define WROTE_PASSWORD(dc) skip
#endif

byte tickets = BIT(K0);   /* the keys that a living ticket may be under */
byte kvnoOf[4];           /* the kvno that nodes hold a key under */
byte faults = FAULTS;

/* The network between a rotator and a domain controller: modifies that arrive late. */
chan late = [2] of { byte, short, short, byte };

/* One modify: compare-and-swap of the stamp, and with it the password if `k` is one. */
inline swap(dc, old, new, k, answer) {
  if
  :: stamp[dc] == (old) ->
     if
     :: (k) != NO_KEY ->
        serves[dc] = (k); kvno[dc]++; WROTE_PASSWORD(dc); tickets = tickets | BIT(k);
        checkSingleWriter(EPOCH(old), k);
        checkFreeAbort(k)
     :: else
     fi;
     stamp[dc] = (new); WROTE_STAMP(dc); answer = APPLIED
  :: else -> answer = REFUSED
  fi
}

/* What becomes of a modify that a rotator sends to its writer. */
inline send(old, new, k, answer) {
  printf("R%d -> DC%d: %d.%d.%d to %d.%d.%d key %d\n", r + 1, writer[r] + 1, EPOCH(old), ROTATION(old), STATE(old), EPOCH(new), ROTATION(new), STATE(new), k);
  if
  :: swap(writer[r], old, new, k, answer)
  :: faults > 0 -> faults--; printf("   the answer is lost\n"); swap(writer[r], old, new, k, answer); answer = UNKNOWN
  :: faults > 0 && nfull(late) -> faults--; printf("   it is on its way for long\n"); late !! writer[r], old, new, k; answer = UNKNOWN
#ifdef CRASHES
  :: printf("   and R%d crashes before the answer is on disk\n", r + 1); swap(writer[r], old, new, k, answer); answer = UNKNOWN; gate[r] = UNCHECKED; acks[r] = 0
#endif
  fi
}
