import type { Metadata } from "next";
import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import { outcomeCookieName, readSignOutOutcome } from "@/server/auth/sign-out/sign-out-outcome";
import { readSession } from "@/server/sessions/registry/session-state";
import { buttonStyle } from "@/ui/button-style";
import { isolated } from "@/ui/isolated";
import { SessionGone } from "@/ui/session-watch/session-gone";
import { Statement } from "@/ui/statement";
import { SignOutReport } from "../_components/sign-out-report";

interface PageQuery {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("signedOut");
  return { title: t("title") };
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
      {outcome ? <SignOutReport outcome={outcome} /> : <p>{t(`signedOut.${doubt}.body`)}</p>}
    </Statement>
  );
}
