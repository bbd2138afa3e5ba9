// Agencies' systems: which are registered with which keys, where agencies want to be told, and what did not reach them.

import { may } from "../access.js";
import { ask } from "../api.js";
import * as directory from "../directory.js";
import { h, replace } from "../dom.js";
import { notice } from "../notice.js";
import { say } from "../problem.js";
import * as words from "../words.js";
import { kinds } from "./changes.js";

const { t } = words;

/** Open the view in `place`. */
export function open(place) {
  let closed = false;
  const sheet = h("div", { class: "sheet" }, h("p", { class: "empty" }, t("loading")));
  replace(place, sheet);

  function client(one, names, change) {
    const manage = may("administer") && !one.disabled_at;
    const key = (item) => h("div", { class: item.retired_at ? "muted" : "" }, h("code", { title: item.thumbprint }, item.kid.slice(0, 16)), ` ${words.day(item.added_at)}`, item.retired_at ? ` · ${t("keyRetired", { at: words.moment(item.retired_at) })}` : manage ? h("button", { class: "chip", onclick: () => change.retire(one, item) }, t("retireKey")) : null);
    return h("tr", { class: one.disabled_at ? "over" : "" }, h("td", {}, h("strong", {}, one.name), h("div", { class: "muted" }, names.agency(one.agency_id))), h("td", {}, one.agreement, h("div", { class: "muted" }, t("trainedUntil", { day: one.agreement_until }))), h("td", {}, one.keys.map(key)),
      h("td", {}, one.disabled_at ? h("span", { class: "bad" }, t("disabledSince", { at: words.day(one.disabled_at) })) : manage ? [h("button", { class: "chip", onclick: () => change.rotateKeys(one) }, t("newKeys")), " ", h("button", { class: "chip", onclick: () => change.disableClient(one) }, t("disableClient"))] : null));
  }

  const endpoint = (one, names, change) => h("tr", {}, h("td", {}, h("strong", {}, names.agency(one.agency_id))), h("td", {}, h("code", {}, one.url), h("div", { class: "muted" }, `${one.form} · ${t("generation", { n: one.generation })} · ${one.added_by} ${words.day(one.added_at)}`)),
    h("td", {}, h("button", { class: "chip", onclick: () => change.rotate(one) }, t("rotate")), " ", h("button", { class: "chip", onclick: () => change.disableEndpoint(one) }, t("disableEndpoint"))));
  const late = (one, names) => h("tr", {}, h("td", {}, h("strong", { class: "bad" }, "☎ ", names.agency(one.agency_id))), h("td", {}, h("a", { href: `#/alarms/${one.incident_id}` }, words.moment(one.made_at)), h("div", { class: "muted" }, `${t(one.state === "dead" ? "gaveUp" : "notDelivered")} · ${t("attempts", { n: one.attempts })}`)), h("td", { class: "muted" }, one.fault));
  const table = (rows, none, titles = []) => (rows.length ? h("table", {}, titles.length ? h("thead", {}, h("tr", {}, titles.map((title) => h("th", {}, t(title))))) : null, h("tbody", {}, rows)) : h("p", { class: "muted" }, t(none)));

  async function load() {
    try {
      const [clients, endpoints, undelivered, lists] = await Promise.all([ask("GET", "/v1/clients"), may("administer") ? ask("GET", "/v1/endpoints") : null, ask("GET", "/v1/undelivered"), directory.lists()]);
      if (closed) return;
      const names = directory.names(lists);
      const change = kinds(lists, load);
      replace(sheet, h("div", { class: "tools top" }, h("h1", {}, t("systems")), h("span", { class: "space" }), may("administer") ? [h("button", { class: "main", id: "add-client", onclick: change.addClient }, t("addClient")), h("button", { id: "add-endpoint", onclick: change.addEndpoint }, t("addEndpoint"))] : null),
        h("h2", {}, t("undelivered")), undelivered.length ? h("p", { class: "warn" }, t("undeliveredAbout")) : null, table(undelivered.map((one) => late(one, names)), "noUndelivered"),
        h("h2", {}, t("clients")), table(clients.items.map((one) => client(one, names, change)), "noClients", ["clientName", "agreement", "keysOf"]),
        endpoints ? [h("h2", {}, t("endpoints")), table(endpoints.map((one) => endpoint(one, names, change)), "noEndpoints")] : null);
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  load();
  return { resync: load, close: () => { closed = true; } };
}
