import pg from "pg";

/** What went out to PostgreSQL: the text and its parameters, as the driver was given them. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** Does `act` and answers with every statement that was sent meanwhile, by whichever connection of this process. */
export async function recordStatements(act: () => Promise<unknown>): Promise<Statement[]> {
  const sent: Statement[] = [];
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...given: [string | Statement]) {
    const [statement] = given;
    sent.push(
      typeof statement === "string"
        ? { text: statement, values: [] }
        : { text: statement.text, values: [...(statement.values ?? [])] },
    );
    return Reflect.apply(query, this, given);
  } as typeof query;
  try {
    await act();
  } finally {
    pg.Client.prototype.query = query;
  }
  return sent;
}
