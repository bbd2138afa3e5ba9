// The alarm list and the chosen alarm beside it. The list changes by itself; nothing moves under the operator's hand: a new alarm
// is added on top, the chosen one stays chosen.

import { ask, now } from "./api.js";
import * as detail from "./detail.js";
import { h, replace } from "./dom.js";
import { notice } from "./notice.js";
import { say } from "./problem.js";
import * as words from "./words.js";

const { t } = words;
export const SHAPES = { 1: "▲", 2: "◆", 3: "●" };
export const REASONS = ["animal", "weather", "light", "reflection", "authorised_person", "object_not_person", "camera_fault", "other"];

/** The states in which nobody has decided yet whether an alarm is real. */
export const UNDECIDED = ["new", "acknowledged", "verifying"];

/** Return where an incident is, in words: its camera, or who opened it. */
export const placeOf = (one) => one.camera_name || [one.opened_by_agency, one.description].filter(Boolean).join(" · ") || t("noCamera");

/** Return a severity's shape and word: shape and text first, colour last. */
export const severity = (level) => h("span", { class: `severity s${level}` }, SHAPES[level] ?? "●", " ", t(`severity_${level}`));

/** Open the view in `place`, with the alarm `chosen` if given. */
export function open(place, chosen, operator) {
  let items = [];
  let next = null;
  let filter = sessionStorage.getItem("filter") ?? "open";
  let shown = null;
  let awaitingReason = false;
  let closed = false;
  const list = h("ol", { class: "alarms", "aria-label": t("alarms") });
  const more = h("button", { class: "quiet more", hidden: true, onclick: () => load(true) }, t("more"));
  const tabs = h("div", { class: "tabs", role: "tablist" }, ["open", "shelved", "decided", "all"].map((name) => h("button", { role: "tab", "data-filter": name, onclick: () => { filter = name; sessionStorage.setItem("filter", name); load(); } }, t(name))));
  const side = h("section", { class: "detail" });
  replace(place, h("div", { class: "console" }, h("section", { class: "list" }, tabs, list, more), side));

  const flooding = h("p", { class: "flood", role: "status", hidden: true }, t("flood"));
  list.before(flooding);
  const OVER = ["false_alarm", "closed"];
  const belongs = (one) => filter === "all" || { open: UNDECIDED.includes(one.state) && !one.shelved_until, shelved: Boolean(one.shelved_until) && !OVER.includes(one.state), decided: !UNDECIDED.includes(one.state) }[filter];

  /** Return who works on an incident now, in words. */
  const worker = (one) => (one.lease_holder && new Date(one.lease_until) > now() ? h("span", { class: one.lease_holder === operator.name ? "good" : "warn" }, `✎ ${one.lease_holder}`) : null);

  function row(one) {
    return h("li", {}, h("a", { href: `#/alarms/${one.incident_id}`, class: `alarm ${one.state}`, "data-id": one.incident_id, "aria-current": one.incident_id === chosen ? "true" : null },
      h("span", { class: "first" }, severity(one.severity), h("strong", {}, words.kind(one.kind)), one.alarm_count > 1 ? h("span", { class: "times" }, t("times", { n: one.alarm_count })) : null, h("time", {}, words.clock(one.last_alarm_at))),
      h("span", { class: "second" }, h("span", {}, placeOf(one)), worker(one), one.shelved_until ? h("span", { class: "muted" }, t("shelvedUntil", { until: words.clock(one.shelved_until) })) : null, one.digest ? h("span", { class: "muted" }, t("digest")) : null, one.escalation_level ? h("span", { class: "warn" }, t(`escalated_${one.escalation_level}`)) : null, h("span", { class: `state ${one.state}` }, t(`state_${one.state}`)))));
  }

  function drawList() {
    for (const tab of tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.filter === filter));
    replace(list, items.length ? items.map(row) : h("li", { class: "empty" }, t({ decided: "noneDecided", shelved: "noneShelved" }[filter] ?? "noAlarms")));
    more.hidden = !next;
  }

  async function load(further = false) {
    try {
      const before = further && next ? `&before=${encodeURIComponent(next)}` : "";
      const answer = await ask("GET", `/v1/incidents?state=${filter}&limit=50${before}`);
      if (closed) return;
      items = further ? [...items, ...answer.items] : answer.items;
      next = answer.next ?? null;
      flooding.hidden = !answer.flood;
      drawList();
    } catch (error) { if (!closed) notice(error.status ? t("failed", { why: say(error) }) : t("offlineHub")); }
  }

  function show(id) {
    chosen = id;
    shown?.close();
    shown = id ? detail.open(side, id, operator, act, send) : null;
    if (!id) replace(side, h("p", { class: "empty" }, t("chooseAlarm")));
    for (const a of list.querySelectorAll("a")) a.toggleAttribute("aria-current", a.dataset.id === id);
  }

  /** Change the chosen incident; returns the one that changed (by a merge, another), and throws where the hub refuses. */
  async function send(verb, body, method = "POST") {
    const answer = await ask(method, `/v1/incidents/${chosen}/${verb}`, body ?? (method === "POST" ? {} : undefined));
    changed(answer);
    shown?.reload();
    return answer;
  }

  async function act(verb, body) {
    if (!chosen) return;
    try { await send(verb, body); } catch (error) {
      notice(error.status === 409 ? `${t("conflict")} ${say(error)}` : t("failed", { why: say(error) }));
      shown?.reload();
    }
  }

  function changed(one) {
    const at = items.findIndex((item) => item.incident_id === one.incident_id);
    if (at >= 0 && (one.version ?? 0) < (items[at].version ?? 0)) return;
    if (at >= 0 && belongs(one)) items[at] = one;
    else if (at >= 0 && one.incident_id !== chosen) items.splice(at, 1);
    else if (at >= 0) items[at] = one;
    else if (belongs(one)) items.unshift(one);
    if (items.length > 500) items.length = 500;
    drawList();
    if (one.incident_id === chosen) shown?.incident(one);
  }

  function step(by) {
    const at = items.findIndex((one) => one.incident_id === chosen);
    const to = items[Math.max(0, Math.min(items.length - 1, at < 0 ? 0 : at + by))];
    if (to) { history.replaceState(null, "", `#/alarms/${to.incident_id}`); show(to.incident_id); list.querySelector(`[data-id="${to.incident_id}"]`)?.scrollIntoView({ block: "nearest" }); }
  }

  load();
  show(chosen);
  return {
    incident: changed,
    media: (value) => shown?.media(value),
    resync: () => { load(); shown?.reload(); },
    close: () => { closed = true; shown?.close(); },
    key(code) {
      const digit = /^(?:Digit|Numpad)([1-8])$/.exec(code);
      if (awaitingReason && digit) { awaitingReason = false; shown?.askReason(false); act("false-alarm", { reason: REASONS[digit[1] - 1] }); return true; }
      const wasWaiting = awaitingReason;
      awaitingReason = false;
      shown?.askReason(false);
      if (code === "KeyJ") step(1);
      else if (code === "KeyK") step(-1);
      else if (code === "KeyA") act("acknowledge");
      else if (code === "KeyC") act("confirm");
      else if (code === "KeyU") act("reopen");
      else if (code === "KeyL") shown?.live();
      else if (code === "KeyX" && chosen && !wasWaiting) { awaitingReason = true; shown?.askReason(true); } else if (shown?.key(code)) return true; else return code === "Escape" || wasWaiting;
      return true;
    },
  };
}
