import { PrismaAdapter } from "@auth/prisma-adapter";
import NextAuth from "next-auth";
import { prisma } from "./database";

/** As NextAuth's documentation has it with a database: the session is a row, and tokens stand in the account's row as they came. */
export const { handlers, auth, signIn } = NextAuth({
  adapter: PrismaAdapter(prisma as never),
  session: { strategy: "database" },
  trustHost: true,
  pages: { signIn: "/sign-in" },
  providers: [
    {
      id: "company",
      name: "Company",
      type: "oidc",
      issuer: process.env.AUTH_COMPANY_ISSUER ?? "",
      clientId: process.env.AUTH_COMPANY_ID ?? "",
      clientSecret: process.env.AUTH_COMPANY_SECRET ?? "",
      authorization: { params: { scope: "openid profile email offline_access" } },
    },
  ],
});
