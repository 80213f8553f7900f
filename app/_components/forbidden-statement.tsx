import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { isolated } from "@/ui/isolated";
import { Statement } from "@/ui/statement";

interface ForbiddenStatementProps {
  /** Who is signed in, if that is known. */
  name: string | null;
  /** The page that was refused, which another account may see. */
  page: string | null;
}

export function ForbiddenStatement({ name, page }: ForbiddenStatementProps) {
  const t = useTranslations("forbidden");
  const other = new URLSearchParams({ account: "other", ...(page && { returnTo: page }) });
  return (
    <Statement
      heading={t("heading")}
      actions={
        <>
          <a href="/account" className={buttonStyle("primary")}>
            {t("account")}
          </a>
          <a href={`/sign-in?${other}`} className={buttonStyle("secondary")}>
            {t("switch")}
          </a>
        </>
      }
    >
      <p>{t("body")}</p>
      {name && <p className="font-semibold text-ink wrap-anywhere">{t.rich("signedInAs", { ...isolated, name })}</p>}
      <p>{t("action")}</p>
    </Statement>
  );
}
