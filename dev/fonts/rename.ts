const recordBytes = 12;
// Copyright, and trademark to licence (OpenType, `name`): what is said of the original font. The other texts name the font itself.
const isOfOriginal = (nameId: number) => nameId === 0 || (nameId >= 7 && nameId <= 14);

/**
 * A TrueType font under another name. Its copyright, trademark and licence stay as they are written.
 *
 * @param name what stands in its names
 * @param other as many characters
 * @throws Error when they are not, or the font does not have the name
 */
export function rename(font: Buffer, name: string, other: string): Buffer {
  if (name.length !== other.length) throw new Error(`${other} is not as long as ${name}.`);
  const renamed = Buffer.from(font);
  const table = tableAt(renamed, "name");
  const strings = table + renamed.readUInt16BE(table + 4);
  let count = 0;
  for (let index = 0; index < renamed.readUInt16BE(table + 2); index += 1) {
    const record = table + 6 + index * recordBytes;
    if (isOfOriginal(renamed.readUInt16BE(record + 6))) continue;
    const start = strings + renamed.readUInt16BE(record + 10);
    const text = renamed.subarray(start, start + renamed.readUInt16BE(record + 8));
    const at = text.indexOf(utf16(name));
    if (at < 0) continue;
    utf16(other).copy(text, at);
    count += 1;
  }
  if (count === 0) throw new Error(`The font has no name with ${name} in it.`);
  return renamed;
}

/** Where a table begins (OpenType, table directory). */
function tableAt(font: Buffer, tag: string): number {
  for (let index = 0; index < font.readUInt16BE(4); index += 1) {
    const entry = 12 + index * 16;
    if (font.toString("latin1", entry, entry + 4) === tag) return font.readUInt32BE(entry + 8);
  }
  throw new Error(`The font has no table ${tag}.`);
}

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}
