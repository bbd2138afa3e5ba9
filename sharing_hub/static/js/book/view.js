// The district's book: the version in force as tables, the one that waits with what it would change, and who decided which.

import { may } from "../access.js";
import { ask } from "../api.js";
import * as dialog from "../dialog.js";
import * as directory from "../directory.js";
import { h, replace } from "../dom.js";
import { notice } from "../notice.js";
import { say } from "../problem.js";
import * as words from "../words.js";
import { differences, shown } from "./diff.js";
import * as propose from "./propose.js";

const { t } = words;
const own = (one) => (words.current() === "ko" ? one.ko : one.en);

function matrix(book) {
  const agencies = book.agencies.filter((one) => book.matrix.some((cell) => cell.agency_id === one.agency_id));
  const kinds = [...new Set(book.matrix.map((cell) => cell.kind))];
  const cell = (kind, agency) => {
    const found = book.matrix.find((one) => one.kind === kind && one.agency_id === agency.agency_id);
    return found ? h("td", { class: `when ${found.when}`, title: `${found.purpose} · ${found.legal_basis}` }, t(`how_${found.when}`), h("div", { class: "muted" }, t(`media_${found.media}`))) : h("td", {});
  };
  return h("div", { class: "scroll" }, h("table", { class: "matrix dense" }, h("thead", {}, h("tr", {}, h("th", {}, t("kindOfAlarm")), agencies.map((one) => h("th", {}, own(one))))), h("tbody", {}, kinds.map((kind) => h("tr", {}, h("th", {}, words.kind(kind)), agencies.map((agency) => cell(kind, agency)))))));
}

function lists(book) {
  const list = (title, rows) => h("section", {}, h("h2", {}, t(title)), h("table", { class: "dense" }, h("tbody", {}, rows)));
  const value = (one) => (typeof one === "boolean" ? t(one ? "yes" : "no") : Array.isArray(one) ? one.map(words.kind).join(", ") : String(one));
  return h("div", { class: "columns three" },
    h("div", {}, list("part_agencies", book.agencies.map((one) => h("tr", { class: one.active ? "" : "over" }, h("td", {}, own(one)), h("td", {}, h("code", {}, one.agency_id)), h("td", {}, one.active ? "" : t("inactive"))))), h("p", { class: "muted" }, t("camerasKnown", { n: book.cameras.length, s: book.cameras.filter((one) => one.sensitivity).length }))),
    h("div", {}, list("part_purposes", book.purposes.map((one) => h("tr", {}, h("td", {}, own(one)), h("td", { class: "muted" }, one.mask_level === "none" ? "" : t(`mask_${one.mask_level}`))))), list("part_legal_bases", book.legal_bases.map((one) => h("tr", {}, h("td", {}, own(one)), h("td", { class: "warn" }, one.needs_letter ? t("needsLetter") : ""))))),
    h("div", {}, list("part_limits", Object.entries(book.limits).map(([name, one]) => h("tr", {}, h("td", {}, t(`limit_${name}`)), h("td", { class: "n" }, value(one)))))));
}

/** Open the view in `place`. */
export function open(place, chosen, operator) {
  let closed = false;
  const sheet = h("div", { class: "sheet" }, h("p", { class: "empty" }, t("loading")));
  replace(place, sheet);

  const decide = (one, approve) => dialog.ask({ title: t(approve ? "approveBookTitle" : "rejectBookTitle", { n: one.version }), about: h("p", {}, approve ? t("approveBookAbout", { name: one.proposed_by_name, me: operator.name }) : t("rejectBookAbout")), danger: !approve, button: t(approve ? "approveDo" : "refuseDo"),
    send: async () => { await ask("POST", `/v1/book/versions/${one.version}/${approve ? "approve" : "reject"}`); directory.forget(); load(); } });

  async function waiting(current, one) {
    const { book } = await ask("GET", `/v1/book/versions/${one.version}`);
    const mine = one.proposed_by_name === operator.name;
    return h("section", { class: "cards" }, h("div", { class: "proposal" }, h("div", { class: "first" }, h("strong", { class: "warn" }, t("waitingVersion", { n: one.version })), h("span", { class: "muted" }, t("proposedBy", { name: one.proposed_by_name, at: words.moment(one.proposed_at) }))), h("p", {}, `“${one.why}”`), shown(differences(current.book, book)),
      h("div", { class: "actions" }, may("manage_book") ? [mine ? h("span", { class: "warn" }, t("ownProposal")) : h("button", { class: "main", "data-verb": "approve", onclick: () => decide(one, true) }, t("approveBook")), h("button", { class: mine ? "quiet" : "danger", "data-verb": "reject", onclick: () => decide(one, false) }, t(mine ? "takeBack" : "rejectBook"))] : h("span", { class: "muted" }, t("onlyManagers")))));
  }

  const row = (one) => h("tr", {}, h("td", {}, t("version", { n: one.version })), h("td", { class: one.state === "proposed" ? "warn" : one.state === "rejected" ? "bad" : "good" }, t(`version_${one.state}`)), h("td", {}, one.why), h("td", { class: "muted" }, t("proposedBy", { name: one.proposed_by_name, at: words.moment(one.proposed_at) })), h("td", { class: "muted" }, one.decided_by_name ? t("decidedByAt", { name: one.decided_by_name, at: words.moment(one.decided_at) }) : ""));

  async function load() {
    try {
      const [current, versions] = await Promise.all([ask("GET", "/v1/book"), ask("GET", "/v1/book/versions")]);
      const pending = versions.items.find((one) => one.state === "proposed");
      const proposal = pending ? await waiting(current, pending) : null;
      if (closed) return;
      replace(sheet, h("div", { class: "tools top" }, h("h1", {}, t("book")), h("span", { class: "good" }, t("inForce", { n: current.version })), h("span", { class: "muted" }, own({ ko: current.book.name_ko, en: current.book.name_en })), h("span", { class: "space" }), may("manage_book") && !pending ? h("button", { class: "main", id: "propose", onclick: () => propose.open(current, load) }, t("propose")) : null),
        h("p", { class: "muted" }, t("bookAbout")), proposal, h("h2", {}, t("part_matrix")), matrix(current.book), lists(current.book), h("h2", {}, t("versions")), h("table", { class: "dense" }, h("tbody", {}, versions.items.slice(0, 30).map(row))));
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  load();
  return { resync: load, close: () => { closed = true; } };
}
