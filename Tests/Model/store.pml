/* What a rotator has on disk for the account, and the little that it has only in memory. */

/* The rotation machine. */
byte phase[2];
short expected[2];        /* the stamp that the claim replaces */
byte epoch[2];            /* of the claim */
byte rotation[2];
byte key[2];              /* the password that the rotation sets */
bit isReplay[2];          /* it sets one again that may have lived on the lost DC only */
bit inDoubt[2];           /* the claim may have reached the DC */
bit isSent[2];            /* so may the password */

/* The account record and the slot ledger. */
short known[2];
bit writer[2];
bit isInNewEra[2];        /* it writes to another DC than before */
bit hasForgotten[2];      /* DC1, by command */
byte epochFloor[2];       /* every epoch seen when somebody told it to go on */
byte latest[2];
byte latestEpoch[2];
byte live[2];             /* keys that the directory has issued tickets under, Latest included */
byte staged[2];           /* the next key, from staging on */
byte held[2];             /* keys that the directory may hold, or may have held */
byte dropped[2];
byte sealed[2];           /* keys whose password the store has; adopted ones are not among them */
byte ledgerEpoch[2];
byte ledgerRotation[2];
byte ledgerVersion[2];
bit identity[2];          /* the rotator's id */
bit wasTold[2];           /* by command to go on from another rotator's stamp */
bit isAdopted[2];         /* made by `credential adopt`: what was before, nobody knows */

/* In memory. */
byte gate[2];             /* nothing is sent unless it is open */
byte acks[2];             /* nodes whose staged key was verified */

byte nextRotation;
byte nextKey;
byte keyOf[8];            /* the key of each rotation that is no replay */
byte takeovers;
byte adoptions;
byte backupPhase;

inline endRotation() {
  phase[r] = IDLE; expected[r] = 0; epoch[r] = 0; rotation[r] = 0; key[r] = 0; isReplay[r] = 0; inDoubt[r] = 0; isSent[r] = 0;
  acks[r] = 0
}

/* SlotLedger.beginOrders */
inline beginOrders(e) {
  if
  :: (e) > ledgerEpoch[r] -> ledgerEpoch[r] = (e); ledgerRotation[r] = rotation[r]; ledgerVersion[r] = 1
  :: else -> ledgerVersion[r]++
  fi
}

inline dropKeys(set) {
  dropped[r] = dropped[r] | (set);
  live[r] = live[r] & ~dropped[r]; held[r] = held[r] & ~dropped[r]; staged[r] = staged[r] & ~dropped[r]
}

/* SlotLedger.becameForeign, for whichever rotation is open */
inline holdKey() {
  if
  :: staged[r] != 0 -> held[r] = held[r] | staged[r]; staged[r] = 0; ledgerVersion[r]++
  :: else
  fi
}

/* Superseded: nothing is pushed any more, not even an un-stage. */
inline standDown() {
  printf("R%d stands down\n", r + 1);
#ifdef WITHOUT_SILENCE
  if
  :: staged[r] != 0 -> noteAbort(); beginOrders(epoch[r] + 1); dropKeys(staged[r])
  :: else
  fi;
#else
  holdKey();
  gate[r] = SHUT;
#endif
  endRotation()
}

inline copyStore(a, b) {
  phase[b] = phase[a]; expected[b] = expected[a]; epoch[b] = epoch[a]; rotation[b] = rotation[a]; key[b] = key[a];
  isReplay[b] = isReplay[a]; inDoubt[b] = inDoubt[a]; isSent[b] = isSent[a];
  known[b] = known[a]; writer[b] = writer[a]; isInNewEra[b] = isInNewEra[a]; hasForgotten[b] = hasForgotten[a];
  epochFloor[b] = epochFloor[a]; wasTold[b] = wasTold[a]; latest[b] = latest[a]; latestEpoch[b] = latestEpoch[a]; live[b] = live[a];
  staged[b] = staged[a]; held[b] = held[a]; dropped[b] = dropped[a]; sealed[b] = sealed[a];
  ledgerEpoch[b] = ledgerEpoch[a]; ledgerRotation[b] = ledgerRotation[a]; ledgerVersion[b] = ledgerVersion[a];
  identity[b] = identity[a]; isAdopted[b] = isAdopted[a];
  gate[b] = UNCHECKED; acks[b] = 0
}

inline eraseStore(b) {
  phase[b] = OFF; expected[b] = 0; epoch[b] = 0; rotation[b] = 0; key[b] = 0; isReplay[b] = 0; inDoubt[b] = 0; isSent[b] = 0;
  known[b] = 0; writer[b] = 0; isInNewEra[b] = 0; hasForgotten[b] = 0; epochFloor[b] = 0; wasTold[b] = 0; latest[b] = 0; latestEpoch[b] = 0; live[b] = 0; staged[b] = 0; held[b] = 0; dropped[b] = 0;
  sealed[b] = 0; ledgerEpoch[b] = 0; ledgerRotation[b] = 0; ledgerVersion[b] = 0; identity[b] = 0; isAdopted[b] = 0; gate[b] = UNCHECKED; acks[b] = 0
}
