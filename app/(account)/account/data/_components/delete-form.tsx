import { useTranslations } from "next-intl";
import type { Confirmation } from "@/server/sessions/guards/confirmation";
import { buttonStyle } from "@/ui/button-style";

interface DeleteFormProps {
  providerName: string;
  recentMinutes: number;
  confirmation: Confirmation["kind"];
  isMistyped: boolean;
  csrfToken: string;
}

/** First that it is really them, then the word that nobody types by accident. */
export function DeleteForm({ providerName, recentMinutes, confirmation, isMistyped, csrfToken }: DeleteFormProps) {
  const t = useTranslations("account.data.delete");
  if (confirmation === "sign_in_again")
    return (
      <div className="space-y-4">
        <p>{t("again", { provider: providerName, minutes: recentMinutes })}</p>
        <a href="/sign-out" className={buttonStyle("secondary", "w-full sm:w-auto")}>
          {t("signOut")}
        </a>
      </div>
    );
  const isConfirmed = confirmation === "confirmed";
  return (
    <form
      method="post"
      action="/api/account/delete"
      data-form={isConfirmed ? "delete" : "confirm"}
      className="space-y-4"
    >
      <input type="hidden" name="csrfToken" value={csrfToken} />
      {isConfirmed ? (
        <div className="space-y-2">
          <label htmlFor="confirm" className="block font-medium">
            {t.rich("type", { word: () => <strong className="text-danger">{t("word")}</strong> })}
          </label>
          <input
            id="confirm"
            name="confirm"
            type="text"
            required
            maxLength={40}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            aria-invalid={isMistyped || undefined}
            aria-describedby={isMistyped ? "mistyped" : undefined}
            className="min-h-11 w-full max-w-sm rounded-lg border border-edge bg-surface px-4 py-2"
          />
          {isMistyped && (
            <p id="mistyped" role="alert" className="text-danger">
              {t("mistyped")}
            </p>
          )}
        </div>
      ) : (
        <p>{t("confirmFirst", { provider: providerName })}</p>
      )}
      <button
        type="submit"
        className={
          isConfirmed ? buttonStyle("danger", "w-full sm:w-auto") : buttonStyle("secondary", "w-full sm:w-auto")
        }
      >
        {isConfirmed ? t("action") : t("confirm", { provider: providerName })}
      </button>
    </form>
  );
}
