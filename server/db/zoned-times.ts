import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import { LimitedClient } from "./limited-client";

type Connected = Awaited<ReturnType<PrismaPg["connect"]>>;
type Query = Parameters<Connected["queryRaw"]>[0];

const timestamptz = 1184;

/**
 * `@prisma/adapter-pg` with times that say their zone, both ways. By itself it writes them without one, and forgets the one
 * that PostgreSQL gives: right only while the connection's TimeZone is UTC, which roles, databases and poolers may set.
 */
export class ZonedPg extends PrismaPg {
  constructor(config: pg.PoolConfig, options: ConstructorParameters<typeof PrismaPg>[1]) {
    super({ ...config, Client: ZonedClient }, options);
  }

  override async connect() {
    const connected = await super.connect();
    const begin = connected.startTransaction.bind(connected);
    return Object.assign(writingZones(connected), {
      startTransaction: async (...isolation: Parameters<typeof begin>) => writingZones(await begin(...isolation)),
    });
  }
}

function writingZones<T extends Pick<Connected, "queryRaw" | "executeRaw">>(queryable: T): T {
  const { queryRaw, executeRaw } = queryable;
  return Object.assign(queryable, {
    queryRaw: (query: Query) => queryRaw.call(queryable, withZones(query)),
    executeRaw: (query: Query) => executeRaw.call(queryable, withZones(query)),
  });
}

/** Times as ISO 8601 texts that end in Z, which the adapter passes on as they are. */
function withZones(query: Query): Query {
  const given = query.args.map((arg, at) => {
    const type = query.argTypes[at];
    const isMoment =
      type && !dayTypes.has(type.dbType ?? "") && (type.scalarType === "datetime" || arg instanceof Date);
    return isMoment ? { arg: iso(arg), type: { ...type, scalarType: "string" as const } } : { arg, type };
  });
  return { ...query, args: given.map(({ arg }) => arg), argTypes: given.flatMap(({ type }) => type ?? []) };
}

const dayTypes: ReadonlySet<string> = new Set(["DATE", "TIME", "TIMETZ"]);

function iso(arg: unknown): unknown {
  if (Array.isArray(arg)) return arg.map(iso);
  return arg === null || arg === undefined ? arg : new Date(arg as string | Date).toISOString();
}

/** A connection that keeps the zone of what it reads. */
class ZonedClient extends LimitedClient {
  // biome-ignore lint/suspicious/noExplicitAny: node-postgres overloads this eight times; only one has `types`.
  override query(config: any, ...rest: any[]): any {
    const { types } = config ?? {};
    if (!types) return super.query(config, ...rest);
    const getTypeParser = (oid: number, format?: string) => {
      if (format === "text" && oid === timestamptz) return utc;
      return types.getTypeParser(oid, format);
    };
    return super.query({ ...config, types: { getTypeParser } }, ...rest);
  }
}

/** `2026-03-01 21:34:56.789+09`, as PostgreSQL writes it, in UTC. */
function utc(text: string): string {
  const zoned = text.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00");
  return Number.isNaN(Date.parse(zoned)) ? text : new Date(zoned).toISOString();
}
