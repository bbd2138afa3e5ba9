// A live view by WHEP: one recvonly transceiver, the offer posted at once (waiting for ICE gathering costs a second).

import { ask } from "./api.js";

/** The incident that a reason names, as the parameter that the access rules read. */
const forIncident = (why) => (why.startsWith("incident:") ? `&incident_id=${encodeURIComponent(why.slice("incident:".length))}` : "");

/** Play `cameraId` in `video`, for a purpose of the district's list where one is named. Returns a function that ends it. Throws a HubProblem when the camera cannot be played. */
export const watch = (cameraId, why, video, onEnd, purpose = "") => watchAt(
  `/v1/live/${encodeURIComponent(cameraId)}?why=${encodeURIComponent(why)}${forIncident(why)}${purpose ? `&purpose=${encodeURIComponent(purpose)}` : ""}`, video, onEnd);

/** Play what an address gives live, of a camera here or at another hub; otherwise as `watch`. */
export async function watchAt(address, video, onEnd) {
  const peer = new RTCPeerConnection();
  let location = null;
  let ended = false;
  const end = (told, reason) => {
    if (ended) return;
    ended = true;
    window.removeEventListener("live-ended", toldByHub);
    peer.close();
    video.srcObject = null;
    if (location) ask("DELETE", location).catch(() => {});
    if (told) onEnd(reason);
  };
  // The hub says at once why a view ended; WebRTC alone would notice after five seconds.
  const toldByHub = (event) => { if (location?.endsWith(`/${event.detail.viewing_id}`)) end(true, event.detail.reason); };
  window.addEventListener("live-ended", toldByHub);
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.ontrack = (event) => {
    video.srcObject = event.streams[0] ?? new MediaStream([event.track]);
    video.play().catch(() => {});
    event.track.onended = () => end(true);
  };
  peer.onconnectionstatechange = () => {
    if (["failed", "closed", "disconnected"].includes(peer.connectionState)) end(true);
  };
  try {
    await peer.setLocalDescription(await peer.createOffer());
    const answer = await ask("POST", address, peer.localDescription.sdp, { "Content-Type": "application/sdp" });
    location = answer.location;
    if (ended) { ask("DELETE", location).catch(() => {}); return () => {}; }
    await peer.setRemoteDescription({ type: "answer", sdp: answer.text });
  } catch (error) {
    end(false);
    throw error;
  }
  return () => end(false);
}
