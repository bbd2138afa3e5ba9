// Words of a refusal: what was refused, and for each access rule what somebody can do about it.

export const REFUSALS = {
  refusedLook: ["열람이 거부되었습니다", "This look is refused"],
  roleSeesNone: ["이 역할은 영상을 보지 않습니다. 기록만 열려 있습니다.", "This role sees no picture; the rows are open to it."],
  refusedOther: ["영상을 보여 줄 수 없습니다", "The picture cannot be shown"],
  onRecord: ["이 시도는 열람 기록에 남았습니다.", "The attempt is on record."],
  rule: ["규칙 {id}", "Rule {id}"],
  refusal: ["거절되었습니다.", "Refused."],
  askOtherVideo: ["영상 요청하기", "Ask for the video"],
  tryAgain: ["다시 시도", "Try again"],
  cancel: ["취소", "Cancel"],
};

/** What to do where this rule refused; a rule that is not here has its own words only. */
export const REMEDIES = {
  "second-factor-needed": ["아래에서 패스키를 확인하면 바로 다시 시도합니다.", "Confirm your passkey below; it is tried again at once."],
  "training-needed": ["개인정보 보호책임자에게 교육 이수 등록을 요청하세요.", "Ask the privacy officer to note your training."],
  "purpose-beyond-camera": ["다른 열람 목적을 고르거나, 이 카메라의 경보에서 여세요.", "Choose another purpose, or open it from an alarm of this camera."],
  "purpose-needed": ["목록에 있는 열람 목적을 고르세요.", "Choose a purpose of the list."],
  "legal-basis-needed": ["목록에 있는 법적 근거를 고르세요.", "Choose a legal basis of the list."],
  "case-needed": ["사건 화면에서 열거나 영상 요청을 내세요.", "Open it from an incident, or ask for the video."],
  "letter-needed": ["공문 번호를 적어 영상 요청을 내세요.", "Ask for the video with the letter's number."],
  "mask-needed": ["경보의 가림 영상을 보거나, 영상 요청으로 가림본을 받으세요.", "Look at the alarm's masked still, or ask for a masked copy."],
  "download-needs-approval": ["영상 요청을 내고 다른 사람의 승인을 받으세요.", "Ask for the video; another person approves."],
  "auditor-sees-no-picture": ["기록과 원장은 모두 읽을 수 있습니다.", "Every row and the ledger are open to you."],
  "vendor-sees-no-picture": ["상태와 손실 수치만 볼 수 있습니다.", "Health data is all that is open to you."],
  "deny-by-default": ["이 역할에는 열리지 않은 영상입니다. 관제 팀장에게 물어보세요.", "It is not open to this role. Ask the shift leader."],
  "deny-on-error": ["관리자에게 알려 주세요. 판단하지 못한 것은 모두 거부합니다.", "Tell the administrator: what cannot be decided is denied."],
};

/** Remedies that lead to a request for the video. */
export const BY_REQUEST = ["letter-needed", "download-needs-approval", "older-needs-approval", "sensitive-needs-approval", "case-needed"];

export const STATUSES = {
  401: ["로그인이 끝났습니다.", "You are signed out."],
  403: ["허용되지 않습니다.", "Not allowed."],
  404: ["없거나, 볼 수 없는 것입니다.", "There is none, or not for you."],
  409: ["다른 상태라 할 수 없습니다.", "It is in another state."],
  413: ["너무 큽니다.", "Too large."],
  422: ["적은 내용이 맞지 않습니다.", "What was written does not fit."],
  429: ["시도가 너무 많습니다.", "Too many attempts."],
  503: ["허브가 지금 바쁩니다. 잠시 뒤 다시 해 주세요.", "The hub is busy; try again soon."],
};
