// The ledger's state: how many entries, up to which they are signed, the root, and the latest entries.

import { ask } from "../api.js";
import { h, replace } from "../dom.js";
import { facts } from "../facts.js";
import { say } from "../problem.js";
import * as words from "../words.js";

const { t } = words;
const PAGE = 25;
const POLL_MS = 15_000;

/** Return size, root and how many signatures a signed note (C2SP tlog-checkpoint) has. */
export function parsed(note) {
  const lines = note.split("\n");
  return { size: Number(lines[1]), root: lines[2], signatures: lines.filter((line) => line.startsWith("— ")).length };
}

const subject = (entry) => [entry.camera_id, entry.subject?.kind, entry.details?.agency_id].filter(Boolean).join(" · ");
const row = ({ index, entry }) => h("tr", { title: JSON.stringify(entry, null, 1) }, h("td", { class: "n muted" }, index), h("td", {}, words.moment(entry.at)), h("td", { class: entry.decision === "deny" ? "bad" : "" }, h("code", {}, entry.action)), h("td", {}, entry.actor?.name ?? ""), h("td", { class: "muted" }, subject(entry)));

/** Open it in `place`. */
export function open(place) {
  let closed = false;
  let first = null;
  let drawn = -1;
  const state = h("div", {});
  const body = h("tbody", {});
  const earlier = h("button", { class: "quiet more", hidden: true, onclick: () => page(Math.max(0, first - PAGE), first) }, t("earlier"));
  replace(place, state, h("h2", {}, t("latestEntries")), h("table", { class: "dense" }, h("thead", {}, h("tr", {}, [t("entryNumber"), t("when"), t("action"), t("actor"), t("subject")].map((title) => h("th", {}, title)))), body), earlier);

  async function page(from, until) {
    const { items } = await ask("GET", `/v1/ledger/entries?from=${from}&limit=${Math.max(1, until - from)}`);
    first = from;
    body.append(...items.toReversed().map(row));
    earlier.hidden = first === 0;
  }

  async function load() {
    try {
      const [{ size }, { key }] = await Promise.all([ask("GET", "/v1/ledger/entries?from=0&limit=1"), ask("GET", "/v1/ledger/key")]);
      const note = await ask("GET", "/v1/ledger/checkpoint").catch((error) => (error.status === 404 ? null : Promise.reject(error)));
      if (closed) return;
      const signed = note ? parsed(note.text) : null;
      const behind = signed ? size - signed.size : size;
      replace(state, h("p", {}, h("strong", {}, t("ledgerSize", { n: size })), " · ", signed ? h("span", { class: "good" }, "✓ ", t("checkpointOf", { n: signed.size })) : h("span", { class: "warn" }, t("checkpointNone")), signed && behind > 0 ? h("span", { class: "muted" }, ` · ${t("checkpointBehind", { n: behind })}`) : null),
        facts([[t("root"), signed && h("code", {}, signed.root)], [t("cosigned", { n: signed?.signatures ?? 0 }), signed && h("a", { href: "/v1/ledger/checkpoint", download: `checkpoint-${signed.size}.txt` }, t("saveNote"))], [t("ledgerKey"), h("code", {}, key)]]));
      if (drawn === size) return;
      drawn = size;
      replace(body);
      await page(Math.max(0, size - PAGE), size);
    } catch (error) { if (!closed) replace(state, h("p", { class: "wrong" }, t("failedToLoad", { why: say(error) }))); }
  }

  load();
  const timer = setInterval(load, POLL_MS);
  return { close: () => { closed = true; clearInterval(timer); } };
}
