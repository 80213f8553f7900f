import "./globals.css";
import type { Metadata, Viewport } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { colours } from "@/ui/brand/brand";
import { chosenTheme, Shell, ThemeStyle } from "./_components/shell";

// Every page carries a nonce and may say who you are: none can be rendered ahead of its request.
export const dynamic = "force-dynamic";

export async function generateViewport(): Promise<Viewport> {
  const [light, dark] = colours.surface;
  const theme = await chosenTheme();
  if (theme !== "system") return { themeColor: theme === "light" ? light : dark };
  return {
    themeColor: [
      { media: "(prefers-color-scheme: light)", color: light },
      { media: "(prefers-color-scheme: dark)", color: dark },
    ],
  };
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations();
  return {
    title: { template: `%s · ${t("brand.name")}`, default: t("brand.name") },
    description: t("home.metaDescription"),
    openGraph: { siteName: t("brand.name"), description: t("home.metaDescription"), type: "website" },
  };
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang={await getLocale()}>
      <head>
        <ThemeStyle />
      </head>
      <body className="flex min-h-dvh flex-col font-sans antialiased">
        <Shell>{children}</Shell>
      </body>
    </html>
  );
}
