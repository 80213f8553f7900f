import { randomBytes } from "node:crypto";
import { type Person, type PersonInput, personSchema } from "./person";

/** What the registration page asks for. */
export interface NewAccount {
  name: string;
  email: string;
  login: string;
  password: string;
}

/** The people of one issuer, in the order the sign-in page lists them. */
export class PeopleRegistry {
  #people = new Map<string, Person>();

  constructor(private readonly initial: readonly Person[]) {
    this.reset();
  }

  /** Back to the people the issuer was started with. */
  reset(): void {
    this.#people = new Map(this.initial.map((person) => [person.sub, structuredClone(person)]));
  }

  list(): Person[] {
    return [...this.#people.values()];
  }

  get(sub: string): Person | undefined {
    return this.#people.get(sub);
  }

  getByLogin(login: string): Person | undefined {
    return this.list().find((person) => person.login === login);
  }

  /** Finds whom a `login_hint` means: a subject, a login or an e-mail address. */
  getByHint(hint: string): Person | undefined {
    return this.get(hint) ?? this.getByLogin(hint) ?? this.list().find((person) => person.email === hint);
  }

  /** Adds a person or replaces the one with that `sub`. Throws a ZodError on a malformed person. */
  put(person: PersonInput): Person {
    const parsed = personSchema.parse(person);
    this.#people.set(parsed.sub, parsed);
    return parsed;
  }

  /** Changes some fields of a person; `null` empties a field. Answers undefined for an unknown `sub`. */
  change(sub: string, fields: Record<string, unknown>): Person | undefined {
    const current = this.get(sub);
    if (!current) return undefined;
    const merged = { ...current, ...fields, sub };
    return this.put(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as PersonInput);
  }

  remove(sub: string): boolean {
    return this.#people.delete(sub);
  }

  /** Makes an account the way the registration page does: e-mail not verified, no role, no organization. */
  register(account: NewAccount, now: number): Person {
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
