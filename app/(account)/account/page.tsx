import type { Metadata } from "next";
import { getLocale, getNow, getTranslations } from "next-intl/server";
import { describeProvider } from "@/server/auth/provider-list";
import { getOrganizations } from "@/server/sessions/guards/organizations";
import { requireSession } from "@/server/sessions/guards/require-session";
import type { ActiveSession } from "@/server/sessions/registry/active-session";
import { AccountFrame } from "../_components/account-frame";
import { ClaimsDetails } from "../_components/claims-details";
import type { GivenEmail } from "../_components/email-line";
import { OwnOrganizations } from "../_components/own-organizations";
import { Profile } from "../_components/profile";
import { SignInMethods } from "../_components/sign-in-methods";
import { ThisSession } from "../_components/this-session";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account");
  return { title: t("title") };
}

/** An account by what somebody comes for: who they are, how they sign in, where they belong, and this session. */
export default async function AccountPage() {
  const session = await requireSession({ returnTo: "/account" });
  const [t, locale, now] = await Promise.all([getTranslations("account"), getLocale(), getNow()]);
  const provider = describeProvider(session.provider, locale);
  const organizations = getOrganizations(session);
  const { name, image } = session.user;
  return (
    <AccountFrame current="profile" heading={t("title")}>
      <Profile name={name} image={image} email={emailOf(session, provider.name)} provider={provider} />
      <SignInMethods provider={provider} />
      {organizations.length > 0 && <OwnOrganizations organizations={organizations} />}
      <ThisSession providerName={provider.name} session={session} now={now} />
      <ClaimsDetails claims={session.claims} providerName={provider.name} />
    </AccountFrame>
  );
}

/** The registry keeps verified addresses alone; an unverified one is what the provider gave, whichever way it came. */
function emailOf({ user, givenEmail }: ActiveSession, providerName: string): GivenEmail {
  if (!user.email) return { address: givenEmail, isVerified: false, vouchedBy: null };
  const isOfThisProvider = givenEmail?.toLowerCase() === user.email;
  const isVerified = user.emailVerified !== null;
  return { address: user.email, isVerified, vouchedBy: isVerified && isOfThisProvider ? providerName : null };
}
