import { useTranslations } from "next-intl";
import type { ProviderLabel } from "@/server/auth/provider-list";
import { buttonStyle } from "@/ui/button-style";

interface RemoveMethodProps {
  provider: ProviderLabel;
  /** Whether this session was opened with it, and ends. */
  isCurrent: boolean;
  csrfToken: string;
}

/** Says what removing does before it can be done; opens without JavaScript too. */
export function RemoveMethod({ provider: { id, name }, isCurrent, csrfToken }: RemoveMethodProps) {
  const t = useTranslations("account.identities");
  const body = `remove-${id}`;
  return (
    <details className="group">
      <summary
        aria-label={t("removeNamed", { provider: name })}
        className={buttonStyle("quiet", "-ml-5 cursor-pointer list-none [&::-webkit-details-marker]:hidden")}
      >
        {t("remove")}
      </summary>
      <form
        method="post"
        action={`/api/account/identities/${encodeURIComponent(id)}/unlink`}
        data-unlink={id}
        className="mt-1 rounded-lg border border-line bg-paper p-4 sm:p-5"
      >
        <input type="hidden" name="csrfToken" value={csrfToken} />
        <div id={body} className="space-y-2 text-[0.9375rem]">
          <p>{t("removeBody", { provider: name })}</p>
          {isCurrent && <p className="font-semibold">{t("removeCurrent", { provider: name })}</p>}
        </div>
        <button type="submit" aria-describedby={body} className={buttonStyle("secondary", "mt-4 w-full sm:w-auto")}>
          {t("removeConfirm", { provider: name })}
        </button>
      </form>
    </details>
  );
}
