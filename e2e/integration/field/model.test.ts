import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { hasJavaTools } from "../../support/field/maven";
import { checkModel, fetchAlloy, invariantsOf, modelFile } from "../../support/field/model";

const alloy = hasJavaTools() ? await fetchAlloy().catch(() => null) : null;

describe.skipIf(!alloy)("the model of the lease (needs java, mvn and Maven Central)", () => {
  let model: string;
  beforeAll(() => {
    model = readFileSync(modelFile, "utf8");
  });

  const broken = async (text: string) =>
    Object.entries(await checkModel(alloy ?? "", text)).flatMap(([name, holds]) => (holds ? [] : [name]));

  it("holds whatever processes, provider and user do, in whichever order", async () => {
    const verdicts = await checkModel(alloy ?? "", model);
    expect(verdicts).toEqual(Object.fromEntries(invariantsOf(model).map(({ name }) => [name, true])));
  }, 300_000);

  it.each([
    [
      "a lease without reading again",
      "pred rereads { some univ }",
      "pred rereads { no univ }",
      "nobodySendsATokenOlderThanTheLastRotation",
    ],
    ["a lease that another has already", "no Grant.holder and Ended", "Ended", "oneRefreshAtATime"],
    [
      "a publication after the sign-out",
      "Ended in Is implies (kept' = kept",
      "no univ implies (kept' = kept",
      "anEndedSessionGetsNone",
    ],
    [
      "a lost answer that nobody notes",
      "Is' = Is + Unanswered and",
      "Is' = Is and",
      "aRefusalAfterALostAnswerEndsNoSession",
    ],
  ])(
    "is broken by %s, and the checker finds it",
    async (_, from, to, invariant) => {
      expect(model).toContain(from);
      expect(await broken(model.replace(from, to))).toContain(invariant);
    },
    300_000,
  );
});
