import { requireSession } from "@/auth";

/** A page that wants what the provider says now. */
export default async function ToldPage() {
  const { userInfo, claims } = await requireSession({ returnTo: "/anywhere/told", userInfo: true });
  return (
    <p>
      Told {userInfo.email}, known {claims.sub}
    </p>
  );
}
