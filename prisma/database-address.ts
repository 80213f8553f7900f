/** A database's address as everybody reads it: the app, the commands and the migrations. */
export interface DatabaseAddress {
  /** As node-postgres takes it, whatever characters the password has. Never log it. */
  connectionString: string;
  hostname: string;
  /** The schema that `?schema=` names. */
  schema: string | null;
  /** `?connection_limit=`, by which Prisma's addresses say how many connections one process may have; not checked. */
  connectionLimit: string | null;
}

/** What is wrong with an address, by the variable's name and cure, never by its value. */
export class DatabaseAddressError extends Error {
  override readonly name = "DatabaseAddressError";
}

/**
 * Reads an address, which may be a pooler's.
 *
 * @param variable which one it stands in
 * @throws DatabaseAddressError
 */
export function readDatabaseAddress(text: string | undefined, variable = "DATABASE_URL"): DatabaseAddress {
  if (!text) throw new DatabaseAddressError(`${variable} is missing: postgresql://user:password@host:5432/name.`);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw new DatabaseAddressError(
      `${variable} must be a postgresql:// address. In its user and password, write / ? # as %2F %3F %23.`,
    );
  }
  if (/\/\/user:password@/i.test(text)) throw new DatabaseAddressError(`${variable} looks like an example.`);
  // Each library reads a bare % in its own way. From here on there is none.
  url.username = encodeURIComponent(decode(url.username));
  url.password = encodeURIComponent(decode(url.password));
  url.pathname = escapeBare(url.pathname);
  const asked = url.searchParams;
  // node-postgres verifies the server's certificate for each of these, and warns that its next version will not.
  const isLenientName = /^(?:prefer|require|verify-ca)$/.test(asked.get("sslmode") ?? "");
  if (isLenientName && !asked.has("uselibpqcompat")) asked.set("sslmode", "verify-full");
  return {
    connectionString: url.href,
    hostname: url.hostname,
    schema: asked.get("schema"),
    connectionLimit: asked.get("connection_limit"),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(escapeBare(part));
  } catch {
    // Not UTF-8: it was meant as it stands.
    return part;
  }
}

function escapeBare(part: string): string {
  return part.replace(/%(?![0-9a-f]{2})/gi, "%25");
}
