import { hasJavaTools } from "./maven";
import { checkModel, fetchAlloy, invariantsOf } from "./model";

// `npm run model`: has Alloy check the invariants of docs/model/lease.als. It needs java, jar, mvn and Maven Central.
if (!hasJavaTools()) throw new Error("There is no java, jar or mvn on this machine.");
const verdicts = await checkModel(await fetchAlloy());
for (const { name, test } of invariantsOf()) {
  console.log(`${verdicts[name] ? "holds " : "BROKEN"}  ${name}\n        ${test}`);
  if (!verdicts[name]) process.exitCode = 1;
}
