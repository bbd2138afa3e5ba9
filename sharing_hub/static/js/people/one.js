// Somebody: facts, and what whoever answers for them may change. Nobody changes their own account here.

import { may } from "../access.js";
import { ask, now } from "../api.js";
import * as dialog from "../dialog.js";
import { h } from "../dom.js";
import { facts } from "../facts.js";
import * as words from "../words.js";

const { t } = words;
const DISTRICT_ROLES = ["operator", "leader", "desk", "privacy_officer", "auditor", "admin"];
const AGENCY_ROLES = ["partner", "partner_lead", "vendor"];
const SHIFT_ROLES = ["operator", "leader", "desk"];
const HOUR_MS = 3_600_000;
/** From now means now at the hub, whose clock this page knows to a second or two. */
const SLACK_MS = 5000;

/** Return the roles that people of an agency can have, as pairs for a select. */
export const roles = (agencyId) => (agencyId === "district" ? DISTRICT_ROLES : AGENCY_ROLES).map((name) => [name, t(`role_${name}`)]);

/** Return until when somebody's training is valid, in words. */
export function training(person) {
  if (!person.trained_until) return h("span", { class: "warn" }, t("trainingNone"));
  const over = new Date(`${person.trained_until}T23:59:59+09:00`) < now();
  return h("span", { class: over ? "bad" : "muted" }, t(over ? "trainingOver" : "trainedUntil", { day: person.trained_until }));
}

function changes(person, changed) {
  const path = `/v1/people/${person.operator_id}`;
  const then = (action) => async (values) => { await action(values); changed(); };
  return {
    role: () => dialog.ask({ title: t("changeRoleTitle", { name: person.name }), about: h("p", {}, t("changeRoleAbout")), button: t("save"), fields: [dialog.field(t("role"), dialog.choice("role", roles(person.agency_id), person.role)), dialog.field(t("unit"), h("input", { name: "unit", maxlength: 60, value: person.unit }))], send: then((values) => ask("PATCH", path, values)) }),
    training: () => dialog.ask({ title: t("trainingTitle", { name: person.name }), button: t("save"), fields: [dialog.field(t("trainingDay"), h("input", { type: "date", name: "day", value: person.trained_until ?? "" }))], send: then(({ day }) => ask("PATCH", path, { trained_until: day || null })) }),
    shift: () => dialog.ask({ title: t("shiftTitle", { name: person.name }), button: t("save"), fields: [dialog.field(t("shiftHours"), dialog.choice("hours", [...(person.on_shift ? [[0, t("shiftEnds")]] : []), ...[4, 8, 12, 24].map((n) => [n, t("hours", { n })])], 8))],
      send: then(({ hours }) => ask("PUT", `${path}/shift`, Number(hours) ? { starts_at: new Date(now() - SLACK_MS).toISOString(), ends_at: new Date(now() + hours * HOUR_MS).toISOString() } : { starts_at: null, ends_at: null })) }),
    passkeys: () => dialog.ask({ title: t("removePasskeysTitle", { name: person.name }), about: h("p", {}, t("removePasskeysAbout")), danger: true, button: t("removePasskeysDo"), send: then(() => ask("DELETE", `${path}/passkeys`)) }),
    disable: () => dialog.ask({ title: t("disableTitle", { name: person.name }), about: h("p", {}, t("disableAbout")), danger: true, button: t("disableDo"), send: then(() => ask("POST", `${path}/disable`)) }),
  };
}

/** Return somebody's panel; `changed` follows each change. */
export function panel(person, { names, operator, changed }) {
  const open = changes(person, changed);
  const mine = person.operator_id === operator.operator_id;
  const button = (allowed, verb, label, className = "") => (allowed && !mine && !person.disabled_at ? h("button", { class: className, "data-verb": verb, onclick: open[verb] }, t(label)) : null);
  return h("div", {},
    h("div", { class: "head" }, h("h1", {}, person.name), h("p", {}, `${t(`role_${person.role}`)} · ${names.agency(person.agency_id)}${person.unit ? ` · ${person.unit}` : ""}`)),
    h("div", { class: "actions" }, button(may("administer"), "role", "changeRole"), button(may("certify_training"), "training", "changeTraining"), button(may("administer") || (may("set_shifts") && SHIFT_ROLES.includes(person.role)), "shift", "changeShift"),
      button(may("administer") && person.passkeys > 0, "passkeys", "removePasskeys", "quiet"), h("span", { class: "space" }), button(may("administer"), "disable", "disablePerson", "danger"), mine ? h("p", { class: "muted" }, t("yourself")) : null),
    facts([[t("training"), training(person)], [t("shift"), h("span", { class: person.on_shift ? "good" : "muted" }, t(person.on_shift ? "onShift" : "offShift"), person.on_shift ? ` · ${t("shiftUntil", { until: words.moment(person.shift_ends_at) })}` : "")], [t("passkeys"), t("passkeyCount", { n: person.passkeys })], [t("lastLogin"), person.last_login_at ? words.moment(person.last_login_at) : t("neverLoggedIn")], [t("madeAt"), words.moment(person.created_at)], [t("state"), person.disabled_at && h("span", { class: "bad" }, t("disabledSince", { at: words.moment(person.disabled_at) }))]]));
}
