import type en from "@/messages/en.json";
import type { Activity } from "@/server/accounts/activity";

/** The sentences that there are, by their names in the texts. */
export type Sentence = keyof (typeof en)["account"]["activity"]["events"];

const plain: Readonly<Record<string, Sentence>> = {
  "sign_in.started": "signInStarted",
  "sign_in.failed": "signInFailed",
  "sign_in.not_allowed": "signInNotAllowed",
  "account.address_changed": "addressChanged",
  "account.deletion_asked": "deletionAsked",
  "account.deletion_undone": "deletionUndone",
  "account.deleted": "deleted",
  "account.exported": "exported",
  "session.new_device": "newDevice",
  "session.rejected": "sessionRejected",
  "session.bound": "sessionBound",
  "session.renewal_refused": "sessionRenewalRefused",
  "session.role_lost": "sessionRoleLost",
  "sign_out.backchannel": "signOutBackchannel",
  "sign_out.backchannel_rejected": "signalRejected",
  "token.refreshed": "tokenRefreshed",
  "token.refresh_failed": "tokenRefreshFailed",
  "token.exchanged": "tokenExchanged",
  "token.exposed": "tokenExposed",
  "service.connected": "serviceConnected",
  "service.disconnected": "serviceDisconnected",
  "service.denied": "serviceDenied",
  "authorization.denied": "authorizationDenied",
  "csrf.rejected": "csrfRejected",
  "rate.limited": "rateLimited",
  "security.identity_switch": "identitySwitch",
  "security.ciphertext": "ciphertext",
  "vault.rotated": "vaultRotated",
  "signing.key_made": "signingKeyMade",
  "signal.received": "signalReceived",
  "signal.rejected": "signalRejected",
  "provider.moved": "providerMoved",
  "webhook.failed": "webhookFailed",
};

// What depends on a word beside the event; the last of a list is for any other word.
const byCause: Readonly<Record<string, Readonly<Record<string, Sentence>>>> = {
  "session.expired": { idle: "sessionExpiredIdle", provider_limit: "sessionExpiredProvider", other: "sessionExpired" },
  "session.revoked": {
    self: "sessionRevokedSelf",
    cap: "sessionRevokedCap",
    replaced: "sessionRevokedReplaced",
    other: "sessionRevoked",
  },
  sign_out: {
    provider: "signOutProvider",
    everywhere: "signOutEverywhere",
    "front-channel": "signOutBackchannel",
    other: "signOut",
  },
  "admin.action": {
    disable: "adminDisable",
    enable: "adminEnable",
    end_session: "adminEndSession",
    end_sessions: "adminEndSessions",
    export: "adminExport",
    delete: "adminDelete",
    other: "admin",
  },
};

/** How an entry of the trail is said to its user. What a later version wrote has a neutral sentence. */
export function sentenceOf({ event, cause, isFailure, isFirst }: Activity): Sentence {
  if (event === "sign_in.succeeded") return isFirst ? "signInFirst" : "signInSucceeded";
  if (event === "account.linked") return isFailure ? "accountLinkedFailed" : "accountLinked";
  if (event === "account.unlinked") return isFailure ? "accountUnlinkedFailed" : "accountUnlinked";
  const causes = Object.hasOwn(byCause, event) ? byCause[event] : undefined;
  const ofCause = causes && (causes[cause ?? "other"] ?? causes.other);
  const sentence = ofCause ?? (Object.hasOwn(plain, event) ? plain[event] : undefined);
  return sentence ?? (isFailure ? "unknownFailed" : "unknown");
}
