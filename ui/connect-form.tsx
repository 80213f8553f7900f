import { buttonStyle } from "./button-style";

interface ConnectFormProps {
  /** The service's id. */
  service: string;
  csrfToken: string;
  /** Where the person comes back to. */
  returnTo: string;
  /** Whether the optional scopes are asked for as well. */
  more?: boolean;
  label: string;
  /** What assistive technology reads, where the label alone leaves it open which service is meant. */
  name?: string;
}

/** Sends the person to a service, to allow this app to use it. A plain form: it leaves this site. */
export function ConnectForm({ service, csrfToken, returnTo, more = false, label, name }: ConnectFormProps) {
  return (
    <form method="post" action={`/api/connect/${service}`} data-action={more ? "more" : "connect"}>
      <input type="hidden" name="csrfToken" value={csrfToken} />
      <input type="hidden" name="returnTo" value={returnTo} />
      {more && <input type="hidden" name="scopes" value="more" />}
      <button
        type="submit"
        aria-label={name}
        className={buttonStyle(more ? "secondary" : "primary", "w-full sm:w-auto lg:w-full")}
      >
        {label}
      </button>
    </form>
  );
}
