import { useTranslations } from "next-intl";
import type { UserDetails } from "@/server/administration/find-user";
import { Breakable } from "@/ui/breakable";
import { EmptyPlace } from "@/ui/empty-place";
import { Moment } from "@/ui/moment";
import { SectionCard } from "@/ui/section-card";

interface IdentitiesProps {
  identities: UserDetails["identities"];
  nameOf: (provider: string) => string;
  now: Date;
}

/** The accounts at providers that a user signs in with. */
export function Identities({ identities, nameOf, now }: IdentitiesProps) {
  const t = useTranslations("admin.user.identities");
  return (
    <SectionCard id="identities" heading={t("heading", { count: identities.length })}>
      {identities.length === 0 && (
        <div className="p-5 sm:p-6">
          <EmptyPlace title={t("none.title")} body={t("none.body")} />
        </div>
      )}
      <ul className="divide-y divide-line px-5 pb-2 sm:px-6">
        {identities.map(({ id, provider, subject, issuer, createdAt, lastSignInAt }) => (
          <li key={id} className="grid gap-x-6 gap-y-2 py-4 sm:grid-cols-[minmax(0,1fr)_12rem]">
            <div className="min-w-0">
              <h3 className="font-semibold">{nameOf(provider)}</h3>
              <p className="text-sm wrap-anywhere">
                <code>
                  <Breakable text={subject} />
                </code>
              </p>
              <p className="text-muted text-sm wrap-anywhere">
                <Breakable text={issuer} />
              </p>
            </div>
            <dl className="text-sm">
              <dt className="text-muted">{t(lastSignInAt ? "lastSignIn" : "added")}</dt>
              <dd>
                <Moment at={lastSignInAt ?? createdAt} now={now} />
              </dd>
            </dl>
          </li>
        ))}
      </ul>
    </SectionCard>
  );
}
