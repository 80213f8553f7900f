import "server-only";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { wallDeadlineIn } from "../http/deadline";
import type { TokenTarget } from "../oidc/dialects";
import { ProofKey } from "../oidc/dpop";
import { getMetadata, type ProviderMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import { isBound } from "../settings/bound";
import { env } from "../settings/env";
import type { TokenOutcome } from "./outcome";
import type { TokenOwner } from "./owner";
import { failed, type RefreshOutcome, refresh, verifyingMs } from "./refresh";
import { type SettleParts, settle } from "./settle";
import type { GrantView, Lease, TokenStore } from "./store";

interface Wanted {
  owner: TokenOwner;
  target: TokenTarget;
  view: GrantView;
  /** Names owner and target. */
  key: string;
  /** Milliseconds in which the lease has to come. */
  leaseGrantMs: number;
}

// The lease runs from the moment that the database gave it; here it is known a while later. Whoever gets it later than
// this gives it back unused: of what is left, the provider has to have its whole time.
export const shortestLeaseGrantMs = 600;
export const longestLeaseGrantMs = 2_400;
// For writing down what came.
export const publishMs = 400;
// Somebody died with the lease, or was cut off from the database and tries every moment to write down what they have:
// those come first.
export const lostHolderGraceMs = 1_000;

/** Refreshes, if the lease is to be had. Null where it is not, or where another was faster; `late` where it came too late. */
export async function attempt(parts: SettleParts, wanted: Wanted): Promise<TokenOutcome | "late" | null> {
  const { owner, target, view, key, leaseGrantMs } = wanted;
  const { store } = parts;
  // Before the lease, which leaves no time for it. A refresh token is only sent where there is time to hear the answer.
  const reached = await reach(owner);
  const asked = Date.now();
  const ms = leaseGrantMs + env().outboundTimeoutMs + verifyingMs + publishMs;
  const lease = await store.lease(view.grantId, randomUUID(), { ms, inheritedMs: ms + lostHolderGraceMs });
  if (!lease) return null;
  const isCurrent = await isToBeUsed(store, owner, target, lease, view.refreshCount);
  const graceMs = lease.isInherited ? lostHolderGraceMs : 0;
  const passedMs = Date.now() - asked;
  const isLate = passedMs > leaseGrantMs + graceMs;
  if (!isCurrent || isLate || lease.refreshToken === null) {
    await store.release(lease, 0);
    return isCurrent && isLate ? "late" : null;
  }
  const { provider } = owner;
  const subject = owner.subject ?? view.subject;
  const { refreshToken } = lease;
  const { metadata } = reached;
  if (!metadata) return settle(parts, { owner, target, lease, key }, reached.outcome);
  const mustBeBound = isBound(provider, target);
  // A public client's refresh token is bound to the key that its grant has (RFC 9449, section 5), whatever configuration
  // says by now, here or at the instance that began with it.
  const kept = mustBeBound || provider.clientAuthentication === "none" ? lease.proofKey : null;
  const proofKey = kept ?? (mustBeBound ? await ProofKey.make() : null);
  // By the wall's clock, as the lease: once it is over, another instance sends the same refresh token.
  const outcome = await withDeadline(wallDeadlineIn(ms + graceMs - passedMs - publishMs), () =>
    refresh({
      provider,
      metadata,
      issuer: owner.issuer,
      subject,
      refreshToken,
      target,
      grantScope: view.scope,
      proofKey,
      mustBeBound,
    }),
  );
  return settle(parts, { owner, target, lease, key }, outcome);
}

/** Whether nobody has published since the look. */
async function isToBeUsed(
  store: TokenStore,
  owner: TokenOwner,
  target: TokenTarget,
  lease: Lease,
  refreshCount: number,
): Promise<boolean> {
  if (lease.refreshCount !== refreshCount) return false;
  if (!lease.isInherited) return true;
  await sleep(lostHolderGraceMs);
  return (await store.look(owner.grantOwner, target))?.refreshCount === refreshCount;
}

type Reached = { metadata: ProviderMetadata } | { metadata: null; outcome: RefreshOutcome };

async function reach({ provider }: TokenOwner): Promise<Reached> {
  try {
    return { metadata: await getMetadata(provider) };
  } catch (error) {
    return { metadata: null, outcome: failed(error, { wasSent: false }) };
  }
}
