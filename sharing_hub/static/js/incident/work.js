// Working on an incident beyond the first decision: who does, putting aside, merging, escalating, sharing, resolving, closing.

import { may } from "../access.js";
import { placeOf, severity, UNDECIDED } from "../alarms.js";
import { ask, now } from "../api.js";
import * as dialog from "../dialog.js";
import { lists } from "../directory.js";
import { h, replace } from "../dom.js";
import { notice } from "../notice.js";
import { say } from "../problem.js";
import * as words from "../words.js";
import * as share from "./share.js";

const { t } = words;
const OVER = ["false_alarm", "closed"];
const REAL = ["confirmed", "notified", "accepted", "responding", "resolved"];
const MINUTES = [10, 30, 60, 120, 240, 480];
const duration = (minutes) => (minutes < 60 ? t("minutes", { n: minutes }) : t("hours", { n: minutes / 60 }));

/** Say whether an incident is real: confirmed, called in, or a pressed bell. */
export const isReal = (one) => REAL.includes(one.state) || Boolean(one.opened_by_agency) || one.kind === "emergency_bell";

function shelve(one, send) {
  dialog.ask({ title: t("shelveTitle"), about: h("p", {}, t("shelveAbout")), button: t("shelve").replace("…", ""),
    fields: [dialog.field(t("shelveFor"), dialog.choice("minutes", MINUTES.map((n) => [n, duration(n)]), 30)), dialog.field(t("whyWords"), dialog.area("why", { maxlength: 200 }))],
    send: ({ minutes, why }) => send("shelve", { until: new Date(now() + minutes * 60_000 - 1000).toISOString(), why, version: one.version }) });
}

async function merge(one, send) {
  const { items } = await ask("GET", "/v1/incidents?state=unfinished&limit=100");
  const at = (item) => Math.abs(new Date(item.opened_at) - new Date(one.opened_at));
  const others = items.filter((item) => item.incident_id !== one.incident_id).sort((a, b) => at(a) - at(b)).slice(0, 30);
  const list = h("div", { class: "choices" }, others.map((item, i) => h("label", { class: "inline" }, h("input", { type: "radio", name: "into", value: item.incident_id, required: true, checked: i === 0 }), h("span", {}, severity(item.severity), " ", h("strong", {}, words.kind(item.kind)), ` ${placeOf(item)} · ${words.clock(item.opened_at)} · ${t(`state_${item.state}`)}`))));
  if (!others.length) { notice(t("mergeNone")); return; }
  dialog.ask({ title: t("mergeTitle"), about: h("p", {}, t("mergeAbout")), danger: true, button: t("mergeDo"), wide: true, fields: [list],
    send: async ({ into }) => { const target = await send("merge", { into, version: one.version }); location.hash = `#/alarms/${target.incident_id}`; } });
}

function escalate(one, send) {
  const level = Math.min(one.escalation_level, 1);
  dialog.ask({ title: t(`escalateTitle_${level}`), about: h("p", {}, t(`escalateAbout_${level}`)), button: t("escalateDo"), fields: [dialog.field(t("whyWords"), dialog.area("why", { maxlength: 200 }))], send: (values) => send("escalate", values) });
}

function takeOver(one, send) {
  dialog.ask({ title: t("takeOverTitle", { name: one.lease_holder }), about: h("p", {}, t("takeOverAbout", { name: one.lease_holder })), button: t("takeOver").replace("…", ""), send: () => send("lease", { take_over: true }) });
}

function resolve(one, send) {
  dialog.ask({ title: t("resolveTitle"), button: t("resolve"), fields: [dialog.field(t("noteWords"), dialog.area("note", { required: false }))], send: (values) => send("resolve", { ...values, version: one.version }) });
}

async function close(one, send) {
  const [{ items }, { limits }] = await Promise.all([ask("GET", "/v1/dispositions"), lists()]);
  dialog.ask({ title: t("closeTitle"), about: h("p", {}, t("closeAbout", { min: Math.round(limits.after_close_s / 60) })), button: t("closeIncident").replace("…", ""),
    fields: [dialog.field(t("disposition"), dialog.choice("disposition", items.map((item) => [item.code, words.current() === "ko" ? item.ko : item.en]))), dialog.field(t("noteWords"), dialog.area("note", { required: false }))],
    send: (values) => send("close", { ...values, version: one.version }) });
}

