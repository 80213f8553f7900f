import { getRequestConfig } from "next-intl/server";
import type { Locale } from "@/messages/locales";
import { keptTexts } from "@/messages/texts";
import app from "@/ui/i18n";
import type en from "./messages/en.json";

type SampleMessages = typeof en;

declare module "@/ui/locales" {
  interface AppMessages extends Pick<SampleMessages, "services"> {}
}

// A language that the sample does not speak.
const textsOf = keptTexts<SampleMessages>((name) => import(`./messages/${name}.json`).catch(() => ({ default: {} })));

/** The app's texts and the sample's: what next.config.mjs has next-intl read where the sample is in the build. */
export default getRequestConfig(async (parameters) => {
  const config = await app(parameters);
  const own = await textsOf(config.locale as Locale);
  return { ...config, messages: { ...config.messages, ...own } };
});
