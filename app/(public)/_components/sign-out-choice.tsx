import { SignOutForm } from "@/server/forms/sign-out-form";
import { buttonStyle } from "@/ui/button-style";

interface SignOutChoiceProps {
  scope: "device" | "provider" | "everywhere";
  title: string;
  body: string;
  /** That it leads to another site, and to which. */
  away?: string | null;
  button: string;
  emphasised?: boolean;
  /** The provider has no sign-out: the choice stays in sight, with the reason. */
  disabled?: boolean;
}

export function SignOutChoice(props: SignOutChoiceProps) {
  const { scope, title, body, away, button, emphasised, disabled = false } = props;
  const describedBy = `sign-out-${scope}`;
  return (
    <SignOutForm scope={scope} className="grid gap-4 p-5 sm:grid-cols-[1fr_auto] sm:items-center sm:gap-8 sm:p-6">
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
    </SignOutForm>
  );
}
