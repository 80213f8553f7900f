import pg from "pg";

/** One for the whole process, as for a module that is loaded once. */
export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });

/** Made once by the benchmark. Tokens stand in it as they came. */
export const schema = `
  CREATE TABLE users (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject TEXT NOT NULL UNIQUE,
    name TEXT,
    email TEXT);
  CREATE TABLE sessions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id BIGINT NOT NULL REFERENCES users,
    expires TIMESTAMPTZ NOT NULL,
    access_token TEXT NOT NULL,
    refresh_token TEXT,
    access_token_expires TIMESTAMPTZ NOT NULL);`;
