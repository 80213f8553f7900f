import { useTranslations } from "next-intl";
import { GateScene } from "@/ui/brand/gate-scene";
import { buttonStyle } from "@/ui/button-style";
import { isolated } from "@/ui/isolated";

interface HomeSignedInProps {
  name: string | null;
  providerName: string;
  /** Those that have a page here. */
  services: { name: string; href: string }[];
}

export function HomeSignedIn({ name, providerName, services }: HomeSignedInProps) {
  const t = useTranslations("home.signedIn");
  return (
    <div className="mx-auto grid w-full max-w-5xl items-center gap-10 px-5 py-12 sm:py-20 lg:grid-cols-[1fr_26rem] lg:gap-16">
      <div>
        <h1 className="font-bold text-3xl wrap-anywhere sm:text-5xl">
          {name ? t.rich("heading", { ...isolated, name }) : t("headingNoName")}
        </h1>
        <p className="mt-5 max-w-xl text-lg text-muted">{t("lead", { provider: providerName })}</p>
        <div className="mt-8 flex flex-wrap gap-3">
          <a href="/account" className={buttonStyle("primary", "min-h-12 px-7 text-lg")}>
            {t("account")}
          </a>
          <a href="/sign-out" className={buttonStyle("secondary", "min-h-12 px-7 text-lg")}>
            {t("signOut")}
          </a>
        </div>
        {services.length > 0 && (
          <nav aria-labelledby="services" className="mt-9 flex flex-wrap items-center gap-x-1 gap-y-1">
            <h2 id="services" className="mr-2 text-muted">
              {t("services")}
            </h2>
            {services.map(({ href, name: label }) => (
              <a
                key={href}
                href={href}
                className="inline-flex min-h-11 items-center rounded-lg px-3 font-semibold text-accent hover:bg-accent-soft"
              >
                {label}
              </a>
            ))}
          </nav>
        )}
      </div>
      <GateScene open className="mx-auto h-auto w-full max-w-md" />
    </div>
  );
}
