// Oversight: a month's cues of misuse, its review and registers; the ledger's state and latest entries. Each part only for whom it is open.

import { may } from "../access.js";
import { ask, now } from "../api.js";
import * as dialog from "../dialog.js";
import { h, replace } from "../dom.js";
import { due } from "../facts.js";
import { notice } from "../notice.js";
import { say } from "../problem.js";
import * as words from "../words.js";
import * as ledger from "./ledger.js";

const { t } = words;
const KOREA_MS = 9 * 3_600_000;
const MONTHS = 24;

/** Return a month and those before it as YYYY-MM, by Korean time. */
function months() {
  const local = new Date(now() + KOREA_MS);
  return Array.from({ length: MONTHS }, (_, back) => new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - back, 1)).toISOString().slice(0, 7));
}

function cueTable(cues) {
  if (!cues.length) return h("p", { class: "muted" }, t("noCues"));
  return h("table", {}, h("thead", {}, h("tr", {}, [t("what"), t("who"), t("camera"), t("count"), t("firstLast")].map((title) => h("th", {}, title)))),
    h("tbody", {}, cues.map((cue) => h("tr", {}, h("td", { class: "warn" }, words.current() === "ko" ? cue.title_ko : cue.title_en), h("td", {}, h("strong", {}, cue.name)), h("td", {}, cue.camera_id ? h("a", { href: `#/cameras/${cue.camera_id}` }, cue.camera_id) : ""), h("td", { class: "n" }, cue.count), h("td", { class: "muted" }, `${words.moment(cue.first_at)} – ${words.moment(cue.last_at)}`)))));
}

function registers(month) {
  return h("table", { class: "registers" }, h("tbody", {}, ["a", "b", "c"].map((letter) => h("tr", {}, h("td", {}, h("strong", {}, t(`register_${letter}`))),
    h("td", {}, h("a", { class: "button", target: "_blank", rel: "noopener", href: `/v1/registers/${letter}.html?month=${month}` }, t("printable"))), h("td", {}, h("a", { class: "button", href: `/v1/registers/${letter}.csv?month=${month}`, download: "" }, t("csv")))))));
}

/** Open the view in `place`. */
export function open(place) {
  let closed = false;
  let month = months()[0];
  const cues = h("div", {});
  const reviews = h("div", {});
  const files = h("div", {});
  const kept = h("div", {});
  const chosen = h("select", { "aria-label": t("month"), onchange: () => { month = chosen.value; load(); } }, months().map((one) => h("option", { value: one }, one)));
  const part = (title, about, body) => h("section", {}, h("h2", {}, t(title)), about ? h("p", { class: "muted" }, t(about)) : null, body);
  replace(place, h("div", { class: "sheet" }, h("div", { class: "tools top" }, h("h1", {}, t("oversight")), h("label", { class: "inline" }, t("month"), chosen), h("span", { class: "space" }), h("a", { class: "button", href: "/public", target: "_blank", rel: "noopener" }, t("publicPage"))),
    h("div", { class: "columns" }, h("div", {}, may("read_looks") ? [part("cues", "cuesAbout", cues), part("reviews", null, reviews)] : null, may("read_registers") ? part("registers", "registersAbout", files) : null),
      h("div", {}, part("ledger", may("read_ledger") ? null : "ledgerClosed", kept)))));

  function sign(one) {
    dialog.ask({ title: t("signTitle", { month: one.month }), about: h("p", {}, t("signAbout")), button: t("signReview").replace("…", ""), fields: [dialog.field(t("reviewWords"), dialog.area("note"))],
      send: async ({ note }) => { await ask("POST", `/v1/oversight/reviews/${one.month}/sign`, { note }); load(); } });
  }

  const review = (one) => h("li", { class: one.signed_at ? "review" : "review glass waits" }, h("div", { class: "first" }, h("strong", {}, one.month), h("span", { class: "muted" }, t("reviewLooks", one)), h("span", { class: "space" }), one.signed_at ? h("span", { class: "good" }, t("signedBy", { name: one.signed_by_name, at: words.moment(one.signed_at) })) : [h("span", { class: "warn" }, t("unsigned")), due(one.due_at, 3 * 24 * 3_600_000)],
    !one.signed_at && may("approve") ? h("button", { class: "chip", "data-verb": "sign", onclick: () => sign(one) }, t("signReview")) : null), one.note ? h("p", {}, one.note) : null);

  async function load() {
    replace(files, registers(month));
    if (!may("read_looks")) return;
    try {
      const [found, all] = await Promise.all([ask("GET", `/v1/oversight/cues?month=${month}`), ask("GET", "/v1/oversight/reviews")]);
      if (closed) return;
      replace(cues, cueTable(found));
      replace(reviews, all.length ? h("ul", { class: "cards" }, all.slice(0, 12).map(review)) : h("p", { class: "muted" }, t("noReviews")));
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  load();
  const reading = may("read_ledger") ? ledger.open(kept) : null;
  return { resync: load, close: () => { closed = true; reading?.close(); } };
}
