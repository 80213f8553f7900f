import type { Metadata } from "next";
import type { ReactNode } from "react";
import AccountLayout, { generateMetadata as accountMetadata } from "../(account)/layout";

export function generateMetadata(): Promise<Metadata> {
  return accountMetadata();
}

/** No boundary: each page calls `requireSession()` itself. As with the account, this is for "cannot look anyone up" alone. */
export default function AdminLayout({ children }: { children: ReactNode }) {
  return <AccountLayout>{children}</AccountLayout>;
}
