// The product as people meet it in Chromium, against a demonstration of its
// own: what each office does and is refused, forms that go wrong, a session
// that ends, English, no scripts; and every page under axe at three widths,
// without a console error and without scrolling sideways.
//
// usage: node tests/browser/run.mjs [WORD]    only the tests named so
// Prints "ok"/"not ok" lines and closes with "N passed, N failed".
import { chromium } from "playwright-core";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { check, closeLater, counts, is, isNot } from "./check.mjs";
import { Eye } from "./eye.mjs";
import { Town, password } from "./town.mjs";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run",
  "--no-default-browser-check", "--disable-dev-shm-usage"];
const town = await new Town().open();
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
  headless: true, args: flags });
const eye = new Eye();
const bodies = await findBodies();
const city = bodies.get("沖縄市");
const someone = await town.resident(city);
const onRecord = `/holdings/${someone.holding.id}/records/${someone.id}`;
const search = `/holdings/${someone.holding.id}/search`;

async function findBodies() {
  const text = await (await fetch(town.url + "/logon")).text();
  const found = text.matchAll(/<option value="([0-9a-f]{16})">([^<]+)</g);
  return new Map([...found].map(([, id, name]) => [name, id]));
}

// A window of its own: no cookies but its own, console errors collected.
async function open({ script = true, width = 1366, lang = "ja" } = {}) {
  const context = closeLater(await browser.newContext({ baseURL: town.url,
    locale: lang, javaScriptEnabled: script, viewport: { width, height: 800 } }));
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  eye.listen(page);
  return page;
}

async function logOn(page, logon, body = city) {
  await page.goto("/logon");
  await typeLogOn(page, logon, body);
  await is(new URL(page.url()).pathname, "/home", `${logon} came in`);
}

async function typeLogOn(page, logon, body = city, word = password) {
  await page.selectOption("[name=body]", body);
  await page.fill("[name=logon]", logon);
  await page.fill("[name=password]", word);
  await page.click("main button[data-kind=main]");
}

async function logOff(page) {
  await page.click("header form[action='/logoff'] button");
  await is(await page.locator("[name=password]").count(), 1, "the log-on page");
  const reply = await page.goto("/home");
  await is(reply.status(), 401, "logged off");
}

// The six digits of an authenticator now (RFC 6238).
function codeOf(key) {
  const bits = [...key].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c)
    .toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac("sha1", secret).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

const main = (page) => page.locator("main").innerText();

// Search by kana and birth date, purpose chosen, then the record.
async function findAndOpen(page) {
  await page.goto("/holdings");
  await page.click(`main a[href="/holdings/${someone.holding.id}"]`);
  await page.locator(`main a[href*="/search"], main form[action*="/search"]`).first().waitFor();
  if (!page.url().includes("/search")) await page.goto(search);
  await page.selectOption("[name=purpose]", someone.purpose);
  await page.fill("[name=case]", "R8-0101");
  await page.fill("[name='v.kana']", someone.kana.split(/\s/)[0]);
  await page.fill("[name='v.birth']", born());
  await page.click("form[role=search] button[data-kind=main]");
  const row = page.locator(`#found a[href^="${onRecord}?"]`);
  await is(await row.count(), 1, "found by kana and birth date");
  await isNot(/v\.kana|%/.test(page.url()), true, "what is looked for stands in the address");
  await row.click();
  await is((await main(page)).includes(someone.name), true, "the record shows");
}

const born = () => someone.values.find((v) => v.id === "birth").text;

// ---- what people do ----

await check("a clerk logs on, searches by kana and birth date, opens the record, logs off",
  async () => {
    const page = await open();
    await logOn(page, "clerk");
    await findAndOpen(page);
    await eye.look(page, "record");
    await logOff(page);
    await eye.look(page, "log on, again");
  });

