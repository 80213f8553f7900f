export default function SignInPage() {
  return (
    <form method="post" action="/api/sign-in" data-provider="company">
      <button type="submit">Sign in with Company</button>
    </form>
  );
}
