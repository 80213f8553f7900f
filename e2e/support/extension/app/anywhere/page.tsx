import { auth, SignIn, SignOut } from "@/auth";

/** A page for anyone, with buttons and nothing else: no script of its own, no form page of ours before it. */
export default async function AnywherePage() {
  const session = await auth();
  return (
    <>
      <output data-who>{session ? `${session.user.name} by ${session.provider}` : "nobody"}</output>
      {session ? <SignOut returnTo="/anywhere?left=1">Leave</SignOut> : <SignIn provider="company">Enter</SignIn>}
      <SignIn provider="partner" returnTo="/club/anybody" mode="sign-up" />
      <SignIn returnTo="/club/anybody" />
      <SignOut />
    </>
  );
}
