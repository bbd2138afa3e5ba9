// One shared incident, as its agency sees it: pictures and live cameras within the grant and its countdown, under a mark of who looks; and what the agency says of it.

import { severity } from "../alarms.js";
import { ask, now } from "../api.js";
import * as dialog from "../dialog.js";
import { h, replace } from "../dom.js";
import { facts } from "../facts.js";
import { notice } from "../notice.js";
import * as pictures from "../pictures.js";
import { say } from "../problem.js";
import { refusal } from "../refusal.js";
import { watch } from "../whep.js";
import * as words from "../words.js";

const { t } = words;
const WARN_S = 60;
const FORMS = { clip: "clip", still: "still", masked_still: "maskedStill" };
const span = (seconds) => (seconds < 120 ? t("secondsLeft", { s: Math.max(0, Math.round(seconds)) }) : t("minutesLeft", { n: Math.floor(seconds / 60) }));

/** Open incident `id` in `place`; `changed` follows what the agency says. */
export function open(place, id, operator, changed) {
  let item = null;
  let media = [];
  let grants = [];
  let names = new Map();
  let stopLive = null;
  let showing = null;
  let closed = false;
  const why = `incident:${id}`;
  const head = h("div", { class: "head" });
  const screen = h("div", { class: "screen" }, h("p", { class: "empty" }, t("loading")));
  const chips = h("div", { class: "forms" });
  const live = h("div", { class: "forms" });
  const countdown = h("div", { class: "actions" });
  const marks = h("div", { class: "actions" });
  const about = h("div", {});
  replace(place, head, h("div", { class: "body" }, h("div", { class: "left" }, screen, chips, h("h2", {}, t("liveCameras")), live, countdown, marks), about));

  const mark = () => h("div", { class: "mark", "aria-hidden": "true" }, Array.from({ length: 6 }, () => h("span", {}, t("watermark", { agency: operator.agency_id, name: operator.name, at: words.moment(new Date(now()).toISOString()) }))));
  const stop = () => { stopLive?.(); stopLive = null; };

  async function show(file) {
    stop();
    showing = file.media_id;
    drawChips();
    try {
      const picture = file.form === "clip" ? await pictures.clip(file.media_id, why, { loop: true }) : await pictures.still(file.media_id, why, words.kind(item?.incident.kind ?? ""));
      if (!closed && showing === file.media_id) replace(screen, picture, mark());
    } catch (error) { if (!closed && showing === file.media_id) replace(screen, refusal(error, () => show(file))); }
  }

  async function watchLive(cameraId) {
    stop();
    showing = cameraId;
    drawChips();
    const video = h("video", { autoplay: true, playsinline: true, class: "live" });
    video.muted = true;
    replace(screen, video, h("span", { class: "tag" }, "LIVE"), h("p", { class: "over" }, t("connecting")), mark());
    video.addEventListener("playing", () => screen.querySelector(".over")?.remove(), { once: true });
    try {
      const end = await watch(cameraId, why, video, () => { if (!closed) { showing = null; replace(screen, h("p", { class: "empty" }, t("liveEnded"))); drawChips(); } });
      if (closed || showing !== cameraId) end(); else stopLive = end;
    } catch (error) { if (!closed && showing === cameraId) replace(screen, error.status === 403 ? refusal(error, () => watchLive(cameraId)) : h("p", { class: "empty" }, t("liveFailed", { why: say(error) }))); }
  }

  async function renew(grant) {
    try { const { ends_at } = await ask("POST", `/v1/agency/grants/${grant.grant_id}/renew`); notice(t("renewed", { until: words.clock(ends_at) }), "good"); load(); } catch (error) { notice(t("failed", { why: say(error) })); }
  }

  async function state(verb) {
    try { await ask("POST", `/v1/agency/incidents/${id}/${verb}`); changed(); } catch (error) { notice(t("failed", { why: say(error) })); }
  }

  function report() {
    dialog.ask({ title: t("reportWrongTitle"), about: h("p", {}, t("reportWrongAbout")), danger: true, button: t("reportDo"), fields: [dialog.field(t("whyWords"), dialog.area("why", { maxlength: 200 }))],
      send: async ({ why: reason }) => { await ask("POST", `/v1/agency/incidents/${id}/report-wrong`, { why: reason }); location.hash = "#/shared"; } });
  }

  function drawChips() {
    const files = Object.keys(FORMS).flatMap((form) => media.filter((file) => file.form === form).slice(0, 3));
    replace(chips, files.length ? files.map((file) => h("button", { class: "chip", "aria-pressed": String(showing === file.media_id), onclick: () => show(file) }, t(FORMS[file.form]), " ", words.clock(file.starts_at))) : h("span", { class: "muted" }, t("noPictures")));
    const cameras = [...new Set(grants.filter((grant) => grant.actions.includes("ViewLive")).flatMap((grant) => grant.camera_ids))];
    replace(live, cameras.length ? cameras.map((cameraId) => h("button", { class: "chip", "data-camera": cameraId, "aria-pressed": String(showing === cameraId), onclick: () => watchLive(cameraId) }, "▶ ", names.get(cameraId) ?? cameraId)) : h("span", { class: "muted" }, t("noGrant")));
  }

  function drawGrants() {
    replace(countdown, grants.map((grant) => h("span", { class: "grant" }, h("span", { "data-grant": grant.grant_id }), " ", grant.incident_id && !grant.break_glass ? h("button", { class: "chip", "data-verb": "renew", onclick: () => renew(grant) }, t("renew")) : null)));
    tick();
  }

  /** Count down: the words only, so that nothing moves under the hand. */
  function tick() {
    for (const grant of grants) {
      const left = (new Date(grant.ends_at) - now()) / 1000;
      const place = countdown.querySelector(`[data-grant="${grant.grant_id}"]`);
      if (place) { place.textContent = t("grantLeft", { span: span(left), until: words.clock(grant.ends_at) }); place.className = left < WARN_S ? "warn" : "muted"; }
    }
    if (grants.some((grant) => new Date(grant.ends_at) <= now())) { grants = grants.filter((grant) => new Date(grant.ends_at) > now()); drawChips(); drawGrants(); }
  }

  function draw() {
    const { incident: one, share } = item;
    replace(head, h("h1", {}, severity(one.severity), " ", words.kind(one.kind)), h("p", {}, one.camera_name || one.description || "", " · ", words.moment(one.opened_at), " · ", h("span", { class: `state ${one.state}` }, t(`state_${one.state}`))), ["new", "acknowledged", "verifying"].includes(one.state) && share.how !== "opened" ? h("p", { class: "warn" }, t("notConfirmed")) : null);
    const button = (verb, label, done) => h("button", { class: done ? "quiet" : "main", disabled: Boolean(done), "data-verb": verb, onclick: () => state(verb) }, done ? `✓ ${t(label)} ${words.clock(done)}` : t(label));
    replace(marks, button("accept", "markAccept", share.accepted_at), button("arrived", "markArrived", share.arrived_at), button("finished", "markFinished", share.finished_at), h("span", { class: "space" }), share.how === "opened" ? null : h("button", { class: "quiet", "data-verb": "report", onclick: report }, t("reportWrong")));
    replace(about, facts([[t("media"), t(`media_${share.media}`)], [t("purpose"), share.purpose], [t("basis"), share.legal_basis], [t("caseNumber"), share.case_number], [t("place"), one.latitude === null ? null : `${one.latitude.toFixed(5)}, ${one.longitude.toFixed(5)}`], [t("sharedAt"), words.moment(share.shared_at)]]));
  }

  async function load() {
    try {
      const [shared, files, held, cameras] = await Promise.all([ask("GET", `/v1/agency/incidents/${encodeURIComponent(id)}`), ask("GET", `/v1/media?incident_id=${encodeURIComponent(id)}&limit=30`), ask("GET", "/v1/agency/grants"), ask("GET", "/v1/cameras")]);
      if (closed) return;
      const first = item === null;
      item = shared;
      media = files.items;
      names = new Map(cameras.items.map((camera) => [camera.camera_id, camera.name]));
      grants = held.filter((grant) => grant.incident_id === id);
      draw();
      drawChips();
      drawGrants();
      const best = Object.keys(FORMS).map((form) => media.find((file) => file.form === form)).find(Boolean);
      if (first) best ? show(best) : replace(screen, h("p", { class: "empty" }, t("noPictures")));
    } catch (error) { if (!closed) { stop(); replace(place, h("p", { class: "empty" }, t("failed", { why: say(error) }))); } }
  }

  load();
  const timer = setInterval(tick, 1000);
  return {
    tell: (value) => { if (item && value && JSON.stringify(value) !== JSON.stringify(item)) load(); },
    close: () => { closed = true; clearInterval(timer); stop(); },
  };
}
