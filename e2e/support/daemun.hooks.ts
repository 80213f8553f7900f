import "server-only";
import { defineHooks } from "@/edge/hooks";

// `tell`, `throw` or `hang`: what the hooks that may not refuse do in an instance; nothing where it is not said.
const mode = process.env.TEST_HOOKS;

async function afterwards(hook: string, event: object): Promise<void> {
  if (mode === undefined) return;
  console.log(`${hook} ${JSON.stringify(event)}`);
  if (mode === "throw") throw new Error(`${hook} is broken.`);
  if (mode === "hang") await new Promise(() => {});
}

/** The hooks that every test is written against: they do what the claim `urn:test:hook` says, and nothing without it. */
export default defineHooks({
  // A test that has a Redis tells the process where.
  ...(process.env.REDIS_URL && { tokenStore: "redis" }),
  onSignIn({ provider, claims, userInfo, isNew }) {
    switch (claims["urn:test:hook"]) {
      case "refuse":
        return { refuse: `${provider} ${isNew ? "new" : "known"} ${String(userInfo?.sub === claims.sub)}` };
      case "throw":
        throw new Error("This hook is broken.");
      case "hang":
        return new Promise(() => {});
      case "nonsense":
        return false as unknown as undefined;
      case "claims":
        return { claims: { tier: "gold", teams: ["마케팅", "ops"], nul: "a\0b" } };
      case "too many claims":
        return { claims: { blob: "x".repeat(2_000) } };
    }
  },
  onSignedIn: (event) => afterwards("onSignedIn", event),
  onSignedOut: (event) => afterwards("onSignedOut", event),
  onLinked: (event) => afterwards("onLinked", event),
  onTokenRefreshed: (event) => afterwards("onTokenRefreshed", event),
  onAccountDeleted: (event) => afterwards("onAccountDeleted", event),
  onNewDevice: (event) => afterwards("onNewDevice", event),
});
