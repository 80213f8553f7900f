"use client";

import { getSession, signIn, signOut, useSession } from "next-auth/react";
import { useState } from "react";

/** A client component as NextAuth's documentation has it. */
export function Known() {
  const { data: session, status, update } = useSession();
  const [told, tell] = useState("");
  const say = (what: unknown) => tell(JSON.stringify(what) ?? "nothing");
  return (
    <>
      <output data-status>{status}</output>
      <output data-who>{session?.user?.name ?? "nobody"}</output>
      <output data-told>{told}</output>
      <button type="button" onClick={() => signIn("company", { redirectTo: "/anywhere/client?by=client#here" })}>
        Enter
      </button>
      <button
        type="button"
        onClick={() => signIn("company", { callbackUrl: "/club/anybody" }, { login_hint: "haneul" })}
      >
        Enter with a hint
      </button>
      <button type="button" onClick={() => signIn()}>
        Choose
      </button>
      <button type="button" onClick={async () => say(await signIn("company", { redirect: false }))}>
        Ask
      </button>
      <button type="button" onClick={() => signOut({ redirectTo: "/anywhere?left=1" })}>
        Leave
      </button>
      <button type="button" onClick={async () => say(await signOut({ redirect: false }))}>
        Leave and stay
      </button>
      <button type="button" onClick={async () => say(await getSession())}>
        Get
      </button>
      <button type="button" onClick={async () => say((await update({ user: { name: "Somebody" } })) ?? "refused")}>
        Write
      </button>
    </>
  );
}