/** Make the bar. `state()` gives the incident, its shares and its operator; `send(verb, body, method)` changes it and throws where the hub refuses. */
export function bar(state, send) {
  const place = h("div", { class: "work" });
  const lease = h("span", { class: "lease" });
  const safely = (action) => async () => { try { await action(); } catch (error) { notice(t("failed", { why: say(error) })); } };
  const steps = {
    lease: (one) => (leftMs(one) > 0 && one.lease_holder !== state().operator.name ? takeOver(one, send) : send("lease", {})), release: () => send("lease", undefined, "DELETE"), verify: () => send("verify", {}), shelve: (one) => shelve(one, send), unshelve: () => send("unshelve", {}),
    merge: (one) => merge(one, send), escalate: (one) => escalate(one, send), share: (one) => share.open(one, state().shares, isReal(one), send), resolve: (one) => resolve(one, send), close: (one) => close(one, send),
  };
  const leftMs = (one) => (one.lease_holder ? new Date(one.lease_until) - now() : 0);

  function drawLease() {
    const { one, operator } = state();
    if (!one) return;
    const left = Math.round(leftMs(one) / 1000);
    const mine = one.lease_holder === operator.name;
    lease.className = left > 0 ? (mine ? "lease mine" : "lease others") : "lease";
    replace(lease, left <= 0 ? t("nobodyWorks") : [mine ? t("youWork") : t("worksOnIt", { name: one.lease_holder }), " ", h("small", { class: "muted" }, t("leaseLeft", { s: left }))]);
  }

  /** Say whether a step can be taken now. */
  function can(verb) {
    const { one, operator } = state();
    const over = OVER.includes(one.state);
    const mine = one.lease_holder === operator.name && leftMs(one) > 0;
    return { lease: !over && !mine, release: mine, verify: ["new", "acknowledged"].includes(one.state), shelve: !over && !one.shelved_until && (one.severity > 1 || may("lead_shift")), unshelve: Boolean(one.shelved_until), merge: !over && !one.opened_by_agency, escalate: !over && one.escalation_level < 2, share: !over, resolve: ["confirmed", "notified", "accepted", "responding"].includes(one.state), close: REAL.includes(one.state) }[verb];
  }

  function draw() {
    const { one, operator } = state();
    const others = leftMs(one) > 0 && one.lease_holder !== operator.name;
    const button = (verb, label, key) => (can(verb) ? h("button", { class: "chip", "data-verb": verb, onclick: () => press(verb) }, t(label), key ? h("kbd", {}, key) : null) : null);
    replace(place, lease, button("lease", others ? "takeOver" : "take", "T"), button("release", "release"), button("verify", "verify", "V"), button("shelve", "shelve", "H"), button("unshelve", "unshelve", "H"), button("merge", "merge", "G"),
      button("escalate", "escalate"), button("share", "share", "S"), button("resolve", "resolve", "R"), button("close", "closeIncident", "D"),
      one.camera_id && !UNDECIDED.includes(one.state) ? h("a", { class: "button chip", href: `#/requests/new:${encodeURIComponent(one.camera_id)}:${one.incident_id}` }, t("askVideo"), h("kbd", {}, "E")) : null);
    drawLease();
  }

  const press = (verb) => { if (can(verb)) safely(() => steps[verb](state().one))(); };
  const timer = setInterval(drawLease, 1000);
  const KEYS = { KeyT: "lease", KeyV: "verify", KeyH: "shelve", KeyG: "merge", KeyS: "share", KeyR: "resolve", KeyD: "close" };
  return {
    place, draw, close: () => clearInterval(timer),
    key(code) {
      if (!state().one || !(code in KEYS)) return code === "KeyE" && state().one ? Boolean(place.querySelector("a.button")?.click() ?? true) : false;
      press(code === "KeyH" && state().one.shelved_until ? "unshelve" : KEYS[code]);
      return true;
    },
  };
}
