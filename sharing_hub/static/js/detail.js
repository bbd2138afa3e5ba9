// One alarm: its picture or clip with the zone and path drawn on it, why it was raised, what is done about it, who was told.

import { may } from "./access.js";
import { placeOf, REASONS, severity, UNDECIDED } from "./alarms.js";
import { ask } from "./api.js";
import * as directory from "./directory.js";
import { h, replace } from "./dom.js";
import { explanation } from "./explanation.js";
import { lent } from "./incident/peers.js";
import { timeline } from "./incident/timeline.js";
import { told } from "./incident/told.js";
import * as work from "./incident/work.js";
import { notice } from "./notice.js";
import { overlay } from "./overlay.js";
import * as pictures from "./pictures.js";
import { say } from "./problem.js";
import { refusal } from "./refusal.js";
import { watch } from "./whep.js";
import * as words from "./words.js";

const { t } = words;

const POLL_MS = 5000;

/** Open incident `id` in `place`; `act(verb, body)` changes it and tells what went wrong, `send` throws it. */
export function open(place, id, operator, act, send) {
  let one = null;
  let shared = null;
  let timer = null;
  let event = null;
  let showing = null;
  let stopLive = null;
  let stopLent = null;
  let closed = false;
  let asking = false;
  let reading = false;
  let again = false;
  const why = `incident:${id}`;
  const head = h("div", { class: "head" });
  const screen = h("div", { class: "screen" });
  const forms = h("div", { class: "forms" });
  const actions = h("div", { class: "actions" });
  const reasons = h("div", { class: "reasons", hidden: true });
  const about = h("div", { class: "about" });
  const others = h("div", {});
  const knows = h("div", {});
  const done = h("div", {});
  const bar = work.bar(() => ({ one, shares: one?.shares ?? [], operator }), send);
  replace(place, h("p", { class: "empty" }, t("loading")));

  const find = (form) => event?.media.find((item) => item.form === form);
  const mayDecide = may("decide_incidents");

  function drawHead() {
    replace(head, h("h1", {}, severity(one.severity), " ", words.kind(one.kind), one.alarm_count > 1 ? h("span", { class: "times" }, t("times", { n: one.alarm_count })) : null),
      h("p", {}, one.camera_id ? h("a", { href: `#/cameras/${one.camera_id}` }, one.camera_name) : placeOf(one), one.site ? ` · ${one.site}` : "", " · ", words.moment(one.opened_at), " · ", h("span", { class: `state ${one.state}` }, t(`state_${one.state}`))),
      h("p", { class: "handled" }, [one.escalation_level ? t(`escalated_${one.escalation_level}`) : null, one.shelved_until ? t("shelvedUntil", { until: words.clock(one.shelved_until) }) : null, one.acknowledged_by ? t("acknowledgedBy", { name: one.acknowledged_by }) : null, one.decided_by ? t("decidedBy", { name: one.decided_by }) : null, one.reason ? words.reason(one.reason) : null, one.disposition ? t(`disposition_${one.disposition}`) : null, one.note].filter(Boolean).join(" · ")),
      one.merged_into ? h("p", { class: "warn" }, t("mergedInto"), " ", h("a", { href: `#/alarms/${one.merged_into}` }, t("seeIncident"))) : null);
    const button = (verb, label, key, className, on) => h("button", { class: className, disabled: !on, onclick: () => (verb === "false-alarm" ? askReason(!asking) : act(verb)), "data-verb": verb }, t(label), h("kbd", {}, key));
    const openState = UNDECIDED.includes(one.state);
    replace(actions, mayDecide ? [
      button("acknowledge", "acknowledge", "A", "", one.state === "new"), button("confirm", "confirm", "C", "danger", openState),
      button("false-alarm", "falseAlarm", "X", "", openState), button("reopen", "reopen", "U", "quiet", !openState),
      h("span", { class: "space" }), h("button", { class: "quiet", disabled: !one.camera_id || !may("see_pictures"), onclick: live }, t("live"), h("kbd", {}, "L"))] : []);
    replace(reasons, h("span", {}, t("whyFalse")), REASONS.map((reason, i) => h("button", { onclick: () => { askReason(false); act("false-alarm", { reason }); } }, h("kbd", {}, i + 1), words.reason(reason))));
    if (mayDecide) bar.draw();
  }

  /** Read who was told and what they may look at; again every few seconds while something is on its way. */
  async function loadShared() {
    clearTimeout(timer);
    if (!one.shares.length) { shared = { shares: [], deliveries: [], grants: [] }; drawShared(); return; }
    const [deliveries, grants] = await Promise.all([ask("GET", `/v1/incidents/${id}/deliveries`), ask("GET", "/v1/grants")]);
    if (closed) return;
    shared = { shares: one.shares, deliveries: deliveries.items, grants: grants.filter((grant) => grant.incident_id === id) };
    drawShared();
    if (shared.deliveries.some((item) => item.state === "pending")) timer = setTimeout(() => loadShared().catch(() => {}), POLL_MS);
  }

  /** Show what other hubs let this one see; once, for their pictures go on playing while the incident changes. */
  async function loadLent() {
    const names = directory.names(await directory.lists());
    const stop = await lent(others, id, why, names);
    if (closed) stop(); else stopLent = stop;
  }

  async function drawShared() {
    const names = directory.names(await directory.lists());
    if (closed) return;
    if (shared) replace(knows, told(id, shared, names, () => reload()));
    replace(done, timeline(one.history, names.agency));
  }

  function askReason(on) { asking = on; reasons.hidden = !on; }

  function drawForms() {
    const choices = [["clip", "clip"], ["still", "still"], ["masked_still", "maskedStill"]].filter(([form]) => find(form));
    replace(forms, choices.map(([form, label]) => h("button", { class: "chip", "aria-pressed": String(showing === form), onclick: () => show(form) }, t(label))),
      find("clip")?.cut ? h("span", { class: "warn" }, t("cut", { why: words.cut(find("clip").cut) })) : null,
      find("clip")?.gaps?.length ? h("span", { class: "warn", title: find("clip").gaps.map((gap) => `${words.clock(gap.starts_at)}–${words.clock(gap.ends_at)} ${words.cut(gap.reason)}`).join("\n") }, t("gaps", { n: find("clip").gaps.length })) : null,
      event && !find("clip") && one.state !== "false_alarm" && find("still") ? h("span", { class: "muted" }, t("clipComing")) : null);
  }

  async function show(form) {
    const item = find(form);
    stopLive?.(); stopLive = null;
    showing = item ? form : null;
    drawForms();
    if (!item || !may("see_pictures")) { replace(screen, h("p", { class: "empty" }, t(item ? "roleSeesNone" : "noPicture"))); return; }
    const gone = () => closed || showing !== form || find(form)?.media_id !== item.media_id;
    try {
      const picture = form === "clip" ? await pictures.clip(item.media_id, why, { loop: true }) : await pictures.still(item.media_id, why, `${words.kind(event.kind)} ${words.moment(event.raised_at)}`);
      if (!gone()) replace(screen, picture, form === "clip" ? overlay(event, picture, item.starts_at) : overlay(event, null, null));
    } catch (error) { if (!gone()) replace(screen, refusal(error, () => show(form), one.camera_id)); }
  }

  async function live() {
    if (!one?.camera_id || !may("see_pictures")) return;
    stopLive?.();
    showing = "live";
    const video = h("video", { autoplay: true, playsinline: true, class: "live" });
    video.muted = true;
    replace(screen, video, h("span", { class: "tag" }, "LIVE"), h("p", { class: "over" }, t("connecting")));
    video.addEventListener("playing", () => screen.querySelector(".over")?.remove(), { once: true });
    drawForms();
    try {
      const end = await watch(one.camera_id, why, video, () => { if (!closed) { notice(t("liveEnded")); show("clip"); } });
      if (closed || showing !== "live") end(); else stopLive = end;
    } catch (error) {
      if (closed || showing !== "live") return;
      if (error.status === 403) { replace(screen, refusal(error, live, one.camera_id)); return; }
      notice(t("liveFailed", { why: say(error) }));
      show(find("clip") ? "clip" : "still");
    }
  }

  /** Read the incident anew: once more where it changed while it was being read. */
  async function reload(first = false) {
    if (reading) { again = true; return; }
    reading = true;
    await read(first);
    reading = false;
    if (again && !closed) { again = false; await reload(); }
  }

  async function read(first) {
    try {
      const answer = await ask("GET", `/v1/incidents/${id}`);
      if (closed) return;
      one = answer;
      const events = answer.alarms.map((alarm) => alarm.event);
      const richest = events.findLast((item) => item.media.some((m) => m.form === "clip")) ?? events.findLast((item) => item.media.length) ?? events.at(-1);
      event = events.find((item) => item.event_id === event?.event_id) ?? richest;
      if (first) replace(place, head, h("div", { class: "body" }, h("div", { class: "left" }, answer.camera_id ? null : others, screen, forms, actions, reasons, mayDecide ? bar.place : null, answer.camera_id ? others : null, knows), h("div", { class: "right" }, about, done)));
      drawHead();
      drawAbout(events);
      loadShared().catch((error) => { if (!closed) replace(knows, h("p", { class: "wrong" }, t("failedToLoad", { why: say(error) }))); });
      screen.hidden = !answer.camera_id && !event;  // called in, or another hub's: there is no picture of ours
      if (first && answer.shares.length) loadLent().catch((error) => { if (!closed) replace(others, h("p", { class: "wrong" }, t("failedToLoad", { why: say(error) }))); });
      if (first) show(find("clip") ? "clip" : find("still") ? "still" : "masked_still"); else drawForms();
    } catch (error) { if (first) replace(place, h("p", { class: "empty" }, t("failed", { why: say(error) }))); }
  }

  function drawAbout(events) {
    replace(about, event ? explanation(event) : null, events.length > 1 ? h("section", {}, h("h2", {}, t("eventsInAlarm")), h("ul", { class: "events" }, events.toReversed().slice(0, 50).map((item) => h("li", {},
      h("button", { class: "quiet", "aria-pressed": String(item.event_id === event.event_id), onclick: () => { event = item; drawAbout(events); show(find("clip") ? "clip" : "still"); } }, words.clock(item.raised_at), " ", item.media.some((m) => m.form === "clip") ? "▶" : ""))))) : null);
  }

  reload(true);
  return {
    reload, live, askReason,
    key: (code) => mayDecide && bar.key(code),
    incident: (value) => { if (!one) return; const moved = value.version !== one.version || value.alarm_count !== one.alarm_count; one = { ...one, ...value }; drawHead(); if (moved) reload(); },
    media: async (value) => { if (value.incident_id !== id || !event) return; await reload(); if (value.event_id === event.event_id && showing !== "live") show(find("clip") ? "clip" : find("still") ? "still" : value.form); },
    close: () => { closed = true; clearTimeout(timer); bar.close(); stopLive?.(); stopLent?.(); },
  };
}