for (const [name, body] of bodies)
  await check(`a clerk of another section is refused in ${name}: the article, whom to ask`,
    async () => {
      const page = await open(), there = await town.resident(body);
      await logOn(page, "other", body);
      const reply = await page.goto(`/holdings/${there.holding.id}/records/` +
        `${there.id}?purpose=${there.purpose}`);
      await is(reply.status(), 403, "status");
      const text = await main(page);
      const article = { "沖縄市": "第9条第2項", "長岡京市": "4(2)" }[name] ?? /\d/;
      await is(text, article instanceof RegExp ? article
        : new RegExp(article.replace(/[()]/g, "\\$&")), "the article");
      await is(text, /山本 恵子/, "whom to ask");
      for (const v of there.values)
        if (v.text?.length > 3) await isNot(text.includes(v.text), true, `${v.id} shows`);
      await eye.look(page, `refused in ${name}`);
    });

await check("the protection manager sees who opened what and why", async () => {
  const other = await open(), page = await open();
  await logOn(other, "other");
  await other.goto(`${onRecord}?purpose=${someone.purpose}`);
  await logOn(page, "manager");
  await page.goto(`/accesses?holding=${someone.holding.id}`);
  const text = await main(page);
  await is(text, /田中 翔太/, "who");
  await is(text, /住民票の写しの交付/, "why");
  await is(text, /大野 拓也/, "the refused one too");
  await eye.look(page, "accesses");
});

await check("the operator sees no personal information", async () => {
  const page = await open();
  await logOn(page, "operator");
  for (const path of ["/home", "/board", "/holdings", "/accesses", "/ledger",
    `/holdings/${someone.holding.id}`, `${search}?purpose=${someone.purpose}`,
    `${onRecord}?purpose=${someone.purpose}`,
    `${onRecord}/trail?purpose=${someone.purpose}`, "/ledger/entries/1"]) {
    await page.goto(path);
    const text = await page.content();
    for (const v of someone.values)
      if (v.text?.length > 3) await isNot(text.includes(v.text), true, `${path}: ${v.id}`);
  }
});

await check("the registrar makes a person; a mistake first: summary, values kept", async () => {
  const page = await open();
  await logOn(page, "registrar");
  await page.goto("/persons/new");
  await page.fill("[name=name]", "渡辺 空");
  await page.click("main form button[data-kind=main]");
  const summary = page.locator("#wrong");
  await is(await summary.count(), 1, "an error summary");
  await is(await page.title(), /^エラー：/, "the title says so");
  await is(await page.evaluate("document.activeElement.id"), "wrong", "focus is there");
  await is(await page.inputValue("[name=name]"), "渡辺 空", "the name is kept");
  const wrong = page.locator("main form [aria-invalid=true]").first();
  await is(await wrong.count(), 1, "a field is marked");
  const says = await wrong.getAttribute("aria-describedby");
  await is(await page.locator(`#${says.split(" ").pop()}`).innerText(), /^＊/, "what is wrong");
  const link = summary.locator("a").first(), to = await link.getAttribute("href");
  await link.click();
  await is(await page.evaluate("document.activeElement.id"), to.slice(1), "the link leads there");
  await eye.look(page, "a form with a mistake");
  await page.fill("[name=kana]", "ワタナベ ソラ");
  await page.selectOption("[name=kind]", "staff");
  await page.click("main form button[data-kind=main]");
  await page.goto("/persons");
  await is(await main(page), /渡辺 空/, "the person is there");
});

await check("a session that ended keeps the typed form through the log-on", async () => {
  const page = await open();
  await logOn(page, "registrar");
  await page.goto("/persons/new");
  await page.fill("[name=name]", "森 “<海>”");
  await page.fill("[name=kana]", "モリ ウミ");
  // another window with the same session ends it; this one keeps its cookie
  const twin = await closeLater(await browser.newContext({ baseURL: town.url,
    storageState: await page.context().storageState() })).newPage();
  await twin.goto("/home");
  await twin.click("header form[action='/logoff'] button");
  await page.click("main form button[data-kind=main]");
  await is(await page.locator("[name=password]").count(), 1, "asked to log on");
  await is(await main(page), /ログオンすると/, "told what follows");
  await eye.look(page, "session ended");
  await typeLogOn(page, "registrar", city, "wrong-password-here");
  await is(await page.inputValue("[name=logon]"), "registrar", "still the log-on page");
  await typeLogOn(page, "registrar");
  await is(await page.inputValue("[name=name]"), "森 “<海>”", "the name is kept");
  await is(await page.inputValue("[name=kana]"), "モリ ウミ", "the kana is kept");
  await page.selectOption("[name=kind]", "staff");
  await page.click("main form button[data-kind=main]");
  await page.goto("/persons");
  await is(await main(page), /森 “<海>”/, "and was sent");
});

