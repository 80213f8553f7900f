import type { MetadataRoute } from "next";
import { getTranslations } from "next-intl/server";
import { colours } from "@/ui/brand/brand";

/** What a phone shows where somebody puts the app on its home screen. */
export default async function manifest(): Promise<MetadataRoute.Manifest> {
  const t = await getTranslations();
  return {
    name: t("brand.name"),
    short_name: t("brand.name"),
    description: t("home.metaDescription"),
    start_url: "/",
    display: "browser",
    background_color: colours.paper[0],
    theme_color: colours.accent[0],
    icons: [
      { src: "/icon.svg", type: "image/svg+xml", sizes: "any" },
      { src: "/icon-512.png", type: "image/png", sizes: "512x512", purpose: "maskable" },
    ],
  };
}
