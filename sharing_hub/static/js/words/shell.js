// Words of the frame around the views: navigation, shift, what is open to whom.

export const SHELL = {
  furtherViews: ["관리", "More"],
  shared: ["사건", "Incidents"],
  controlRoomOnly: ["이 화면은 구청 관제센터의 것입니다. 기관의 시스템은 API로 사건과 영상을 받습니다.", "This page is the district control room's. Agencies' systems get incidents and video by the API."],
  failedToLoad: ["읽지 못했습니다: {why}", "Could not be read: {why}"],
  handoverNoteNeeded: ["다음 근무자에게 남길 말을 적으세요.", "Write down what the next shift is to know."], signOffTitle: ["인계에 서명합니다", "Sign the hand-over"], signOffAbout: ["지금 상태와 함께 원장에 남습니다: 진행 중 {unfinished}, 보류 {shelved}, 긴급 열람 검토 {glass}, 장애 카메라 {down}, 전달 안 됨 {late}.", "It is kept in the ledger with how things stand: {unfinished} open, {shelved} put aside, {glass} emergency looks to review, {down} cameras down, {late} not delivered."],
  searchCameras: ["카메라·장소 찾기", "Find by name or site"], onlyDown: ["장애만", "Down only"], camerasShown: ["{shown} / {all}대 · 장애 {down}", "{shown} of {all} · {down} down"], noCameraFound: ["찾는 카메라가 없습니다.", "No camera is found."],
  lookPurpose: ["열람 목적", "Purpose"], lookPurposeUsual: ["기본", "the usual"],
  noneShelved: ["보류한 사건이 없습니다.", "Nothing is put aside."], flood: ["경보 폭주 — 점검 등급은 울리지 않고 ‘모아보기’로 들어옵니다. 빠지는 경보는 없습니다.", "Alarms flood in: those of the lowest severity do not sound and are marked Digest. None is left out."],
  onlyDenied: ["거부된 것만", "Denied only"], look_still: ["정지 영상", "Still"], look_masked_still: ["가림 영상", "Masked still"], look_clip: ["영상", "Clip"], look_range: ["지난 영상", "Recording"], look_live: ["실시간", "Live"], look_request: ["지난 영상 요청", "Asked for a recording"],
  backlog: ["밀린 것", "Waiting there"], disk: ["남은 저장 공간", "Disk free"], backlogOf: ["이벤트 {events} · 영상 {media}", "{events} events · {media} files"], agentConnected: ["연결됨", "connected"], agentAway: ["연결 안 됨", "not connected"], agentRevoked: ["{at}부터 거절", "refused since {at}"], neverHeard: ["아직 없음", "never"],
  revokeAgent: ["거절…", "Refuse…"], revokeAgentTitle: ["{site} 에이전트를 거절합니다", "Refuse the agent of {site}"], revokeAgentAbout: ["연결이 바로 끝나고 그 장소의 카메라가 끊김으로 바뀝니다. 되돌릴 수 없으며, 다시 쓰려면 새로 등록합니다. 받은 이벤트와 영상은 남습니다.", "Its channel ends at once and its cameras read offline. It cannot be undone: it enrols anew. Its events and media stay."],
  passkeyRemoveTitle: ["패스키 ‘{name}’을(를) 삭제합니다", "Remove the passkey “{name}”"], passkeyRemoveAbout: ["이 패스키로는 더 확인할 수 없습니다. 마지막 하나는 삭제할 수 없습니다.", "It confirms nothing any more. The last one cannot be removed."],
};
