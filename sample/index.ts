import { notesIssuer } from "@/dev/resource-servers/notes-issuer";
import { startServices } from "@/dev/resource-servers/start";
import { connectAddress } from "@/dev/run/app-environment";
import type { Sample, SamplePort } from "@/dev/run/sample";
import { sampleServices as names } from "./service-names";
import { sampleUsers } from "./users";

const services: readonly (SamplePort & { name: string })[] = [
  { id: "shopping", name: "Shopping", variable: "DEV_SHOPPING_PORT", port: 4031 },
  { id: "store", name: "Store", variable: "DEV_STORE_PORT", port: 4032 },
  { id: "notes", name: "Notes", variable: "DEV_NOTES_PORT", port: 4033 },
].map((service) => ({ ...service, label: `the sample service ${service.name}` }));

const notesIssuerPort: SamplePort = {
  id: "notes-issuer",
  variable: "DEV_NOTES_ISSUER_PORT",
  port: 4003,
  label: "the authorization server of the sample service Notes",
};

const sample: Sample = {
  ports: [...services, notesIssuerPort],
  users: sampleUsers,
  issuers: ({ ports, appUrl, client }) => [
    {
      ...notesIssuer({ names: names.notes, port: ports[notesIssuerPort.id] ?? 0, appUrl, client }),
      name: { en: "Notes", ko: "노트" },
      users: sampleUsers("notes"),
    },
  ],
  start: ({ providers, client, ports }) => startServices({ names, providers, client, ports }),
  describe: ({ appUrl, ports }) => {
    const places = services.map(({ id, name }) => `${name} (http://localhost:${ports[id]})`).join(", ");
    return [
      `    connecting Notes      ${connectAddress(appUrl, "notes")} (at http://localhost:${ports[notesIssuerPort.id]})`,
      "",
      `  All four OAuth roles run: these users own, their issuers authorize, this app asks, and ${places} serve.`,
    ];
  },
};

export default sample;
