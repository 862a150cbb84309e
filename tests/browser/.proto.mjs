import { chromium } from "playwright-core";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: ["--no-sandbox","--disable-gpu"] });
const p = await b.newPage({ viewport: { width: 1366, height: 768 } });
for (const n of ["dashboard","access-log","form-1"]) { await p.goto(`file:///work/shared/design/prototype/${n}.html`); await p.screenshot({ path: `/tmp/uix/s/p-${n}.png`, fullPage: true }); }
await b.close();
