import NextAuth from "next-auth";

// `export const { auth: middleware }`, as NextAuth documents it, fails the build of Next 16.4.
const { auth } = NextAuth({ providers: [], session: { strategy: "jwt" }, trustHost: true });

export default auth(() => {});

// The product's matcher, so that all three run for the same requests.
export const config = {
  matcher: ["/((?!_next/static/).*)"],
};
