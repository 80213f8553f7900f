import type { Metadata } from "next";
import { getLocale, getNow, getTranslations } from "next-intl/server";
import { providerName } from "@/server/auth/provider-list";
import { requireSession } from "@/server/sessions/guards/require-session";
import type { ActiveSession } from "@/server/sessions/registry/session-state";
import { AccountFrame } from "../_components/account-frame";
import { Profile } from "../_components/profile";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account");
  return { title: t("title") };
}

export default async function AccountPage() {
  const session = await requireSession({ returnTo: "/account" });
  const [t, locale, now] = await Promise.all([getTranslations("account"), getLocale(), getNow()]);
  return (
    <AccountFrame current="profile" heading={t("title")}>
      <Profile
        user={{ ...session.user, ...emailOf(session) }}
        providerName={providerName(session.provider, locale)}
        session={{
          signedInAt: session.createdAt,
          idleExpiresAt: session.idleExpiresAt,
          expires: session.expires,
          device: session.device,
          roles: session.roles,
        }}
        claims={session.claims}
        now={now}
      />
    </AccountFrame>
  );
}

/** The registry keeps verified addresses alone; an unverified one is what the provider says, and is shown as that. */
function emailOf({ user, claims }: ActiveSession): { email: string | null; emailVerified: boolean } {
  if (user.email) return { email: user.email, emailVerified: user.emailVerified !== null };
  return { email: typeof claims.email === "string" ? claims.email : null, emailVerified: false };
}
