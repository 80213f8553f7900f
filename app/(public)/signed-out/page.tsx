import type { Metadata } from "next";
import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import { outcomeCookieName, readSignOutOutcome, type SignOutOutcome } from "@/server/auth/sign-out/sign-out-outcome";
import { readSession } from "@/server/sessions/registry/session-state";
import { buttonStyle } from "@/ui/button-style";
import { isolated } from "@/ui/isolated";
import { SessionGone } from "@/ui/session-watch/session-gone";
import { Statement } from "@/ui/statement";
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
  const { state: handle } = await searchParams;
  const jar = await cookies();
  const [t, state, outcome] = await Promise.all([
    getTranslations(),
    readSession(),
    readSignOutOutcome(typeof handle === "string" ? handle : null, jar.get(outcomeCookieName())?.value),
  ]);
  // What is true now comes before what an address says was done.
  if (state.kind === "active") {
    const name = state.session.user.name ?? state.session.user.email;
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
  const doubt = state.kind === "unavailable" ? "unavailable" : "unknown";
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
      {state.kind !== "unavailable" && <SessionGone now={new Date().toISOString()} signedOut={outcome !== null} />}
      {outcome ? <Told outcome={outcome} /> : <p>{t(`signedOut.${doubt}.body`)}</p>}
    </Statement>
  );
}

/** The ordinary sign-out in a sentence or two; whatever is out of the ordinary line by line. */
function Told({ outcome }: { outcome: SignOutOutcome }) {
  const isOrdinary = outcome.scope === "device" && outcome.provider === "not_asked" && outcome.tokensLeft === 0;
  return isOrdinary ? <QuietReport outcome={outcome} /> : <SignOutReport outcome={outcome} />;
}
