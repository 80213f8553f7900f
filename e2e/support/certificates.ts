import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

const dayMs = 86_400_000;

interface Wish {
  /** The host that it is for. */
  host: string;
  /** Days from now on which it ends; in the past for one that has expired. */
  days?: number;
}

/** A certificate and its key, in PEM, as `https.createServer` takes them. */
export interface Certificate {
  key: string;
  cert: string;
}

/** A certificate authority that nobody knows, made for a test. */
export interface Authority {
  /** Its own certificate in PEM: whoever is given it trusts what it issues. */
  ca: string;
  issue(wish: Wish): Certificate;
}

/** Makes an authority. Two of them have one name, as those have that somebody makes again. Source: RFC 5280, section 4.1. */
export function createAuthority(): Authority {
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name: "Authority of a test", key: own.privateKey };
  const isAuthority = extension("551d13", der(0x30, der(0x01, Buffer.from([0xff]))), { isCritical: true });
  return {
    ca: certify({ issuer, subject: issuer.name, publicKey: own.publicKey, days: 2, extensions: [isAuthority] }),
    issue({ host, days = 2 }) {
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const names = extension("551d11", der(0x30, der(0x82, Buffer.from(host))));
      return {
        key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        cert: certify({ issuer, subject: host, publicKey, days, extensions: [names] }),
      };
    },
  };
}

interface Contents {
  issuer: { name: string; key: KeyObject };
  subject: string;
  publicKey: KeyObject;
  days: number;
  extensions: Buffer[];
}

function certify({ issuer, subject, publicKey, days, extensions }: Contents): string {
  // ecdsa-with-SHA256
  const algorithm = der(0x30, oid("2a8648ce3d040302"));
  const ends = Date.now() + days * dayMs;
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    commonName(issuer.name),
    der(0x30, utcTime(Math.min(Date.now(), ends) - dayMs), utcTime(ends)),
    commonName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, ...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", toBeSigned, issuer.key));
  const text = der(0x30, toBeSigned, algorithm, signature).toString("base64").replace(/.{64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function commonName(name: string): Buffer {
  return der(0x30, der(0x31, der(0x30, oid("550403"), der(0x0c, Buffer.from(name)))));
}

function utcTime(at: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(at).toISOString().slice(2, 19).replaceAll(/[-:T]/g, "")}Z`));
}

function extension(id: string, value: Buffer, { isCritical = false } = {}): Buffer {
  return der(0x30, oid(id), ...(isCritical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
}
