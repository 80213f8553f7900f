import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

// Only rooms that exist; a new page adds its line and its word in messages/.
const rooms = [
  { id: "profile", href: "/account" },
  { id: "sessions", href: "/account/sessions" },
  { id: "inspector", href: "/account/inspector" },
] as const;

export type AccountRoom = (typeof rooms)[number]["id"];

interface AccountFrameProps {
  current: AccountRoom;
  heading: string;
  children: ReactNode;
}

/** The account centre around one of its pages. */
export function AccountFrame({ current, heading, children }: AccountFrameProps) {
  const t = useTranslations("account.nav");
  const link = "inline-flex min-h-11 items-center rounded-lg px-3.5 font-medium whitespace-nowrap lg:flex";
  return (
    <div className="mx-auto w-full max-w-5xl px-5 py-10 sm:py-14">
      <h1 className="font-bold text-3xl sm:text-4xl">{heading}</h1>
      <div className="mt-6 grid gap-6 lg:mt-9 lg:grid-cols-[13rem_minmax(0,1fr)] lg:gap-10">
        <nav aria-label={t("label")}>
          <ul className="flex flex-wrap gap-1 lg:sticky lg:top-6 lg:flex-col">
            {rooms.map(({ id, href }) => (
              <li key={id}>
                <a
                  href={href}
                  aria-current={id === current ? "page" : undefined}
                  className={`${link} text-muted hover:bg-accent-soft hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent`}
                >
                  {t(id)}
                </a>
              </li>
            ))}
            <li className="lg:mt-2 lg:border-line lg:border-t lg:pt-2">
              <a href="/sign-out" className={`${link} text-muted hover:bg-accent-soft hover:text-ink`}>
                {t("signOut")}
              </a>
            </li>
          </ul>
        </nav>
        <div className="min-w-0 space-y-6">{children}</div>
      </div>
    </div>
  );
}
