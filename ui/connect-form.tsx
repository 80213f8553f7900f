import { useTranslations } from "next-intl";
import { useId } from "react";
import { buttonStyle } from "./button-style";

interface ConnectFormProps {
  /** The service's id. */
  service: string;
  /** The host that it leads to, told before anybody goes there; null where that is not known. */
  host: string | null;
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
export function ConnectForm({ service, host, csrfToken, returnTo, more = false, label, name }: ConnectFormProps) {
  const t = useTranslations("shell");
  const leadsToId = useId();
  return (
    <form method="post" action={`/api/connect/${service}`} data-action={more ? "more" : "connect"}>
      <input type="hidden" name="csrfToken" value={csrfToken} />
      <input type="hidden" name="returnTo" value={returnTo} />
      {more && <input type="hidden" name="scopes" value="more" />}
      <button
        type="submit"
        aria-label={name}
        aria-describedby={host === null ? undefined : leadsToId}
        className={buttonStyle(more ? "secondary" : "primary", "w-full sm:w-auto lg:w-full")}
      >
        {label}
      </button>
      {host !== null && (
        <p id={leadsToId} className="mt-2 text-muted text-sm wrap-anywhere">
          {t("leadsTo", { host })}
        </p>
      )}
    </form>
  );
}
