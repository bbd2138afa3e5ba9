// Cameras: state and loss counts of each, a live view, and recorded video of any time on request. A district has thousands, and each tells of itself
// every few seconds: the list is found by words, shows a bounded number, and is drawn at most once a second.

import { may } from "./access.js";
import { ask } from "./api.js";
import * as directory from "./directory.js";
import { h, replace } from "./dom.js";
import * as emergency from "./emergency/begin.js";
import { notice } from "./notice.js";
import * as pictures from "./pictures.js";
import { say, translate } from "./problem.js";
import { refusal } from "./refusal.js";
import { watch } from "./whep.js";
import * as words from "./words.js";

const { t } = words;
const minutes = (seconds) => words.number(Math.round(seconds / 6) / 10);
const kindsShort = (kinds) => `(${kinds.slice(0, 3).map(words.kind).join(", ")}${kinds.length > 3 ? ` +${kinds.length - 3}` : ""})`;
const MOST_ROWS = 200;
const DRAW_MS = 1000;
const WORKING = ["online", "starting", "stopped"];
const REASONS = ["patrol", "incident", "maintenance", "request"];

/** Open the view in `place`, with the camera `chosen` if given. */
export function open(place, chosen, operator) {
  let items = [];
  let closed = false;
  let stopLive = null;
  let timer = null;
  let drawing = null;
  const search = h("input", { type: "search", placeholder: t("searchCameras"), "aria-label": t("searchCameras"), oninput: () => drawTable() });
  const down = h("input", { type: "checkbox", onchange: () => drawTable() });
  const counts = h("span", { class: "muted", "aria-live": "polite" });
  const table = h("table", { class: "cameras" });
  const side = h("section", { class: "detail" });
  replace(place, h("div", { class: "console wide" }, h("section", { class: "list" }, h("div", { class: "tools" }, search, h("label", { class: "inline" }, down, t("onlyDown")), counts), table), side));
  const facts = h("dl", {});
  const screen = h("div", { class: "screen" });
  const why = h("select", { "aria-label": t("why") }, REASONS.map((name) => h("option", { value: name }, t(`why_${name}`))));
  const purpose = h("select", { "aria-label": t("lookPurpose") }, h("option", { value: "" }, t("lookPurposeUsual")));
  const wanted = h("ul", { class: "recordings" });

  function row(one) {
    return h("tr", { class: one.camera_id === chosen ? "chosen" : "", onclick: () => { location.hash = `#/cameras/${one.camera_id}`; } },
      h("td", {}, h("a", { href: `#/cameras/${one.camera_id}` }, one.name)), h("td", { class: "muted" }, one.site),
      h("td", {}, h("span", { class: `camera-state ${one.state}` }, one.state === "online" ? "●" : "✕", " ", t(one.state)), one.detail && one.state !== "online" ? h("span", { class: "muted" }, ` ${translate(one.detail)}`) : null),
      h("td", { class: "n" }, words.number(one.fps_in ?? 0)), h("td", {}, t(`mode_${one.decode_mode}`)));
  }

  function drawTable() {
    const wanted = search.value.trim().toLowerCase();
    const found = items.filter((one) => (!down.checked || !WORKING.includes(one.state)) && (!wanted || `${one.name} ${one.camera_id} ${one.site}`.toLowerCase().includes(wanted)));
    const mine = found.findIndex((one) => one.camera_id === chosen);
    const shown = mine >= MOST_ROWS ? [found[mine], ...found.slice(0, MOST_ROWS - 1)] : found.slice(0, MOST_ROWS);
    counts.textContent = t("camerasShown", { shown: shown.length, all: items.length, down: items.filter((one) => !WORKING.includes(one.state)).length });
    replace(table, h("thead", {}, h("tr", {}, ["name", "site", "state", "fps", "mode"].map((name) => h("th", {}, name === "name" ? t("cameras") : t(name))))),
      h("tbody", {}, shown.length ? shown.map(row) : h("tr", {}, h("td", { colspan: 5, class: "empty" }, t(items.length ? "noCameraFound" : "noCameras")))));
  }

  /** Draw soon: changes of many cameras are one drawing. */
  function drawSoon() { drawing ??= setTimeout(() => { drawing = null; if (!closed) draw(); }, DRAW_MS); }

  function draw() {
    drawTable();
    const one = items.find((item) => item.camera_id === chosen);
    if (one) drawFacts(one);
  }

  function drawFacts(one) {
    const fact = (name, value) => (value === null || value === undefined || value === "" ? null : [h("dt", {}, t(name)), h("dd", {}, value)]);
    const lost = Object.entries(one.dropped ?? {}).filter(([, n]) => n > 0).map(([name, n]) => `${name} ${n}`).join(", ");
    replace(facts, fact("state", `${t(one.state)}${one.detail ? ` (${translate(one.detail)})` : ""}`), fact("size", one.width_px ? `${one.width_px}×${one.height_px} ${one.codec}` : null), fact("fps", words.number(one.fps_in ?? 0)), fact("analysed", words.number(one.fps_analysed ?? 0)),
      fact("mode", t(`mode_${one.decode_mode}`)), fact("lastFrame", one.last_frame_age_s === null ? null : t("secondsAgo", { s: words.number(Math.round((one.last_frame_age_s ?? 0) * 10) / 10) })),
      fact("recording", one.recording ? t("on") : t("off")), fact("clock", one.clock_offset_s === null || one.clock_offset_s === undefined ? null : `${words.number(one.clock_offset_s)} s`), fact("dropped", lost || "0"),
      (one.coverage ?? []).map((part) => fact("watched", h("span", { title: part.kinds.map(words.kind).join(", ") }, t("watchedFor", { full: minutes(part.full_s), degraded: minutes(part.degraded_s), blind: minutes(part.blind_s) }), " ", h("span", { class: "muted" }, kindsShort(part.kinds), part.missing ? ` · ${t("modelMissing")} (${part.missing})` : "")))));
  }

  function show() {
    stopLive?.(); stopLive = null;
    const one = items.find((item) => item.camera_id === chosen);
    if (!one) { replace(side, h("p", { class: "empty" }, items.length ? t("chooseCamera") : "")); return; }
    const at = new Date(Date.now() - 5 * 60_000);
    const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
    const form = h("form", { class: "request", onsubmit: request }, h("label", {}, t("from"), h("input", { type: "datetime-local", name: "from", step: 1, value: local, required: true })),
      h("label", {}, t("length"), h("select", { name: "minutes" }, [1, 2, 5, 10, 30].map((n) => h("option", { value: n }, t("minutes", { n }))))), h("button", {}, t("request")));
    const sees = may("see_pictures");
    replace(screen, h("p", { class: "empty" }, ""));
    replace(side, h("div", { class: "head" }, h("h1", {}, one.name), h("p", {}, one.site)),
      h("div", { class: "body" }, h("div", { class: "left" }, screen, sees ? h("div", { class: "actions" }, h("label", { class: "inline" }, t("why"), why), h("label", { class: "inline" }, t("lookPurpose"), purpose), h("button", { class: "main", id: "watch-live", onclick: live }, t("watchLive")), h("span", { class: "space" }), may("ask_for_video") ? h("a", { class: "button", href: `#/requests/new:${encodeURIComponent(one.camera_id)}` }, t("askOtherVideo")) : null, may("read_ledger") ? h("a", { class: "button", href: `#/simulator/${encodeURIComponent(one.camera_id)}` }, t("simulator")) : null, may("break_glass") ? h("button", { id: "break-glass", onclick: () => emergency.open(one, new Map(items.map((item) => [item.camera_id, item])), null, live).catch((error) => notice(t("failed", { why: say(error) }))) }, t("emergencyBegin")) : null) : null, sees ? [h("h2", {}, t("recordings")), form, wanted] : null), h("div", { class: "about" }, facts)));
    drawFacts(one);
    if (sees) recordings();
  }

  async function live() {
    const button = side.querySelector("#watch-live");
    if (stopLive) { stopLive(); stopLive = null; button.textContent = t("watchLive"); replace(screen, h("p", { class: "empty" }, "")); return; }
    const video = h("video", { autoplay: true, playsinline: true, class: "live" });
    video.muted = true;
    replace(screen, video, h("span", { class: "tag" }, "LIVE"), h("p", { class: "over" }, t("connecting")));
    video.addEventListener("playing", () => screen.querySelector(".over")?.remove(), { once: true });
    button.disabled = true;
    try {
      const end = await watch(chosen, `camera:${why.value}`, video, () => { stopLive = null; button.textContent = t("watchLive"); replace(screen, h("p", { class: "empty" }, t("liveEnded"))); }, purpose.value);
      if (closed) { end(); return; }
      stopLive = end;
      button.textContent = t("stopLive");
    } catch (error) { replace(screen, error.status === 403 ? refusal(error, live, chosen) : h("p", { class: "empty" }, t("liveFailed", { why: say(error) }))); } finally { button.disabled = false; }
  }

  async function request(event) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    const from = new Date(values.from);
    try {
      await ask("POST", "/v1/recordings", { camera_id: chosen, starts_at: from.toISOString(), ends_at: new Date(from.getTime() + values.minutes * 60_000).toISOString(), why: `camera:${why.value}`, purpose: purpose.value || null });
      recordings();
    } catch (error) { replace(screen, error.status === 403 ? refusal(error, () => request(event), chosen) : h("p", { class: "empty" }, t("failed", { why: say(error) }))); }
  }

  async function recordings() {
    try {
      const answer = await ask("GET", `/v1/recordings?camera_id=${encodeURIComponent(chosen)}`);
      if (closed) return;
      const mine = answer.items.filter((item) => item.camera_id === chosen);
      replace(wanted, mine.length ? mine.map((item) => h("li", {}, words.moment(item.starts_at), " – ", words.clock(item.ends_at), " · ", t(item.state), item.reason ? ` (${item.reason})` : "",
        item.media_id ? h("button", { class: "chip", onclick: () => play(item.media_id) }, "▶ ", t("play")) : null)) : h("li", { class: "muted" }, t("noRecordings")));
      clearTimeout(timer);
      if (mine.some((item) => ["requested", "accepted"].includes(item.state))) timer = setTimeout(recordings, 1500);
    } catch (error) { notice(t("failed", { why: say(error) })); }
  }

  async function play(mediaId) {
    stopLive?.(); stopLive = null;
    try { replace(screen, await pictures.clip(mediaId, `camera:${why.value}`, {}, purpose.value)); } catch (error) { replace(screen, refusal(error, () => play(mediaId), chosen)); }
  }

  async function load(first = false) {
    try {
      const answer = await ask("GET", "/v1/cameras");
      if (closed) return;
      items = answer.items;
      draw();
      if (first) show();
    } catch (error) { notice(error.status ? t("failed", { why: say(error) }) : t("offlineHub")); }
  }

  /** Offer the purposes that the district's own people look for, by the book. */
  async function purposes() {
    const found = await directory.lists();
    const names = directory.names(found);
    purpose.append(...[...new Set(found.own_use.map((use) => use.purpose))].map((code) => h("option", { value: code }, names.purpose(code))));
  }

  load(true);
  if (may("see_pictures")) purposes().catch(() => {}); // without them the usual one is taken
  return {
    camera: (value) => { const at = items.findIndex((item) => item.camera_id === value.camera_id); if (at >= 0) { items[at] = value; drawSoon(); } else load(); },
    resync: () => load(),
    close: () => { closed = true; clearTimeout(timer); clearTimeout(drawing); stopLive?.(); },
  };
}