await check("an automatic log-off keeps what was typed, for the same person alone", async () => {
  const page = await open();
  await page.clock.install();
  await logOn(page, "registrar");
  await page.goto("/persons/new");
  await page.fill("[name=name]", "髙﨑 𠮷之介");
  await page.clock.fastForward(4 * 60 * 60 * 1000);
  await page.waitForSelector("[name=password]");
  await is(await main(page), /ログオンすると/, "told what follows");
  await isNot((await page.content()).includes("髙﨑"), true, "the page shows what was typed");
  const held = await page.inputValue("[name=draft]");
  await typeLogOn(page, "manager");
  await is(new URL(page.url()).pathname, "/home", "another person does not get it");
  await logOff(page);
  await page.goto("/logon");
  await page.evaluate((text) => {
    const f = document.querySelector("main form"), i = document.createElement("input");
    i.type = "hidden"; i.name = "draft"; i.value = text;
    f.append(i);
  }, held);
  await typeLogOn(page, "registrar");
  await is(await page.inputValue("[name=name]"), "髙﨑 𠮷之介", "the name is kept");
});

await check("a code asked for leads back to where one was", async () => {
  const page = await open();
  await logOn(page, "handler");
  const mine = await page.evaluate(`fetch("/api/v1/holdings").then((r) => r.status)`);
  await is(mine, 401, "a cookie opens no API");
  const session = await town.logOn(city, "handler");
  const { holdings } = await town.ask("/holdings", session);
  const h = holdings.find((x) => x.my_number);
  await page.goto(`/holdings/${h.id}/search`);
  await page.selectOption("[name=purpose]", h.purposes[0].id);
  await page.fill("[name='v.kana']", "スズキ");
  await page.click("form[role=search] button[data-kind=main]");
  await is(await page.locator("[name=code]").count(), 1, "a code is asked for");
  await eye.look(page, "a code is asked for");
  await page.fill("[name=code]", "000000");
  await page.click("main form button[data-kind=main]");
  await is(await page.locator("#wrong").count(), 1, "a wrong one is told");
  await page.fill("[name=code]", codeOf("MZ2W22LLOVZGCLLEMVWW6LLDN5SGKLJN"));
  await page.click("main form button[data-kind=main]");
  await is(await page.inputValue("[name='v.kana']"), "スズキ", "what was typed is there");
  await page.click("form[role=search] button[data-kind=main]");
  await is(await page.locator("#found").count(), 1, "and can be sent");
});

await check("a wrong password is told without saying what was wrong", async () => {
  const page = await open(), seen = [];
  for (const [logon, word] of [["clerk", "wrong-password-here"], ["nobody", password]]) {
    await page.goto("/logon");
    await typeLogOn(page, logon, city, word);
    await is(await page.locator("main .notice").count(), 1, "a notice");
    seen.push(await page.locator("main .notice").innerText());
  }
  await is(seen[0], seen[1], "the same words");
  await eye.look(page, "a wrong password");
});

await check("a search without a purpose says so; nothing is opened", async () => {
  const page = await open();
  await logOn(page, "clerk");
  await page.goto(search);
  await page.fill("[name='v.kana']", someone.kana);
  await page.click("form[role=search] button[data-kind=main]");
  await is(await page.locator("#wrong").count(), 1, "an error summary");
  await is(await page.locator("#found").count(), 0, "no result");
  await is(await page.inputValue("[name='v.kana']"), someone.kana, "the kana is kept");
  await eye.look(page, "search without a purpose");
  const reply = await page.goto(onRecord);
  await is(reply.status(), 422, "a record without a purpose");
  await isNot((await page.content()).includes(born()), true, "released");
  await eye.look(page, "record without a purpose");
});

