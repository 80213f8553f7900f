import { getRequestConfig } from "next-intl/server";
import type { Locale } from "@/messages/locales";
import app from "@/ui/i18n";
import type en from "./messages/en.json";

type SampleMessages = typeof en;

declare module "@/ui/locales" {
  interface AppMessages extends Pick<SampleMessages, "services"> {}
}

const catalogues = {
  en: () => import("./messages/en.json"),
  ko: () => import("./messages/ko.json"),
} satisfies Record<Locale, () => Promise<unknown>>;

/** The app's texts and the sample's: what next.config.mjs has next-intl read where the sample is in the build. */
export default getRequestConfig(async (parameters) => {
  const config = await app(parameters);
  const own = (await catalogues[config.locale as Locale]()).default;
  return { ...config, messages: { ...config.messages, ...own } };
});
