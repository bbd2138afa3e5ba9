// Words of other hubs: what they let this one see, and how the way to each is.

export const PEERS = {
  lentBy: ["다른 관제센터의 영상 · {agency}", "Another hub's pictures · {agency}"], lentState: ["그쪽 상태: {state}", "There: {state}"],
  lentUntil: ["{until}까지", "until {until}"], lentRenew: ["연장", "Renew"], lentNone: ["지금 볼 수 있는 카메라가 없습니다.", "No camera is open now."],
  peerCut: ["{agency} 연결 끊김 {at} · 대기 {n}건", "{agency} cut off {at} · {n} waiting"],
};
