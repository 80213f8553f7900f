import type { Metadata } from "next";
import { getNow, getTranslations } from "next-intl/server";
import { providerName } from "@/server/auth/provider-list";
import { requireSession } from "@/server/sessions/require-session";
import { AccountFrame } from "../_components/account-frame";
import { Profile } from "../_components/profile";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account");
  return { title: t("title") };
}

export default async function AccountPage() {
  const session = await requireSession({ returnTo: "/account" });
  const [t, now] = await Promise.all([getTranslations("account"), getNow()]);
  return (
    <AccountFrame current="profile" heading={t("title")}>
      <Profile
        user={{ ...session.user, emailVerified: session.user.emailVerified !== null }}
        providerName={providerName(session.provider)}
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
