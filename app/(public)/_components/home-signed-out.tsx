import { useTranslations } from "next-intl";
import { GateScene } from "@/ui/brand/gate-scene";
import { buttonStyle } from "@/ui/button-style";
import { Notice } from "@/ui/notice";

const points = ["key", "vault", "end"] as const;

export function HomeSignedOut({ unavailable }: { unavailable: boolean }) {
  const t = useTranslations("home");
  return (
    <div className="mx-auto w-full max-w-5xl px-5 py-12 sm:py-20">
      <div className="grid items-center gap-10 lg:grid-cols-[1fr_26rem] lg:gap-16">
        <div>
          <h1 className="font-bold text-3xl sm:text-5xl">{t("heading")}</h1>
          <p className="mt-5 max-w-xl text-lg text-muted">{t("lead")}</p>
          {unavailable ? (
            <div className="mt-8 max-w-xl">
              <Notice tone="warn" title={t("unavailable.title")}>
                <p>{t("unavailable.body")}</p>
              </Notice>
            </div>
          ) : null}
          <p className="mt-8">
            <a href="/sign-in" className={buttonStyle("primary", "min-h-12 px-8 text-lg")}>
              {t("signIn")}
            </a>
          </p>
        </div>
        <GateScene open={false} className="mx-auto h-auto w-full max-w-md" />
      </div>
      <section aria-labelledby="points" className="mt-16 border-line border-t pt-10 sm:mt-24">
        <h2 id="points" className="sr-only">
          {t("pointsHeading")}
        </h2>
        <ul className="grid gap-8 sm:grid-cols-3 sm:gap-10">
          {points.map((point) => (
            <li key={point}>
              <h3 className="font-semibold text-lg">{t(`points.${point}.title`)}</h3>
              <p className="mt-2 text-muted">{t(`points.${point}.body`)}</p>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
