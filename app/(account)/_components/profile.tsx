import { useTranslations } from "next-intl";
import { Avatar } from "@/ui/avatar";
import { Name } from "@/ui/name";
import { EmailLine, type GivenEmail } from "./email-line";

interface ProfileProps {
  name: string | null;
  image: string | null;
  email: GivenEmail;
  provider: { name: string; accountPage: string | null };
}

/** Who somebody is, by what their provider says, and where they change that. */
export function Profile({ name, image, email, provider }: ProfileProps) {
  const t = useTranslations("account");
  return (
    <section aria-label={t("profile.label")} className="rounded-xl border border-line bg-surface">
      <div className="flex items-center gap-4 p-5 sm:gap-5 sm:p-6">
        <Avatar name={name ?? email.address} image={image} size="large" alt={t("picture")} />
        <div className="min-w-0">
          <p className="font-semibold text-xl wrap-anywhere sm:text-2xl">
            <Name>{name ?? t("noName")}</Name>
          </p>
          <EmailLine {...email} />
        </div>
      </div>
      <p className="flex flex-wrap items-center gap-x-2 border-line border-t px-5 py-3.5 text-[0.9375rem] text-muted sm:px-6">
        {t("profile.from", { provider: provider.name })}
        {provider.accountPage === null ? (
          <span>{t("profile.changeThere", { provider: provider.name })}</span>
        ) : (
          <a
            href={provider.accountPage}
            rel="noreferrer"
            className="inline-flex min-h-8 items-center gap-1 font-semibold text-accent underline-offset-4 hover:underline"
          >
            {t("profile.change", { provider: provider.name })} <span aria-hidden="true">↗</span>
          </a>
        )}
      </p>
    </section>
  );
}
