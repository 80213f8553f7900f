import type { ReactNode } from "react";
import AccountLayout from "../(account)/layout";

/** No boundary: each page calls `requireSession()` itself. As with the account, this is for "cannot look anyone up" alone. */
export default function AdminLayout({ children }: { children: ReactNode }) {
  return <AccountLayout>{children}</AccountLayout>;
}
