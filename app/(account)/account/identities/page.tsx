import type { Metadata } from "next";
import { getLocale, getNow, getTranslations } from "next-intl/server";
import { parseReturnPath } from "@/edge/return-path";
import { getLinkIntent } from "@/server/auth/linking/link-intent";
import { listIdentities } from "@/server/auth/linking/list-identities";
import { listProviderLabels, providerLabel } from "@/server/auth/provider-list";
import { formToken } from "@/server/sessions/cookies/form-token";
import { requireSession } from "@/server/sessions/guards/require-session";
import { SectionCard } from "@/ui/section-card";
import { AccountFrame } from "../../_components/account-frame";
import { AddMethods } from "./_components/add-methods";
import { ChangeNotice } from "./_components/change-notice";
import { IdentityRow } from "./_components/identity-row";
import { WantedMethod } from "./_components/wanted-method";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.identities");
  return { title: t("title") };
}

const ownPath = "/account/identities";

/**
 * Whoever came with an identity that is not linked finds its provider chosen here, by the cookie of that refusal or, back from
 * confirming a sign-in, by `provider` and `returnTo`.
 */
export default async function IdentitiesPage({ searchParams }: PageProps<"/account/identities">) {
  const session = await requireSession({ returnTo: ownPath });
  const [t, locale, now, query, csrfToken, intent, identities] = await Promise.all([
    getTranslations("account.identities"),
    getLocale(),
    getNow(),
    searchParams,
    formToken("session"),
    getLinkIntent(),
    listIdentities(session),
  ]);
  const addable = listProviderLabels(locale).filter(({ id }) => !identities.some(({ provider }) => provider === id));
  const asked = typeof query.provider === "string" ? query.provider : intent?.provider;
  const wanted = addable.find(({ id }) => id === asked);
  const returnTo = typeof query.returnTo === "string" ? parseReturnPath(query.returnTo) : (intent?.returnTo ?? null);
  // What a click did is read from the rows: an address could be anybody's.
  const linked = identities.find(({ provider }) => provider === query.linked);
  const unlinked = addable.find(({ id }) => id === query.unlinked);
  return (
    <AccountFrame current="identities" heading={t("title")}>
      <ChangeNotice
        linked={linked && isNew(linked.addedAt, now) ? providerLabel(linked.provider, locale).name : null}
        unlinked={unlinked?.name ?? null}
      />
      {wanted && <WantedMethod provider={wanted} csrfToken={csrfToken} returnTo={returnTo} />}
      <SectionCard id="methods" heading={t("heading", { count: identities.length })} lead={t("lead")}>
        <ul className="mt-5 divide-y divide-line border-line border-t sm:mt-6">
          {identities.map((identity) => (
            <IdentityRow
              key={`${identity.provider} ${identity.addedAt.toISOString()}`}
              identity={identity}
              provider={providerLabel(identity.provider, locale)}
              csrfToken={csrfToken}
              now={now}
            />
          ))}
        </ul>
      </SectionCard>
      <AddMethods
        providers={addable.filter((provider) => provider !== wanted)}
        isComplete={addable.length === 0}
        confirmedBy={providerLabel(session.provider, locale).name}
        csrfToken={csrfToken}
      />
    </AccountFrame>
  );
}

function isNew(addedAt: Date, now: Date): boolean {
  return now.getTime() - addedAt.getTime() < 60_000;
}
