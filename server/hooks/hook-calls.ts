import "server-only";
import type { AccountDeleted, Hooks, Linked, NewDevice, SignedIn, SignedOut, TokenRefreshed } from "@/edge/hooks";
import type { AuditRow } from "../audit/write-bounded";
import { describeDevice } from "../sessions/registry/device";

/** A hook that may not refuse, with what it is told. */
export type HookCall =
  | { name: "onSignedIn"; event: SignedIn }
  | { name: "onSignedOut"; event: SignedOut }
  | { name: "onLinked"; event: Linked }
  | { name: "onTokenRefreshed"; event: TokenRefreshed }
  | { name: "onAccountDeleted"; event: AccountDeleted }
  | { name: "onNewDevice"; event: NewDevice };

/** Which hook an audit row is for; null for none. What an audit row says beyond what is named here stays in the trail. */
export function hookCallOf(row: AuditRow): HookCall | null {
  if (row.outcome !== "success") return null;
  const common = { at: new Date(row.at as Date), requestId: row.requestId ?? null };
  const session = row.sessionHash ?? null;
  const provider = row.provider ?? null;
  const issuer = row.issuer ?? null;
  const by = endedBy(row.event, row.reason ?? null);
  if (by !== null) {
    const sessions = [row.detail.count, row.detail.sessions].find((count) => typeof count === "number") ?? 1;
    // A sign-out that found nothing to end tells nobody anything.
    if (sessions === 0) return null;
    return { name: "onSignedOut", event: { ...common, userId: row.userId ?? null, provider, session, by, sessions } };
  }
  if (typeof row.userId !== "string") return null;
  const user = { ...common, userId: row.userId };
  if (row.event === "account.deleted") return { name: "onAccountDeleted", event: user };
  if (provider === null) return null;
  switch (row.event) {
    case "sign_in.succeeded":
      return { name: "onSignedIn", event: { ...user, provider, issuer, session, first: row.detail.first === true } };
    case "account.linked":
      return { name: "onLinked", event: { ...user, provider, issuer } };
    case "token.refreshed": {
      const { resource, organization } = row.detail;
      const target = { resource: text(resource), organization: text(organization) };
      return { name: "onTokenRefreshed", event: { ...user, provider, ...target } };
    }
    case "session.new_device": {
      const place = { country: text(row.detail.country), city: text(row.detail.city) };
      const device = describeDevice(row.userAgent ?? null);
      return { name: "onNewDevice", event: { ...user, provider, session, device, ...place } };
    }
    default:
      return null;
  }
}

function endedBy(event: string, reason: string | null): SignedOut["by"] | null {
  switch (event) {
    case "sign_out":
    // Whoever asks for the end of their account has signed out of all sessions by it.
    case "account.deletion_asked":
      return "user";
    case "sign_out.backchannel":
      return "provider";
    case "session.expired":
      return "expired";
    case "session.revoked":
      return reason === "signed_out_by_provider" ? "provider" : "revoked";
    default:
      return null;
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Calls it, if the app has it. */
export async function callHook(hooks: Hooks, call: HookCall): Promise<void> {
  switch (call.name) {
    case "onSignedIn":
      await hooks.onSignedIn?.(call.event);
      return;
    case "onSignedOut":
      await hooks.onSignedOut?.(call.event);
      return;
    case "onLinked":
      await hooks.onLinked?.(call.event);
      return;
    case "onTokenRefreshed":
      await hooks.onTokenRefreshed?.(call.event);
      return;
    case "onAccountDeleted":
      await hooks.onAccountDeleted?.(call.event);
      return;
    case "onNewDevice":
      await hooks.onNewDevice?.(call.event);
      return;
  }
}