await check("a CSV with a bad row: the dry run names row and column", async () => {
  const page = await open();
  await logOn(page, "manager");
  const reply = await page.goto(`/holdings/${someone.holding.id}/import`);
  await is(reply.status(), 200, "the form");
  await eye.look(page, "import");
  await page.setInputFiles("input[type=file]", { name: "住民.csv", mimeType: "text/csv",
    buffer: Buffer.from("氏名,氏名カナ,生年月日\n仮野 一郎,カリノ イチロウ,昭和50年2月3日\n" +
      "仮野 二郎,カリノ ジロウ,昭和50年2月33日\n") });
  if (await page.locator("[name=purpose]").count())
    await page.selectOption("[name=purpose]", someone.purpose);
  await page.click("main form button[data-kind=main]");
  const text = await main(page);
  await is(text, /3/, "the row");
  await is(text, /生年月日/, "the column");
  await eye.look(page, "import with a bad row");
});

await check("a document is attached, opened and replaced, with scripts off", async () => {
  const page = await open({ script: false });
  await logOn(page, "clerk");
  await findAndOpen(page);
  await page.locator("main a[href*='/attach?']").first().click();
  await page.click("main form button[data-kind=main]");
  await is(await main(page), /「ファイル」が選ばれていません/, "the mistake");
  const give = async (name, text) => {
    await page.setInputFiles("[name=file]", { name, mimeType: "text/html",
      buffer: Buffer.from(text) });
    await page.click("main form button[data-kind=main]");
    await is(await main(page), new RegExp(name), "its name on the record");
  };
  await give("届出 控え.html", "<script>1</script>");
  const [file] = await Promise.all([page.waitForEvent("download"),
    page.getByRole("link", { name: "届出 控え.html" }).click()]);
  await is(file.suggestedFilename(), "届出 控え.html", "kept under its name");
  await is(readFileSync(await file.path(), "utf8"), "<script>1</script>", "its bytes");
  await page.locator("main a[href*='/attach?']").first().click();
  await give("差替え.pdf", "%PDF-");
  await isNot(/控え/.test(await main(page)), true, "the one before shows");
});

await check("English", async () => {
  const page = await open({ lang: "en-GB" });
  await page.goto("/logon");
  await is(await page.getAttribute("html", "lang"), "en", "html lang");
  await typeLogOn(page, "clerk");
  await is(await page.locator("h1").innerText(), /^[\x20-\x7e’]+/, "an English heading");
  await findAndOpen(page);
  await page.click("header a[hreflang=ja]");
  await is(await page.getAttribute("html", "lang"), "ja", "back to Japanese");
  await is((await main(page)).includes(someone.name), true, "on the same record");
});

await check("with scripts off: log on, search, open, a form, log off", async () => {
  const page = await open({ script: false });
  await logOn(page, "clerk");
  await findAndOpen(page);
  await logOff(page);
});

await check("by keyboard alone: skip link, log on", async () => {
  const page = await open();
  await page.goto("/logon");
  await page.keyboard.press("Tab");
  await is(await page.evaluate("document.activeElement.className"), "skip", "skip link first");
  await page.selectOption("[name=body]", city);
  await page.focus("[name=logon]");
  await page.keyboard.type("clerk");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/home");
});

// ---- every page ----

for (const [logon, lang] of [["clerk", "ja"], ["manager", "ja"], ["registrar", "ja"],
  ["auditor", "ja"], ["operator", "ja"], ["manager", "en"], ["registrar", "en"]])
  await check(`every page that the ${logon} reaches (${lang})`, async () => {
    const page = await open({ lang });
    await logOn(page, logon);
    const starts = ["/home", "/password", "/capacity", "/pending", "/no-such-page"];
    if (["clerk", "manager"].includes(logon))
      starts.push(`${onRecord}?purpose=${someone.purpose}&case=R8-0102`);
    await eye.walk(page, starts, lang);
  });

await check(`no violation in axe, no console error, no sideways scroll (${eye.pages} pages)`,
  () => eye.judge());

await browser.close();
await town.close();
const { passed, failed } = counts();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
