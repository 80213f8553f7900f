import { auth, signIn, signOut } from "@/auth";
import { enter, leave } from "../actions";
import { AddressForm } from "./address-form";

/** The same by server actions: ours as they are, and a developer's own around them. */
export default async function ServerPage() {
  const session = await auth();
  return (
    <>
      <output data-who>{session?.user.name ?? "nobody"}</output>
      <form action={signIn.bind(null, "company")} data-form="bound">
        <input type="hidden" name="returnTo" value="/anywhere/server?by=form" />
        <button type="submit">Enter</button>
      </form>
      <form action={enter} data-form="own">
        <input type="hidden" name="to" value="/anywhere/server?by=action" />
        <button type="submit">Enter by an action</button>
      </form>
      <form action={signOut} data-form="out">
        <button type="submit">Leave</button>
      </form>
      <form action={leave} data-form="leave">
        <button type="submit">Leave by an action</button>
      </form>
      <AddressForm />
    </>
  );
}
