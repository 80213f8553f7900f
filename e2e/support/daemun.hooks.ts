import "server-only";
import { defineHooks } from "@/edge/hooks";

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
    }
  },
});
