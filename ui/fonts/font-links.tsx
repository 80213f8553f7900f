import type { Locale } from "@/messages/locales";

const latin = new URL("./daemun-sans-latin.woff2", import.meta.url).href;
const hangul = new URL("./daemun-sans-hangul.woff2", import.meta.url).href;

interface FontLinksProps {
  locale: Locale;
  /** What the header calls the user, which may be Korean on a page that is not. */
  userName: string | null;
}

/**
 * Tells the browser, before a style sheet names them, which fonts a page needs. React puts these links into the head. (Its
 * `preload()` has them there only where the page's first part was rendered in time; else it is left to a script.)
 */
export function FontLinks({ locale, userName }: FontLinksProps) {
  const isKorean = locale === "ko" || [...(userName ?? "")].some((letter) => letter >= "가" && letter <= "힣");
  return (isKorean ? [latin, hangul] : [latin]).map((file) => (
    <link key={file} rel="preload" as="font" type="font/woff2" crossOrigin="anonymous" href={file} />
  ));
}
