// The OpenAPI text, as the server gives it, under a validator of the standard's
// own schema; and a text with an error in it, so that the validator is seen to
// look.
import { Validator } from "@seriousme/openapi-schema-validator";
import { check, counts, is } from "./check.mjs";
import { Town } from "./town.mjs";

const town = await new Town().open();

async function validate(text) {
  const { valid, errors } = await new Validator().validate(text);
  return valid ? "valid" : JSON.stringify(errors);
}

try {
  const text = await (await fetch(town.url + "/api/v1/openapi.json")).json();
  await check("the OpenAPI text is valid", async () => {
    is(text.openapi, "3.1.0", "its version");
    is(await validate(structuredClone(text)), "valid", "the text");
  });
  await check("an operation without a response's description is found", async () => {
    const spoilt = structuredClone(text);
    delete spoilt.paths["/session"].get.responses["200"].description;
    is(await validate(spoilt), /description/, "the spoilt text");
  });
} finally {
  await town.close();
}
const { passed, failed } = counts();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
