import { randomBytes } from "node:crypto";
import { type User, type UserInput, userSchema } from "./user";

/** What the registration page asks for. */
export interface NewAccount {
  name: string;
  email: string;
  login: string;
  password: string;
}

/** The people of one issuer, in the order the sign-in page lists them. */
export class UserRegistry {
  #users = new Map<string, User>();

  constructor(private readonly initial: readonly User[]) {
    this.reset();
  }

  /** Back to the people the issuer was started with. */
  reset(): void {
    this.#users = new Map(this.initial.map((user) => [user.sub, structuredClone(user)]));
  }

  list(): User[] {
    return [...this.#users.values()];
  }

  get(sub: string): User | undefined {
    return this.#users.get(sub);
  }

  getByLogin(login: string): User | undefined {
    return this.list().find((user) => user.login === login);
  }

  /** Finds whom a `login_hint` means: a subject, a login or an e-mail address. */
  getByHint(hint: string): User | undefined {
    return this.get(hint) ?? this.getByLogin(hint) ?? this.list().find((user) => user.email === hint);
  }

  /** Adds a person or replaces the one with that `sub`. Throws a ZodError on a malformed person. */
  put(user: UserInput): User {
    const parsed = userSchema.parse(user);
    this.#users.set(parsed.sub, parsed);
    return parsed;
  }

  /** Changes some fields of a person; `null` empties a field. Answers undefined for an unknown `sub`. */
  change(sub: string, fields: Record<string, unknown>): User | undefined {
    const current = this.get(sub);
    if (!current) return undefined;
    const merged = { ...current, ...fields, sub };
    return this.put(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as UserInput);
  }

  remove(sub: string): boolean {
    return this.#users.delete(sub);
  }

  /** Makes an account the way the registration page does: e-mail not verified, no role, no organization. */
  register(account: NewAccount, now: number): User {
    return this.put({
      sub: `u-${randomBytes(6).toString("hex")}`,
      login: account.login,
      password: account.password,
      name: account.name,
      username: account.login,
      email: account.email,
      createdAt: now,
      updatedAt: now,
    });
  }
}
