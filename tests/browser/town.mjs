// A demonstration that the browser tests speak to: made, served, ended.
// FUMIKURA names another binary; FUMIKURA_DEMO a fresh demonstration to copy.
import { spawn, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const binary = process.env.FUMIKURA ?? join(root, "build", "fumikura");
export const password = "fumikura-demo-2026";

export class Town {
  constructor() {
    this.data = mkdtempSync(join(tmpdir(), "fumikura-browser-"));
    if (process.env.FUMIKURA_DEMO)
      cpSync(process.env.FUMIKURA_DEMO, this.data, { recursive: true });
    else
      execFileSync(binary, ["demo", "--residents", "40", "--packs",
        join(root, "packs"), this.data], { stdio: ["ignore", "ignore", "inherit"] });
  }

  async open() {
    this.server = spawn(binary, ["serve", "--plain-http", "--port", "0",
      "--packs", join(root, "packs"), this.data],
    { stdio: ["ignore", "pipe", "inherit"] });
    // whoever ends the test ends the server
    process.once("exit", () => this.server.kill("SIGTERM"));
    for (const signal of ["SIGINT", "SIGTERM"])
      process.once(signal, () => process.exit(130));
    const line = await new Promise((say) => {
      createInterface(this.server.stdout).once("line", say);
      this.server.once("exit", () => say(""));
    });
    const url = /http:\/\/\S+?(?=\/?$)/.exec(line);
    if (!url) throw new Error("the server did not start");
    this.url = url[0];
    return this;
  }

  async close() {
    if (this.server && this.server.exitCode === null) {
      const end = new Promise((say) => this.server.once("exit", say));
      this.server.kill("SIGTERM");
      await end;
    }
    rmSync(this.data, { recursive: true, force: true });
  }

  // ---- through the API, for what a test must know beforehand ----

  async ask(path, session, fields) {
    const reply = await fetch(this.url + "/api/v1" + path, {
      method: fields ? "POST" : "GET",
      headers: { ...(session && { authorization: `Bearer ${session}` }),
        ...(fields && { "content-type": "application/json" }) },
      body: fields && JSON.stringify(fields),
    });
    const answer = await reply.json();
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  async logOn(body, logon) {
    return (await this.ask("/logon", null, { body, logon, password })).session;
  }

  // A holding that opens without a second factor, and one resident in it.
  async resident(body) {
    const session = await this.logOn(body, "clerk");
    const { holdings } = await this.ask("/holdings", session);
    const h = holdings.find((x) => x.may_view && !x.my_number &&
      !x.second_factor && x.persons > 0);
    const purpose = h.purposes[0].id;
    for (const kana of "アイカキサシタナハマヤワ") {
      const found = await this.ask(`/holdings/${h.id}/search`, session,
        { purpose, case: "R8-0001", v: { kana } });
      if (!found.records?.length) continue;
      const { id } = found.records[0];
      const { values } = await this.ask(
        `/holdings/${h.id}/records/${id}?purpose=${purpose}`, session);
      const of = (item) => values.find((v) => v.id === item)?.text;
      return { holding: h, purpose, id, kana: of("kana"), name: of("name"),
        born: of("birth_date") ?? of("born") ?? values.find((v) => /date/.test(v.id))?.text,
        values };
    }
    throw new Error("nobody found");
  }
}
