import { readFileSync } from "node:fs";
const { checkModel, fetchAlloy, modelFile } = await import("/tmp/wt/hop/e2e/support/field/model.ts");
const test = readFileSync("/tmp/wt/hop/e2e/integration/field/model.test.ts", "utf8");
const model = readFileSync(modelFile, "utf8");
const a = await fetchAlloy();
for (const [from, to] of [["pred rereads { some univ }","pred rereads { no univ }"],["no Grant.holder and Ended","Ended"],["Ended in Is implies (kept' = kept","no univ implies (kept' = kept"],["Is' = Is + Unanswered and","Is' = Is and"]]) {
  if (!model.includes(from!) || !test.includes(from!)) console.log("MISSING", from);
  console.log(from, JSON.stringify(await checkModel(a, model.replace(from!, to!))));
}
