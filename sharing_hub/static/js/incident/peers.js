// What other hubs let this one see of an incident that they share: their pictures stay there, and each look is on record here and there.

import { may } from "../access.js";
import { ask } from "../api.js";
import { h, replace } from "../dom.js";
import { notice } from "../notice.js";
import * as pictures from "../pictures.js";
import { say } from "../problem.js";
import { refusal } from "../refusal.js";
import { watchAt } from "../whep.js";
import * as words from "../words.js";

const { t } = words;
const FORMS = [["clip", "clip"], ["still", "still"], ["masked_still", "maskedStill"]];

/** Fill `place` with a section for each other hub; returns what ends what is being watched. */
export async function lent(place, incidentId, why, names) {
  const ends = new Set();
  const agencies = await ask("GET", `/v1/incidents/${incidentId}/peers`);
  replace(place, agencies.map((agency) => {
    const section = h("section", { class: "told lent", "data-agency": agency }, h("h2", {}, t("lentBy", { agency: names.agency(agency) })), h("p", { class: "muted" }, t("loading")));
    one(section, `/v1/incidents/${incidentId}/peers/${encodeURIComponent(agency)}`, why, agency, names, ends);
    return section;
  }));
  return () => { for (const end of ends) end(); };
}

async function one(section, path, why, agency, names, ends) {
  const head = h("h2", {}, t("lentBy", { agency: names.agency(agency) }));
  const again = () => one(section, path, why, agency, names, ends);
  let found;
  try { found = await ask("GET", path); } catch (error) { replace(section, head, refusal(error, again)); return; }
  const screen = h("div", { class: "screen", hidden: true });
  let stop = null;
  const put = (...children) => { stop?.(); ends.delete(stop); stop = null; screen.hidden = false; replace(screen, ...children); };
  const look = async (file) => {
    const address = `${path}/media/${file.media_id}?why=${encodeURIComponent(why)}`;
    try { put(file.form === "clip" ? await pictures.clipAt(address, { loop: true }) : await pictures.stillAt(address, `${names.agency(agency)} ${words.moment(file.starts_at)}`)); } catch (error) { put(refusal(error, () => look(file))); }
  };
  const live = async (camera) => {
    const video = h("video", { autoplay: true, playsinline: true, class: "live" });
    video.muted = true;
    put(video, h("span", { class: "tag" }, "LIVE"));
    try { stop = await watchAt(`${path}/live/${encodeURIComponent(camera.camera_id)}?why=${encodeURIComponent(why)}`, video, (reason) => { notice(reason || t("liveEnded")); put(h("p", { class: "empty" }, t("liveEnded"))); }); ends.add(stop); } catch (error) { put(refusal(error, () => live(camera))); }
  };
  // In place: what is being watched goes on.
  const renew = async (camera, shown) => {
    try { const { until } = await ask("POST", `${path}/grants/${camera.grant_id}/renew`); shown.textContent = t("lentUntil", { until: words.clock(until) }); } catch (error) { notice(t("failed", { why: say(error) })); }
  };
  const sees = may("see_pictures");
  const files = found.media.map((file) => h("button", { class: "chip", disabled: !sees, title: file.camera_id, onclick: () => look(file) }, t(FORMS.find(([form]) => form === file.form)?.[1] ?? "clip"), " ", words.clock(file.starts_at)));
  const cameras = found.cameras.map((camera) => {
    const shown = h("span", { class: "muted" }, t("lentUntil", { until: words.clock(camera.until) }));
    return h("li", { class: "share", "data-camera": camera.camera_id }, h("div", { class: "first" }, h("strong", {}, camera.camera_id), shown, h("span", { class: "space" }),
      may("decide_incidents") ? h("button", { class: "chip", "data-verb": "renew", onclick: () => renew(camera, shown) }, t("lentRenew")) : null,
      camera.actions.includes("ViewLive") ? h("button", { class: "chip", "data-verb": "live", disabled: !sees, onclick: () => live(camera) }, t("live")) : null));
  });
  replace(section, head, h("p", { class: "muted" }, t("lentState", { state: t(`state_${found.state}`) })), screen, files.length ? h("div", { class: "forms" }, files) : null,
    cameras.length ? h("ul", {}, cameras) : h("p", { class: "muted" }, t("lentNone")));
}
