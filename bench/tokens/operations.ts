import { randomUUID } from "node:crypto";
import { db } from "@/server/db/client";
import { postgresStore } from "@/server/tokens/postgres-store";
import { expect, type Operation } from "../registry/timed";
import { broker, store } from "./broker";
import { makeToken, ownerOf, sampled, sealFor, target } from "./sample";

// Who is read, renewed and withdrawn. All of them are sealed before the first is timed, so that nobody's row was touched
// just before it is looked for.
const read = { from: 0, count: 200 };
const renewed = { from: 200, count: 50 };
const withdrawn = { from: 250, count: 450 };

let sealing: Promise<void> | undefined;

async function userOfRun({ from, count }: typeof read, run: number, users: number) {
  const everybody = () => Array.from({ length: withdrawn.from + withdrawn.count }, (_, index) => sampled(index, users));
  sealing ??= sealFor(everybody());
  await sealing;
  return sampled(from + (run % count), users);
}

async function readCached(run: number, users: number) {
  const owner = ownerOf(await userOfRun(read, run, users));
  return async () => {
    const { kind } = await broker.getToken(owner, target);
    expect(kind, "token");
  };
}

async function leaseAndPublish(run: number, users: number) {
  const { grantId } = await userOfRun(renewed, run, users);
  const token = { target, accessToken: makeToken(), expiresAt: new Date(Date.now() + 3_600_000), scope: "openid" };
  const user = { claims: { sub: "minsu", name: "Minsu", email: "minsu@company.example" }, roles: ["member"] };
  const renewal = { refreshToken: randomUUID(), idToken: makeToken(), grantScope: null, user, token };
  return async () => {
    const lease = await store.lease(grantId, randomUUID(), { ms: 10_000, inheritedMs: 10_000 });
    expect(typeof lease?.refreshToken, "string");
    if (lease) expect(await store.publish(lease, renewal), true);
  };
}

async function withdraw(run: number, users: number) {
  const { sessionId } = await userOfRun(withdrawn, run, users);
  return async () => {
    const [grant] = await db.$transaction((tx) => postgresStore(tx).withdraw([{ sessionId }], "signed_out"));
    expect(typeof grant?.refreshToken, "string");
  };
}

/** What is measured with few grants and with many. */
export const operations = { readCached, leaseAndPublish, withdraw } satisfies Record<string, Operation>;
