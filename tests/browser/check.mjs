// The smallest test frame: named checks, counted; none ends the others.
const only = process.argv[2];
let passed = 0, failed = 0;

// What a check opened and nobody needs after it.
const opened = [];
export const closeLater = (thing) => { opened.push(thing); return thing; };

export async function check(name, run) {
  if (only && !name.includes(only)) return;
  const begun = Date.now();
  try {
    await run();
    passed++;
    console.log(`ok - ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(`not ok - ${name}\n  ${(error.stack ?? String(error)).replaceAll("\n", "\n  ")}`);
  }
  for (const thing of opened.splice(0)) await thing.close().catch(() => {});
}

export const counts = () => ({ passed, failed });

export function is(got, want, what) {
  const fits = want instanceof RegExp ? want.test(got) : got === want;
  if (!fits) throw new Error(`${what}: got ${String(got).slice(0, 600)}, not ${want}`);
}

export function isNot(got, bad, what) {
  if (got === bad) throw new Error(`${what}: ${got}`);
}
