// Where NextAuth's documentation has its actions; in this repository they live in files named actions.ts.
const inline = `${JSON.stringify("use server")};`;

/** A small app with NextAuth, in the shape of authjs.dev for Next.js 16: what `docs/migrating.md` moves over. */
export const nextAuthApp: Readonly<Record<string, string>> = {
  "auth.ts": `import PostgresAdapter from "@auth/pg-adapter";
import NextAuth from "next-auth";
import { pool } from "@/lib/db";

export const { handlers, signIn, signOut, auth } = NextAuth({
  adapter: PostgresAdapter(pool),
  providers: [
    {
      id: "company",
      name: "Company",
      type: "oidc",
      issuer: process.env.AUTH_COMPANY_ISSUER,
      clientId: process.env.AUTH_COMPANY_ID,
      clientSecret: process.env.AUTH_COMPANY_SECRET,
    },
  ],
  callbacks: {
    authorized: ({ auth, request: { nextUrl } }) => nextUrl.pathname === "/" || nextUrl.pathname === "/about" || !!auth,
    signIn: ({ profile }) => profile?.email_verified === true,
    session({ session, user }) {
      session.user.id = user.id;
      return session;
    },
  },
});
`,
  "app/api/auth/[...nextauth]/route.ts": `import { handlers } from "@/auth";

export const { GET, POST } = handlers;
`,
  "proxy.ts": `export { auth as proxy } from "@/auth";

export const config = { matcher: ["/((?!api|_next/static|_next/image|favicon.ico).*)"] };
`,
  // Of before Cache Components, as NextAuth's own documentation is.
  "next.config.ts": `import type { NextConfig } from "next";

const nextConfig: NextConfig = {};

export default nextConfig;
`,
  "lib/db.ts": `import { Pool } from "pg";

export const pool = new Pool({ connectionString: process.env.DATABASE_URL });

export async function notesOf(userId: string): Promise<string[]> {
  const { rows } = await pool.query('SELECT text FROM notes WHERE "userId" = $1', [userId]);
  return rows.map(({ text }) => text);
}

export async function addNote(userId: string, text: string): Promise<void> {
  await pool.query('INSERT INTO notes ("userId", text) VALUES ($1, $2)', [userId, text]);
}
`,
  "app/about/page.tsx": `export default function About() {
  return <p>Notes for everybody at the company</p>;
}
`,
  "app/notes/layout.tsx": `import { SessionProvider } from "next-auth/react";
import { auth } from "@/auth";

export default async function Layout({ children }: { children: React.ReactNode }) {
  return <SessionProvider session={await auth()}>{children}</SessionProvider>;
}
`,
  "app/notes/user-name.tsx": `"use client";

import { useSession } from "next-auth/react";

export function UserName() {
  const { data } = useSession();
  return <h1>Notes of {data?.user?.name}</h1>;
}
`,
  "app/notes/page.tsx": `import { redirect } from "next/navigation";
import { auth, signOut } from "@/auth";
import { notesOf } from "@/lib/db";
import { UserName } from "./user-name";

export default async function Notes() {
  const session = await auth();
  if (!session?.user?.id) redirect("/api/auth/signin");
  const notes = await notesOf(session.user.id);
  return (
    <main>
      <UserName />
      <ul>{notes.map((note) => <li key={note}>{note}</li>)}</ul>
      <form
        action={async () => {
          ${inline}
          await signOut({ redirectTo: "/" });
        }}
      >
        <button type="submit">Sign out</button>
      </form>
    </main>
  );
}
`,
  "app/api/notes/route.ts": `import { auth } from "@/auth";
import { addNote, notesOf } from "@/lib/db";

export const GET = auth(async ({ auth: session }) => {
  if (!session?.user?.id) return Response.json({ error: "not signed in" }, { status: 401 });
  return Response.json({ userId: session.user.id, notes: await notesOf(session.user.id) });
});

export const POST = auth(async (request) => {
  const id = request.auth?.user?.id;
  if (!id) return Response.json({ error: "not signed in" }, { status: 401 });
  await addNote(id, await request.text());
  return Response.json({ written: true }, { status: 201 });
});
`,
};

/** What it depends on, beside what create-next-app gives. */
export const nextAuthPackages: Readonly<Record<string, string>> = {
  "next-auth": "5.0.0-beta.30",
  "@auth/pg-adapter": "1.11.0",
  pg: "8.16.3",
  "@types/pg": "8.15.6",
};

/** The tables of its own, beside those of `@auth/pg-adapter`. */
export const notesTable = `CREATE TABLE notes ("userId" INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, text TEXT NOT NULL)`;
