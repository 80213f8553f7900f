import type { Locale } from "@/messages/locales";

/** What the header and the menu in it say, in the page's language. */
export interface HeaderTexts {
  app: string;
  home: string;
  /** The other languages, each with what it calls itself. */
  languages: { to: Locale; label: string }[];
  signIn: string;
  menu: string;
  account: string;
  organizations: string;
  services: string;
  signOutHere: string;
  signOutMore: string;
}
