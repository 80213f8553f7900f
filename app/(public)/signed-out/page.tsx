import type { Metadata } from "next";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { getLocale, getTranslations } from "next-intl/server";
import { outcomeCookieName, readSignOutOutcome, type SignOutOutcome } from "@/server/auth/sign-out/sign-out-outcome";
import { signedOutElsewhere } from "@/server/sessions/aliases/hand-on";
import { readSession } from "@/server/sessions/registry/session-state";
import { buttonStyle } from "@/ui/button-style";
import { isolated } from "@/ui/isolated";
import { SessionGone } from "@/ui/session-watch/session-gone";
import { Statement } from "@/ui/statement";
import { AfterDeletion } from "../_components/after-deletion";
import { QuietReport } from "../_components/quiet-report";
import { SignOutReport } from "../_components/sign-out-report";

interface PageQuery {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata(): Promise<Metadata> {
  const [t, state] = await Promise.all([getTranslations(), readSession()]);
  return { title: t(state.kind === "unavailable" ? "unavailable.title" : "signedOut.title") };
}

export default async function SignedOutPage({ searchParams }: PageQuery) {
  const { state } = await searchParams;
  const handle = typeof state === "string" ? state : undefined;
  const elsewhere = await signedOutElsewhere(await headers(), handle);
  if (elsewhere !== null) redirect(elsewhere);
  const jar = await cookies();
  const [t, session, outcome] = await Promise.all([
    getTranslations(),
    readSession(),
    readSignOutOutcome(handle ?? null, jar.get(outcomeCookieName())?.value, await getLocale()),
  ]);
  // What is true now comes before what an address says was done.
  if (session.kind === "active") {
    const name = session.session.user.name ?? session.session.user.email;
    return (
      <Statement
        open
        heading={t("signedOut.stillIn.heading")}
        actions={
          <>
            <a href="/sign-out" className={buttonStyle("primary")}>
              {t("signedOut.stillIn.signOut")}
            </a>
            <a href="/account" className={buttonStyle("secondary")}>
              {t("signedOut.stillIn.account")}
            </a>
          </>
        }
      >
        <p className="wrap-anywhere">
          {name === null ? t("signedOut.stillIn.bodyNoName") : t.rich("signedOut.stillIn.body", { ...isolated, name })}
        </p>
      </Statement>
    );
  }
  if (outcome?.returnTo && session.kind !== "unavailable") redirect(outcome.returnTo);
  if (outcome?.deletion) return <AfterDeletion dueAt={outcome.deletion.dueAt} />;
  const doubt = session.kind === "unavailable" ? "unavailable" : "unknown";
  return (
    <Statement
      heading={outcome ? t("signedOut.heading") : t(`signedOut.${doubt}.heading`)}
      actions={
        <>
          <a href="/sign-in" className={buttonStyle("primary")}>
            {t("signedOut.signInAgain")}
          </a>
          <a href="/" className={buttonStyle("secondary")}>
            {t("signedOut.home")}
          </a>
        </>
      }
    >
      {session.kind !== "unavailable" && <SessionGone now={new Date().toISOString()} signedOut={outcome !== null} />}
      {outcome ? <Told outcome={outcome} /> : <p>{t(`signedOut.${doubt}.body`)}</p>}
    </Statement>
  );
}

/** The ordinary sign-out in a sentence or two; whatever is out of the ordinary line by line. */
function Told({ outcome }: { outcome: SignOutOutcome }) {
  const isOrdinary = outcome.scope === "device" && outcome.provider === "not_asked" && outcome.tokensLeft === 0;
  return isOrdinary ? <QuietReport outcome={outcome} /> : <SignOutReport outcome={outcome} />;
}
