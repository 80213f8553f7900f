import { signInWithCompany } from "./actions";

// The form is the same for everybody: Next compares the origin of whoever sends it.
export default function SignInPage() {
  return (
    <form action={signInWithCompany}>
      <button type="submit">Sign in with Company</button>
    </form>
  );
}
