import { createControlClient } from "../control-client";
import { startIdentityProviders } from "../start";
import { discover, startRelyingParty } from "./relying-party";

/** Two issuers and two applications on free ports. Stop it when done. */
export async function startWorld() {
  const shop = await startRelyingParty("shop");
  const blog = await startRelyingParty("blog");
  const clients = [shop.registration, blog.registration];
  const providers = await startIdentityProviders({
    issuers: [
      { id: "company", port: 0, clients },
      { id: "partner", port: 0, clients },
    ],
    controlPort: 0,
  });
  const issuer = (id: string): string => providers.issuers[id]?.issuer ?? "";
  return {
    shop,
    blog,
    providers,
    company: issuer("company"),
    partner: issuer("partner"),
    control: createControlClient(providers.control),
    callback: `${shop.origin}/callback`,
    shopAtCompany: await discover(issuer("company"), shop.registration),
    blogAtCompany: await discover(issuer("company"), blog.registration),
    async stop() {
      await providers.stop();
      await Promise.all([shop.stop(), blog.stop()]);
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;
