import { buttonStyle } from "@/ui/button-style";

interface SignOutFormProps {
  scope: "device" | "provider" | "everywhere";
  title: string;
  body: string;
  /** That it leads to another site, and to which. */
  away?: string | null;
  button: string;
  csrfToken: string;
  emphasised?: boolean;
  /** The provider has no sign-out: the choice stays in sight, with the reason. */
  disabled?: boolean;
}

export function SignOutForm(props: SignOutFormProps) {
  const { scope, title, body, away, button, csrfToken, emphasised, disabled = false } = props;
  const describedBy = `sign-out-${scope}`;
  return (
    <form
      method="post"
      action="/api/auth/signout"
      data-scope={scope}
      className="grid gap-4 p-5 sm:grid-cols-[1fr_auto] sm:items-center sm:gap-8 sm:p-6"
    >
      <input type="hidden" name="csrfToken" value={csrfToken} />
      <input type="hidden" name="scope" value={scope} />
      <div className="min-w-0">
        <h2 className="font-semibold text-lg wrap-anywhere">{title}</h2>
        <p id={describedBy} className="mt-1 text-muted">
          {body}
          {away && <span className="mt-1 block text-sm wrap-anywhere">{away}</span>}
        </p>
      </div>
      <button
        type="submit"
        disabled={disabled}
        aria-describedby={describedBy}
        className={buttonStyle(emphasised ? "primary" : "secondary", "w-full wrap-anywhere sm:w-56")}
      >
        {button}
      </button>
    </form>
  );
}
