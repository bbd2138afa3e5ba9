// People: who may sign in, with role, training and shift; the chosen one beside the list, and invitations below.

import { may } from "../access.js";
import { ask } from "../api.js";
import * as directory from "../directory.js";
import { h, replace } from "../dom.js";
import { notice } from "../notice.js";
import { say } from "../problem.js";
import * as words from "../words.js";
import * as invitations from "./invitations.js";
import * as one from "./one.js";

const { t } = words;

/** Open the view in `place`. */
export function open(place, chosen, operator) {
  let items = [];
  let found = null;
  let closed = false;
  const body = h("tbody", {});
  const search = h("input", { type: "search", placeholder: t("searchPeople"), "aria-label": t("searchPeople"), oninput: draw });
  const agencies = h("select", { "aria-label": t("agency"), onchange: draw }, h("option", { value: "" }, t("allAgencies")));
  const side = h("section", { class: "detail" });
  const below = h("div", {});
  replace(place, h("div", { class: "console wide" }, h("section", { class: "list" }, h("div", { class: "tools" }, search, agencies, may("manage_people") ? h("button", { class: "main", id: "invite", onclick: invite }, t("invite")) : null), h("table", { class: "cameras people" }, body), below), side));

  async function invite() {
    try { invitations.invite(await directory.lists(), load); } catch (error) { notice(t("failed", { why: say(error) })); }
  }

  const names = () => directory.names(found);

  function row(person) {
    return h("tr", { class: [person.operator_id === chosen ? "chosen" : "", person.disabled_at ? "over" : ""].join(" "), onclick: () => { location.hash = `#/people/${person.operator_id}`; } },
      h("td", {}, h("a", { href: `#/people/${person.operator_id}` }, person.name), h("div", { class: "muted" }, person.unit || names().agency(person.agency_id))), h("td", {}, t(`role_${person.role}`), person.agency_id === "district" ? null : h("div", { class: "muted" }, names().agency(person.agency_id))),
      h("td", {}, person.disabled_at ? h("span", { class: "bad" }, t("disabledSince", { at: words.day(person.disabled_at) })) : [one.training(person), h("div", { class: person.on_shift ? "good" : "muted" }, t(person.on_shift ? "onShift" : "offShift"))]));
  }

  function draw() {
    if (closed || !found) return;
    const text = search.value.trim().toLowerCase();
    const shown = items.filter((person) => (!agencies.value || person.agency_id === agencies.value) && (!text || `${person.name} ${person.unit} ${t(`role_${person.role}`)}`.toLowerCase().includes(text)));
    replace(body, shown.length ? shown.map(row) : h("tr", {}, h("td", { class: "empty" }, t("noPeople"))));
    const person = items.find((item) => item.operator_id === chosen);
    replace(side, person ? one.panel(person, { names: names(), operator, changed: load }) : h("p", { class: "empty" }, t("choosePerson")));
  }

  async function load() {
    try {
      const [people, lists, invited] = await Promise.all([ask("GET", "/v1/people"), directory.lists(), may("manage_people") ? ask("GET", "/v1/invitations") : { items: [] }]);
      if (closed) return;
      [items, found] = [people.items, lists];
      const kept = agencies.value;
      replace(agencies, h("option", { value: "" }, t("allAgencies")), [...new Set(items.map((person) => person.agency_id))].map((id) => h("option", { value: id, selected: id === kept ? true : null }, names().agency(id))));
      replace(below, may("manage_people") ? invitations.list(invited.items, names(), load) : null);
      draw();
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  load();
  return { resync: load, close: () => { closed = true; } };
}
