import { useTranslations } from "next-intl";
import { type FormEvent, type ReactNode, useActionState, useState } from "react";
import type { ErrorCode } from "@/auth";
import { buttonStyle } from "@/ui/button-style";
import type { Answer } from "../call-proxy";
import type { Entry } from "../entry";
import type { Place } from "../listing";
import { ServiceFailure } from "./service-failure";

export type Values = Readonly<Record<string, string>>;

interface EntryFormProps {
  place: Place;
  csrfToken: string;
  /** Sends the form where no script does. */
  action: (last: Entry | null, form: FormData) => Promise<Entry | null>;
  /** Sends it from here, through the proxy. */
  send: (values: Values) => Promise<Answer>;
  onSent: (body: unknown) => void;
  label: string;
  pendingLabel: string;
  /** The fields, filled with what was sent last and not taken. */
  children: (values: Values) => ReactNode;
}

const uncertain: readonly ErrorCode[] = ["upstream_unavailable", "upstream_timeout", "database_unavailable"];

/** A form that adds something at a service, and keeps what was typed until that is there. */
export function EntryForm(props: EntryFormProps) {
  const { place, csrfToken, action, send, onSent, label, pendingLabel, children } = props;
  const t = useTranslations("services");
  const [last, dispatch] = useActionState(action, null);
  const [code, setCode] = useState<ErrorCode | null>(null);
  const [isSending, setSending] = useState(false);
  // The answer to a form that was sent before the page was taken over, until it is sent again.
  const [past, setPast] = useState<Entry | null>(null);
  const failure = code ?? (last === past ? null : (last?.code ?? null));

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    if (isSending) return;
    setSending(true);
    setCode(null);
    setPast(last);
    const answer = await send(textsOf(new FormData(form)));
    setSending(false);
    if (answer.kind === "failed") return setCode(answer.code);
    form.reset();
    form.querySelector<HTMLElement>("input:not([type=hidden]), textarea")?.focus();
    onSent(answer.body);
  }

  return (
    <form action={dispatch} onSubmit={submit} data-form="entry" className="space-y-4 p-5 sm:p-6">
      <input type="hidden" name="csrfToken" value={csrfToken} />
      <input type="hidden" name="address" value={place.address} />
      {place.organization !== undefined && <input type="hidden" name="organization" value={place.organization} />}
      <div className="grid gap-4 sm:flex sm:items-end">
        {children(last?.values ?? {})}
        <button type="submit" aria-disabled={isSending} className={buttonStyle("primary", "shrink-0")}>
          {isSending ? pendingLabel : label}
        </button>
      </div>
      {failure && !isSending && (
        <ServiceFailure code={failure} place={place} onRetry={null}>
          <p>
            {t("kept")} {uncertain.includes(failure) && t("uncertain")}
          </p>
        </ServiceFailure>
      )}
    </form>
  );
}

function textsOf(form: FormData): Values {
  return Object.fromEntries([...form].filter((field): field is [string, string] => typeof field[1] === "string"));
}
