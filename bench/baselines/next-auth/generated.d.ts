/** What the benchmark has Prisma write before it builds this app: a clone has none yet, and its types are checked all the same. */
declare module "@/.data/bench/app/next-auth/generated/client" {
  export class PrismaClient {
    constructor(options: { adapter: object });
    account: {
      findFirst(query: { where: { userId: string; provider: string } }): Promise<{
        access_token: string | null;
        expires_at: number | null;
      } | null>;
    };
  }
}
