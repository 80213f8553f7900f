import { signIn } from "@/bench/baselines/next-auth/auth";

// The action's form is the same for everybody, and NextAuth checks its origin.
export default function SignInPage() {
  return (
    <form
      action={async () => {
        "use server";
        await signIn("company", { redirectTo: "/who" });
      }}
    >
      <button type="submit">Sign in with Company</button>
    </form>
  );
}
