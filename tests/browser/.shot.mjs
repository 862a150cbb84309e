// node .shot.mjs OUT BODY LOGON WIDTHS lang PATH...
import { chromium } from "playwright-core";
const [out, bodyName, logon, widths, lang, ...paths] = process.argv.slice(2);
const url = "http://127.0.0.1:18931";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: ["--no-sandbox","--disable-gpu","--disable-dev-shm-usage"] });
const c = await b.newContext({ baseURL: url, locale: lang, viewport: { width: 1366, height: 768 } });
const p = await c.newPage();
await p.goto("/logon");
if (logon !== "-") {
  const o = await p.locator("[name=body] option").evaluateAll((l, n) => l.find((x) => x.textContent.includes(n))?.value, bodyName);
  await p.selectOption("[name=body]", o); await p.fill("[name=logon]", logon); await p.fill("[name=password]", "fumikura-demo-2026");
  await p.click("main button[data-kind=main]");
}
let i = 0;
for (const path of paths) {
  const t = Date.now();
  const r = await p.goto(path); const body = await r.body().catch(() => "");
  console.log(path, r.status(), body.length, (Date.now()-t)+"ms");
  for (const w of widths.split(",")) {
    if (w === "pdf") { await p.pdf({ path: `${out}-${i}.pdf`, format: "A4", printBackground: false }); continue; }
    await p.setViewportSize({ width: +w, height: +w > 1000 ? 768 : 900 });
    await p.screenshot({ path: `${out}-${i}-${w}.png`, fullPage: true });
  }
  i++;
}
await b.close();
