import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { isolated } from "@/ui/isolated";
import { Statement } from "@/ui/statement";

/** @param name who is signed in, if that is known */
export function ForbiddenStatement({ name }: { name: string | null }) {
  const t = useTranslations("forbidden");
  return (
    <Statement
      heading={t("heading")}
      actions={
        <>
          <a href="/account" className={buttonStyle("primary")}>
            {t("account")}
          </a>
          <a href="/sign-in?account=other" className={buttonStyle("secondary")}>
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
