// Looks at pages: axe at three widths, console, sideways scrolling.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axeText = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const widths = [1366, 683, 390];
const scrolls = [320, 390, 560, 683, 900, 1024, 1366, 1920];

export class Eye {
  seen = new Set();
  faults = new Set();
  pages = 0;
  here = "";

  // Before axe is put in: what the console says is the page's own.
  listen(page) {
    const add = (text) => this.faults.add(`console at ${page.url()}: ${text}`);
    page.on("console", (m) => {
      // a reply of 4xx is told in the console too; that one is wanted
      if (m.type() === "error" && !/Failed to load resource.* 4\d\d /.test(m.text()))
        add(m.text());
    });
    page.on("pageerror", (e) => add(e.message));
  }

  // The words in English are longer: the narrow page tells.
  async look(page, name, at = widths) {
    this.pages++;
    const tools = await page.context().newCDPSession(page);
    const size = page.viewportSize();
    // over the debugger: the page's policy stands as it is
    const run = async (expression) => {
      const r = await tools.send("Runtime.evaluate", { expression, awaitPromise: true,
        returnByValue: true });
      if (r.exceptionDetails) throw new Error(JSON.stringify(r.exceptionDetails));
      return r.result.value;
    };
    for (const width of scrolls) {
      await page.setViewportSize({ width, height: 800 });
      const over = await run("document.documentElement.scrollWidth - innerWidth");
      if (over > 0) this.faults.add(`${name}: at ${width} it is ${over} px too wide`);
    }
    await run(`${axeText};0`);
    for (const width of at) {
      await page.setViewportSize({ width, height: 800 });
      const violations = await run(`axe.run(document, {runOnly: ${JSON.stringify(tags)},
        resultTypes: ["violations"]}).then((r) => r.violations.map((v) =>
        v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " +
        n.failureSummary.replace(/\\s+/g, " ").slice(0, 200)).join(" | ")))`);
      for (const v of violations) this.faults.add(`${name}: at ${width}: ${v}`);
    }
    await page.setViewportSize(size);
    await tools.detach();
  }

  // Every page that links lead to, one of each kind, and what forms show.
  async walk(page, starts, lang) {
    const left = [...starts];
    const walked = new Set();
    while (left.length > 0) {
      const path = left.shift(), kind = this.kind(path);
      if (walked.has(kind)) continue;
      walked.add(kind);
      const reply = await page.goto(path);
      if (!reply || !(reply.headers()["content-type"] ?? "").startsWith("text/html"))
        continue;
      if (reply.status() >= 500) this.faults.add(`${path}: ${reply.status()}`);
      const shape = `${lang} ${kind} ${reply.status()} ` + await page.evaluate(
        "[...document.querySelectorAll('main form,main table,main h2')].length");
      if (!this.seen.has(shape)) {
        this.seen.add(shape);
        await this.look(page, `${lang} ${path}`, lang === "ja" ? widths : [390]);
      }
      left.push(...await page.evaluate(`[...document.querySelectorAll("main a[href], nav a[href]")]
        .map((a) => new URL(a.href)).filter((u) => u.origin === location.origin &&
        !a_file(u)).map((u) => u.pathname + u.search);
        function a_file(u) { return /\\/(entries|documents)\\/[0-9a-f]+$/.test(u.pathname); }`));
    }
  }

  kind(path) {
    return path.replace(/\?.*/, (q) => "?" + [...new URLSearchParams(q)].map(([k]) => k).sort())
      .replace(/[0-9a-f]{16}/g, "ID").replace(/\/board\/.*/, "/board/REF")
      .replace(/\/versions\/\d+/, "/versions/N");
  }

  judge() {
    if (this.faults.size > 0)
      throw Object.assign(new Error(), { stack: [...this.faults].join("\n") });
  }
}
