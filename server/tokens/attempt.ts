import "server-only";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { env } from "../env";
import type { TokenTarget } from "../oidc/dialects";
import { getMetadata, type ProviderMetadata } from "../oidc/metadata";
import type { TokenOutcome } from "./outcome";
import type { SessionHooks, TokenOwner } from "./owner";
import { failed, type RefreshOutcome, refresh } from "./refresh";
import { settle } from "./settle";
import type { GrantView, Lease, TokenStore } from "./store";

interface Wanted {
  owner: TokenOwner;
  target: TokenTarget;
  view: GrantView;
  /** Names owner and target. */
  key: string;
}

// The lease runs from the moment that the database gave it; here it is known a while later. Whoever gets it later than
// this gives it back unused: of what is left, the provider has to have its whole time.
const takingMs = 600;
// For verifying and writing down what came.
const publishMs = 1_200;
// Somebody died with the lease, or was cut off from the database and tries every moment to write down what they have:
// those come first.
const mourningMs = 1_000;

/** Refreshes, if the lease is to be had. Null where it is not, or where somebody else was faster. */
export async function attempt(
  parts: { store: TokenStore; hooks: SessionHooks },
  { owner, target, view, key }: Wanted,
): Promise<TokenOutcome | null> {
  const { store } = parts;
  // Before the lease, which leaves no time for it. A refresh token is only sent where there is time to hear the answer.
  const reached = await reach(owner);
  const asked = Date.now();
  const ms = takingMs + env().outboundTimeoutMs + publishMs;
  const lease = await store.lease(view.grantId, randomUUID(), { ms, inheritedMs: ms + mourningMs });
  if (!lease) return null;
  const isCurrent = await isToBeUsed(store, owner, target, lease, view.refreshCount);
  const isLate = Date.now() - asked > takingMs + (lease.isInherited ? mourningMs : 0);
  if (!isCurrent || isLate || lease.refreshToken === null) {
    await store.release(lease, 0);
    return null;
  }
  const { provider } = owner;
  const subject = owner.subject ?? view.subject;
  const { refreshToken } = lease;
  const outcome = reached.metadata
    ? await refresh({ provider, metadata: reached.metadata, subject, refreshToken, target, grantScope: view.scope })
    : reached.outcome;
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
  await sleep(mourningMs);
  return (await store.look(owner.grantOwner, target))?.refreshCount === refreshCount;
}

type Reached = { metadata: ProviderMetadata } | { metadata: null; outcome: RefreshOutcome };

async function reach({ provider }: TokenOwner): Promise<Reached> {
  try {
    return { metadata: await getMetadata(provider) };
  } catch (error) {
    return { metadata: null, outcome: failed(error) };
  }
}
