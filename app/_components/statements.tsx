"use client";

import { createContext, type ReactNode, useContext } from "react";
import { buttonStyle } from "@/ui/button-style";
import { DocumentTitle } from "@/ui/document-title";
import { Statement } from "@/ui/statement";

/** What pages say that may take any other page's place, in the page's language. */
export interface PageTexts {
  crash: {
    title: string;
    heading: string;
    body: string;
    reference: string;
    referenceHelp: string;
    retry: string;
    home: string;
    outdated: { heading: string; body: string; reload: string };
  };
  notFound: { heading: string; body: string; home: string };
  forbidden: { title: string; heading: string; body: string; action: string; account: string; switch: string };
  unavailable: { title: string; heading: string; body: string; action: string; retry: string; home: string };
}

interface PageContextValue {
  texts: PageTexts;
  /** The path and query of this page. */
  path: string;
  /** The same, where it is fit to be returned to: see edge/return-path.ts. */
  here: string;
  /** "Signed in as …", where somebody is who has a name. */
  signedInAs: ReactNode;
}

const PageContext = createContext<PageContextValue | null>(null);

/**
 * Hands the page's texts to those pages. Next writes `not-found`, `forbidden` and `unauthorized` into every page, twice where a
 * group of routes has a layout: this way each is a few bytes there. They
 * stand in one file with this, so that one script has all of them, and their picture once.
 */
export function PageTextsProvider({ children, ...value }: PageContextValue & { children: ReactNode }) {
  return <PageContext value={value}>{children}</PageContext>;
}

/** @throws Error outside of a page */
export function usePageTexts(): PageContextValue {
  const value = useContext(PageContext);
  if (!value) throw new Error("There is no PageTextsProvider around this.");
  return value;
}

export function NotFoundStatement() {
  const t = usePageTexts().texts.notFound;
  return (
    <Statement
      heading={t.heading}
      actions={
        <a href="/" className={buttonStyle("primary")}>
          {t.home}
        </a>
      }
    >
      <p>{t.body}</p>
    </Statement>
  );
}

/** @param page the one that was refused, which another account may see; by default the one that was asked for */
export function ForbiddenStatement({ page }: { page?: string | null }) {
  const { texts, path, signedInAs } = usePageTexts();
  const t = texts.forbidden;
  const refused = page === undefined ? path : page;
  const other = new URLSearchParams({ account: "other", ...(refused && { returnTo: refused }) });
  return (
    <Statement
      heading={t.heading}
      actions={
        <>
          <a href="/account" className={buttonStyle("primary")}>
            {t.account}
          </a>
          <a href={`/sign-in?${other}`} className={buttonStyle("secondary")}>
            {t.switch}
          </a>
        </>
      }
    >
      {page === undefined && <DocumentTitle title={t.title} />}
      <p>{t.body}</p>
      {signedInAs && <p className="font-semibold text-ink wrap-anywhere">{signedInAs}</p>}
      <p>{t.action}</p>
    </Statement>
  );
}

export function UnavailableStatement() {
  const { texts, here } = usePageTexts();
  const t = texts.unavailable;
  return (
    <Statement
      heading={t.heading}
      actions={
        <>
          <a href={here} className={buttonStyle("primary")}>
            {t.retry}
          </a>
          <a href="/" className={buttonStyle("secondary")}>
            {t.home}
          </a>
        </>
      }
    >
      <DocumentTitle title={t.title} />
      <p>{t.body}</p>
      <p>{t.action}</p>
    </Statement>
  );
}
