import { useTranslations } from "next-intl";
import type { ErrorCode } from "@/edge/error-codes";
import { buttonStyle } from "@/ui/button-style";
import { ReferenceLine } from "@/ui/reference-line";
import { Statement } from "@/ui/statement";

// The provider would choose the same account again.
const retries: Partial<Record<ErrorCode, string>> = {
  logout_incomplete: "/sign-out",
  page_outdated: "/account",
  account_disabled: "/sign-in?account=other",
  account_not_linked: "/sign-in?account=other",
  sign_in_not_allowed: "/sign-in?account=other",
};

interface ErrorStatementProps {
  code: ErrorCode;
  reference: string | null;
  /** The app's public origin. */
  address: string;
}

export function ErrorStatement({ code, reference, address }: ErrorStatementProps) {
  const t = useTranslations();
  // Trying again means to finish what did not happen: after a sign-out that failed, that is the sign-out.
  const retry = code === "wrong_address" ? `${address}/sign-in` : (retries[code] ?? "/sign-in");
  return (
    <Statement
      heading={t(`errors.${code}.title`)}
      actions={
        <>
          <a href={retry} className={buttonStyle("primary")}>
            {t("authError.tryAgain")}
          </a>
          <a href="/" className={buttonStyle("secondary")}>
            {t("authError.home")}
          </a>
        </>
      }
    >
      <p>{t(`errors.${code}.body`)}</p>
      <div>
        <h2 className="font-semibold text-base text-ink">{t("authError.next")}</h2>
        <p className="mt-1 text-ink">{t(`errors.${code}.action`)}</p>
      </div>
      {reference && (
        <ReferenceLine label={t("authError.reference")} value={reference} help={t("authError.referenceHelp")} />
      )}
    </Statement>
  );
}
