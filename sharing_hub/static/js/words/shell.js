// Words of the frame around the views: navigation, shift, what is open to whom.

export const SHELL = {
  furtherViews: ["관리", "More"],
  controlRoomOnly: ["이 화면은 구청 관제센터의 것입니다. 기관의 시스템은 API로 사건과 영상을 받습니다.", "This page is the district control room's. Agencies' systems get incidents and video by the API."],
  failedToLoad: ["읽지 못했습니다: {why}", "Could not be read: {why}"],
};
