import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

const size = 96;

/** Where an issuer serves the picture of a person. */
export function pictureUrl(issuer: string, sub: string): string {
  return `${issuer}/pictures/${encodeURIComponent(sub)}.png`;
}

/** A two-coloured PNG that is always the same for one subject: a picture that needs no other host. */
export function drawPicture(sub: string): Buffer {
  const hash = createHash("sha256").update(sub).digest();
  const rows: Buffer[] = [];
  for (let y = 0; y < size; y += 1) {
    const row = Buffer.alloc(1 + size * 3); // the leading 0 is PNG filter type "none"
    for (let x = 0; x < size; x += 1) {
      const offset = x + y < size ? 0 : 3;
      for (let channel = 0; channel < 3; channel += 1) {
        row[1 + x * 3 + channel] = 80 + ((hash[offset + channel] ?? 0) >> 1);
      }
    }
    rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8); // eight bits a channel, RGB
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body) >>> 0);
  return Buffer.concat([length, body, checksum]);
}
