import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { Moment } from "@/ui/moment";
import { SessionGone } from "@/ui/session-watch/session-gone";
import { Statement } from "@/ui/statement";

/** What whoever deleted their account reads: that it is gone, or until when it can be kept. */
export function AfterDeletion({ dueAt }: { dueAt: string | null }) {
  const t = useTranslations();
  const state = dueAt === null ? "done" : "due";
  return (
    <Statement
      heading={t(`account.data.delete.after.${state}.title`)}
      actions={
        <>
          {dueAt !== null && (
            <a href="/sign-in" className={buttonStyle("secondary")}>
              {t("signedOut.signInAgain")}
            </a>
          )}
          <a href="/" className={buttonStyle(dueAt === null ? "primary" : "quiet")}>
            {t("signedOut.home")}
          </a>
        </>
      }
    >
      <SessionGone now={new Date().toISOString()} signedOut />
      <p>
        {dueAt === null
          ? t("account.data.delete.after.done.body")
          : t.rich("account.data.delete.after.due.body", { when: () => <Moment at={new Date(dueAt)} /> })}
      </p>
    </Statement>
  );
}
