// Beginning an emergency look ("break glass"): which cameras near the place, why, and what happens.

import { ask } from "../api.js";
import { picker } from "../camera_picker.js";
import * as dialog from "../dialog.js";
import { lists } from "../directory.js";
import { h } from "../dom.js";
import { notice } from "../notice.js";
import * as words from "../words.js";

const { t } = words;
const REASONS = ["life", "fire", "crime_in_progress", "missing_person", "disaster"];
const MOST = 5;

/** Ask for an emergency look at `camera` (the place is where it stands); `known` are all cameras by id, `done(look)` follows. */
export async function open(camera, known, incidentId, done) {
  if (camera.latitude === null) { notice(t("emergencyNoPlace")); return; }
  const { limits } = await lists();
  const cameras = picker(known, [camera.camera_id], MOST);
  dialog.ask({
    title: t("emergencyTitle"), danger: true, wide: true, button: t("emergencyDo"),
    about: h("p", { class: "warn" }, t("emergencyAbout", { min: Math.round(limits.break_glass_s / 60), m: limits.break_glass_radius_m, hours: limits.review_due_hours, days: limits.letter_due_days })),
    fields: [h("div", {}, h("label", {}, t("emergencyCameras")), cameras.place), dialog.field(t("emergencyReason"), dialog.choice("reason", REASONS.map((name) => [name, t(`glass_${name}`)]))), dialog.field(t("emergencySentence"), dialog.area("sentence", { minlength: 10 }))],
    async send({ reason, sentence }) {
      const look = await ask("POST", "/v1/emergency-looks", { camera_ids: cameras.ids(), reason, sentence, latitude: camera.latitude, longitude: camera.longitude, incident_id: incidentId });
      notice(t("emergencyBegan", { until: words.clock(look.ends_at) }), "good");
      done(look);
    },
  });
}
