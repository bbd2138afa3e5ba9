// Picking the applicant on the picture of a person's own request: whoever is picked stays clear, everybody else is masked. By mouse, or by arrow keys and Enter.

import { ask } from "../api.js";
import * as dialog from "../dialog.js";
import { h, replace, s } from "../dom.js";
import { notice } from "../notice.js";
import * as pictures from "../pictures.js";
import { refusal } from "../refusal.js";
import * as words from "../words.js";

const { t } = words;
const MOST = 8;
const STEP = 0.02;
const NEAR_S = 1.5;
const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** Open the dialog for a recording of request `requestId`; `done` follows once points are saved. */
export function open(requestId, part, name, done) {
  const points = [];
  const cross = { x: 0.5, y: 0.5 };
  let video = null;
  const layer = s("svg", { class: "overlay", viewBox: "0 0 1 1", preserveAspectRatio: "none" });
  const surface = h("div", { class: "surface", tabindex: 0, role: "application", "aria-label": t("pickAbout") });
  const list = h("ul", { class: "recordings picks" });
  const stage = h("div", { class: "screen" }, h("p", { class: "empty" }, t("loading")));

  function draw() {
    const at = video?.currentTime ?? 0;
    const dot = (point, className) => [s("line", { class: className, x1: point.x - 0.02, x2: point.x + 0.02, y1: point.y, y2: point.y }), s("line", { class: className, x1: point.x, x2: point.x, y1: point.y - 0.035, y2: point.y + 0.035 })];
    layer.replaceChildren(...points.filter((point) => Math.abs(point.time_s - at) < NEAR_S).flatMap((point) => dot(point, "picked")), ...(document.activeElement === surface ? dot(cross, "cross") : []));
    replace(list, points.length ? points.map((point, i) => h("li", {}, h("button", { type: "button", class: "quiet", onclick: () => { video.currentTime = point.time_s; } }, t("pickPoint", { s: point.time_s.toFixed(1), x: Math.round(point.x * 100), y: Math.round(point.y * 100) })), h("button", { type: "button", class: "chip", onclick: () => { points.splice(i, 1); draw(); } }, t("remove")))) : h("li", { class: "muted" }, t("pickNone")));
  }

  function add(x, y) {
    if (!video || points.length >= MOST) return;
    video.pause();
    points.push({ time_s: Number(video.currentTime.toFixed(3)), x: Number(x.toFixed(4)), y: Number(y.toFixed(4)) });
    draw();
  }

  surface.addEventListener("click", (event) => { const box = surface.getBoundingClientRect(); add((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height); });
  surface.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); add(cross.x, cross.y); return; }
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    cross.x = Math.min(1, Math.max(0, cross.x + move[0]));
    cross.y = Math.min(1, Math.max(0, cross.y + move[1]));
    draw();
  });
  surface.addEventListener("focus", draw);
  surface.addEventListener("blur", draw);

  async function show() {
    replace(stage, h("p", { class: "empty" }, t("loading")));
    try {
      const { media_id } = await ask("GET", `/v1/recordings/${part.recording_id}`);
      video = await pictures.clip(media_id, `request:${requestId}`, { autoplay: false, controls: false });
      video.addEventListener("timeupdate", draw);
      video.addEventListener("loadedmetadata", () => { seek.max = video.duration; });
      replace(stage, video, layer, surface);
    } catch (error) { replace(stage, refusal(error, show, part.camera_id)); }
  }

  const seek = h("input", { type: "range", min: 0, max: 60, step: 0.04, value: 0, "aria-label": t("span"), oninput: () => { if (video) { video.pause(); video.currentTime = seek.value; } } });
  const play = h("button", { type: "button", class: "chip", onclick: () => { if (video) (video.paused ? video.play() : video.pause()); } }, "▶ ❚❚");
  dialog.ask({ title: `${t("pickTitle")} · ${name}`, about: h("p", {}, t("pickAbout")), wide: true, button: t("pickSave"), fields: [stage, h("div", { class: "seek" }, play, seek), list],
    send: async () => { await ask("PUT", `/v1/requests/${requestId}/recordings/${part.recording_id}/keep-clear`, { points }); notice(t("pickSaved"), "good"); done(); } });
  draw();
  show();
}
