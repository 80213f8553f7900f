-- The lease of a refresh, and a sign-out against it (docs/decisions/0008). Run by `npm run model`.
module lease

open util/ordering[Version]

-- Refresh tokens of one grant, in the order in which the provider gives them out.
sig Version {}

-- Processes of the app.
sig Instance {
  -- Which token it read, which it has sent without an answer, and what came with the answer.
  var saw: lone Version,
  var sent: lone Version,
  var got: lone Version
}

-- The row of the grant, and the provider's own idea of it.
one sig Grant {
  var kept: one Version,
  var holder: lone Instance,
  var valid: one Version
}

-- The session, and what is known of answers that were lost.
abstract sig Fact {}
one sig Ended, Unanswered, Alarm extends Fact {}
var sig Is in Fact {}

-- Whether the token is read again once the lease is there. The mutant leaves it out.
pred rereads { some univ }

fact init {
  Grant.kept = first and Grant.valid = first and no Grant.holder
  no saw and no sent and no got and no Is
}

pred look[i: Instance] {
  no i.sent and no i.got and Grant.holder != i
  saw' = saw ++ i -> Grant.kept
  sent' = sent and got' = got and kept' = kept and holder' = holder and valid' = valid and Is' = Is
}

pred take[i: Instance] {
  no Grant.holder and Ended not in Is and some i.saw and no i.sent and no i.got
  holder' = Grant -> i
  saw' = (rereads implies saw ++ i -> Grant.kept else saw)
  sent' = sent and got' = got and kept' = kept and valid' = valid and Is' = Is
}

-- One request. A token that was used before is an alarm at the provider, unless this app knows that its answer was lost.
pred send[i: Instance] {
  Grant.holder = i and some i.saw and no i.sent and no i.got and some Grant.valid.next
  sent' = sent + i -> i.saw
  saw' = saw and got' = got and kept' = kept and holder' = holder and valid' = valid and Is' = Is
}

pred answered[i: Instance] {
  some i.sent
  sent' = sent - i -> Version
  i.sent = Grant.valid implies {
    valid' = Grant -> Grant.valid.next and got' = got + i -> Grant.valid.next
    holder' = holder and Is' = Is
  } else {
    -- Refused: the session ends, unless an answer was lost before.
    valid' = valid and got' = got and holder' = holder - Grant -> i
    Is' = Is + (Unanswered in Is implies none else Ended) + (Unanswered in Is implies none else Alarm)
  }
  saw' = saw - i -> Version
  kept' = kept
}

-- The provider has rotated, and the answer is lost with the process.
pred lost[i: Instance] {
  some i.sent
  sent' = sent - i -> Version and saw' = saw - i -> Version and got' = got - i -> Version
  valid' = (i.sent = Grant.valid implies Grant -> Grant.valid.next else valid)
  -- The lease runs out; whoever inherits it knows.
  holder' = holder - Grant -> i and Is' = Is + Unanswered and kept' = kept
}

pred publish[i: Instance] {
  some i.got and Grant.holder = i
  holder' = holder - Grant -> i and got' = got - i -> Version
  Ended in Is implies (kept' = kept and Is' = Is) else (kept' = Grant -> i.got and Is' = Is - Unanswered)
  saw' = saw and sent' = sent and valid' = valid
}

pred signOut {
  Ended not in Is
  Is' = Is + Ended
  saw' = saw and sent' = sent and got' = got and kept' = kept and holder' = holder and valid' = valid
}

pred nothing {
  saw' = saw and sent' = sent and got' = got and kept' = kept and holder' = holder and valid' = valid and Is' = Is
}

fact behaviour {
  always (nothing or signOut or some i: Instance | look[i] or take[i] or send[i] or answered[i] or lost[i] or publish[i])
}

-- e2e/integration/tokens/token-storm.test.ts: 300 at once on each of two processes get one and the same, by one refresh, and no token is used twice
assert oneRefreshAtATime { always lone (sent.Version + got.Version) }
-- server/tokens/broker.test.ts: a holder that is stopped between the lease and the request does not send what a sibling has sent
assert nobodySendsATokenOlderThanTheLastRotation {
  always all i: Instance | (some i.sent and Unanswered not in Is) implies i.sent = Grant.valid
}
-- server/tokens/store.test.ts: is not kept by who has lost the lease, nor for a grant that has ended, and nothing of it is left
assert anEndedSessionGetsNone { always (Ended in Is implies always kept' = kept) }
-- e2e/integration/tokens/token-refresh.test.ts: RF-07: a refresh whose answer is lost after the provider has rotated ends cleanly, and for this session alone
assert aRefusalAfterALostAnswerEndsNoSession { always (Alarm not in Is) }

check oneRefreshAtATime for 2 but 4 Version, 1..10 steps
check nobodySendsATokenOlderThanTheLastRotation for 2 but 4 Version, 1..10 steps
check anEndedSessionGetsNone for 2 but 4 Version, 1..10 steps
check aRefusalAfterALostAnswerEndsNoSession for 2 but 4 Version, 1..10 steps
