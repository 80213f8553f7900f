import { createHash } from "node:crypto";
import type { IssuedEntry, JournalEntry } from "../../dev/provider/control-client";

/** One refresh as the provider saw it. Tokens and codes are hashes. */
export interface Refresh {
  /** The code whose exchange began the grant. */
  grant: string;
  /** The refresh token that was sent. */
  token: string;
  begin: number;
  /** Null while it was not over. */
  end: number | null;
  /** `lost`: carried out, and nobody heard the answer. */
  outcome: "renewed" | "lost" | "refused" | "failed";
}

/** One access token that the provider gave out. */
export interface Rotation {
  grant: string;
  /** Counts the grant's tokens; that of the sign-in is 0. */
  number: number;
  target: string;
  sha256: string;
  at: number;
}

/** What of a request at the token endpoint is kept. */
export interface TokenRequest {
  seq: number;
  begin: number;
  end: number | null;
  /** Of an authorization code or a refresh token. */
  sent: string;
  isRefresh: boolean;
  target: string;
  status: number | null;
  /** Whether a fault stood in for the provider. */
  isCanned: boolean;
  /** Whether a fault kept the caller from having the whole answer. */
  isCut: boolean;
}

/** What of a token response is kept. */
export interface TokenResponse {
  request: number;
  at: number;
  accessToken: string | null;
  refreshToken: string | null;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function targetOf(resource: string, organization = ""): string {
  return `${resource} ${organization}`;
}

export function summarizeRequest({ seq, time, endedAt, form, status, faults }: JournalEntry): TokenRequest {
  const text = (name: string) => [form[name] ?? ""].flat()[0] ?? "";
  const isRefresh = text("grant_type") === "refresh_token";
  return {
    seq,
    begin: Date.parse(time),
    end: endedAt === null ? null : Date.parse(endedAt),
    sent: sha256(text(isRefresh ? "refresh_token" : "code")),
    isRefresh,
    target: targetOf(text("resource"), text("organization_id")),
    status,
    isCanned: faults.includes("respond"),
    isCut: faults.includes("truncate") || faults.includes("reset_after_commit"),
  };
}

export function summarizeResponse({ request, time, accessToken, refreshToken }: IssuedEntry): TokenResponse {
  const hashed = (token: string | null) => token && sha256(token);
  return {
    request: request ?? -1,
    at: Date.parse(time),
    accessToken: hashed(accessToken),
    refreshToken: hashed(refreshToken),
  };
}

/** Follows each grant from its code through its refresh tokens. Both lists are in order. */
export function followGrants(
  requests: readonly TokenRequest[],
  responses: readonly TokenResponse[],
): { refreshes: Refresh[]; rotations: Rotation[] } {
  const answers = new Map(responses.map((response) => [response.request, response]));
  const numbers = new Map<string, number>();
  const refreshes: Refresh[] = [];
  const rotations: Rotation[] = [];
  // A refresh that waits is answered after later ones: what a token leads to is known once all answers are.
  const owners = new Map<string, string>();
  const grantOf = (token: string): string => {
    const parent = owners.get(token);
    return parent === undefined || parent === token ? token : grantOf(parent);
  };
  for (const { seq, sent } of requests) {
    const next = answers.get(seq)?.refreshToken;
    if (next && next !== sent) owners.set(next, sent);
  }
  for (const request of requests) {
    if (!request.isRefresh) continue;
    const { begin, end, sent: token, status, isCanned, isCut } = request;
    const answer = answers.get(request.seq);
    const isHeard = answer && !isCut && (end === null || answer.at <= end);
    const refused = status === 400 && !isCanned ? "refused" : "failed";
    refreshes.push({
      grant: grantOf(token),
      token,
      begin,
      end,
      outcome: answer ? (isHeard ? "renewed" : "lost") : refused,
    });
  }
  const bySeq = new Map(requests.map((request) => [request.seq, request]));
  for (const { request: seq, accessToken, at } of responses) {
    const request = bySeq.get(seq);
    if (!request || accessToken === null) continue;
    const grant = grantOf(request.sent);
    const number = (numbers.get(grant) ?? -1) + 1;
    numbers.set(grant, number);
    rotations.push({ grant, number, target: request.target, sha256: accessToken, at });
  }
  return { refreshes, rotations };
}
