import type { UserInput } from "@/dev/provider/start";
import { standingUsers } from "@/dev/provider/users";

const logins: Readonly<Record<string, readonly string[]>> = {
  company: ["haneul", "minsu", "blank", "jiwoo", "eunji", "maximilian"],
  partner: ["haneul", "minsu", "twin", "seoyeon"],
  // A third party: the same people, as other subjects.
  notes: ["haneul", "minsu", "blank", "jiwoo", "eunji", "maximilian"],
};

/** Who is at an issuer of the demo, in the order of its sign-in page. README.md introduces them. */
export function sampleUsers(issuerId: string): UserInput[] {
  const known = standingUsers(issuerId);
  return (logins[issuerId] ?? []).flatMap((login) => known.filter((user) => user.login === login));
}
