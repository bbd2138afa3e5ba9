// The zone, the path and the box of an event, drawn over its picture or clip in the picture's own proportions.

import { s } from "./dom.js";

const along = (points) => points.map(([x, y]) => `${x},${y}`).join(" ");

/** Return an SVG to lay over a picture (`video` null) or a clip that starts at `startsAt`. */
export function overlay(event, video, startsAt) {
  const why = event.explanation;
  const path = why.path ?? [];
  const svg = s("svg", { class: "overlay", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  if (why.zone) {
    const points = why.zone.points;
    svg.append(points.length === 2
      ? s("line", { class: "zone", x1: points[0][0], y1: points[0][1], x2: points[1][0], y2: points[1][1] })
      : s("polygon", { class: "zone", points: along(points) }));
  }
  const line = s("polyline", { class: "path", points: along(path.map((p) => [p.x, p.y])) });
  svg.append(line);
  const box = why.box ? s("rect", { class: "box", x: why.box[0], y: why.box[1], width: why.box[2] - why.box[0], height: why.box[3] - why.box[1] }) : null;
  if (box) svg.append(box);
  if (video) {
    const base = (new Date(event.started_at) - new Date(startsAt)) / 1000;
    const raised = (new Date(event.raised_at) - new Date(startsAt)) / 1000;
    const draw = () => {
      const now = video.currentTime;
      line.setAttribute("points", along(path.filter((p) => base + p.after_s <= now).map((p) => [p.x, p.y])));
      if (box) box.style.opacity = Math.abs(now - raised) < 0.6 ? 1 : 0;
      if (svg.isConnected && !video.paused) video.requestVideoFrameCallback?.(draw);
    };
    video.addEventListener("play", draw);
    video.addEventListener("timeupdate", draw);
    draw();
  }
  return svg;
}
