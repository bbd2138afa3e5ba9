// What operators read, Korean first. A missing word shows its key, so that a gap is seen and never an empty label. Each view's own words are
// tables of pairs in words/.

import { KINDS } from "./kinds.js"; // the hub's own words of each kind: sharing_hub/domain/kind_words.py
import { AGENCY } from "./words/agency.js";
import { BOOK } from "./words/book.js";
import { INCIDENT } from "./words/incident.js";
import { OVERSIGHT } from "./words/oversight.js";
import { merge } from "./words/pairs.js";
import { REFUSALS } from "./words/refusals.js";
import { PEERS } from "./words/peers.js";
import { PEOPLE } from "./words/people.js";
import { REQUESTS } from "./words/requests.js";
import { SHELL } from "./words/shell.js";

const WORDS = {
  ko: {
    title: "지킴이 관제", signIn: "로그인", name: "아이디", password: "비밀번호", signOut: "로그아웃",
    signInFailed: "아이디나 비밀번호가 맞지 않습니다.", tooMany: "시도가 너무 많습니다. {s}초 뒤에 다시 해 주세요.",
    newPassword: "새 비밀번호", repeatPassword: "새 비밀번호 확인", changePassword: "비밀번호 변경",
    mustChange: "일회용 비밀번호로 들어왔습니다. 새 비밀번호를 정해 주세요.", passwordsDiffer: "두 비밀번호가 다릅니다.",
    passwordChanged: "비밀번호를 바꾸었습니다.", oldPassword: "지금 비밀번호",
    alarms: "경보", cameras: "카메라", looks: "열람 기록", agents: "에이전트", help: "도움말",
    soundOn: "소리 켜짐", soundOff: "소리 꺼짐", connected: "실시간 연결", disconnected: "연결 끊김, 다시 연결하는 중", sound: "소리",
    open: "처리 중", decided: "처리 끝", all: "전체",
    noAlarms: "열린 경보가 없습니다. 새 경보는 저절로 나타납니다.", noneDecided: "처리한 경보가 아직 없습니다.",
    chooseAlarm: "왼쪽에서 경보를 고르세요.", times: "{n}회",
    state_new: "신규", state_acknowledged: "확인 중", state_verifying: "사실 확인 중", state_confirmed: "실제 상황", state_false_alarm: "오경보",
    state_notified: "기관 통보됨", state_accepted: "기관 접수", state_responding: "현장 도착", state_resolved: "상황 해소", state_closed: "종결",
    digest: "모아보기", escalated_1: "팀장 호출", escalated_2: "파견 경찰 호출", worksOnIt: "{name} 처리 중", shelvedUntil: "{until}까지 보류", noCamera: "카메라 없음",
    handover: "인수인계", unfinished: "진행 중인 사건", shelved: "보류 중", breakGlass: "긴급 열람 검토 대기", camerasDown: "장애 카메라", undelivered: "전달되지 않은 통보", lastHandover: "지난 인수인계", handoverNote: "다음 근무자에게", signOff: "인계 서명", signedOff: "인계를 기록했습니다.", none: "없음",
    acknowledge: "접수", confirm: "실제 상황", falseAlarm: "오경보", reopen: "되돌리기", live: "실시간",
    whyFalse: "오경보 사유", clip: "영상", still: "정지 영상", maskedStill: "가림 영상", clear: "원본",
    clipComing: "영상을 준비하는 중입니다 (발생 20초 뒤까지 담습니다).", noPicture: "아직 받은 영상이 없습니다.",
    noMediaForKind: "카메라 상태 경보에는 마지막 화면이 없을 수 있습니다.",
    cut: "잘림: {why}", gaps: "빠진 구간 {n}곳", unverified: "", explanation: "경보 근거", value: "측정값", threshold: "기준", silentAt: "무경보 기준", silentAtMeaning: "기준이 이 값이었다면 그 순간에는 경보가 나지 않았습니다.",
    trigger: "감지 규칙", zone: "구역", object: "대상", score: "점수", model: "모델", settings: "설정", clock: "카메라 시계",
    clockOffset: "카메라 시계가 {s}초 {dir}", ahead: "빠름", behind: "느림", lookInterval: "확인 간격", started: "시작", raised: "감지", ended: "종료", ongoing: "계속 중",
    received: "허브 수신", eventsInAlarm: "이 경보에 묶인 이벤트", by: "{name}", history: "처리",
    acknowledgedBy: "접수 {name}", decidedBy: "판단 {name}", conflict: "다른 사람이 먼저 처리했습니다. 새로 읽었습니다.",
    failed: "처리하지 못했습니다: {why}", offlineHub: "허브에 연결할 수 없습니다.",
    site: "장소", state: "상태", fps: "초당 화면", analysed: "분석", mode: "해독 방식", lastFrame: "마지막 화면", watched: "감시 시간", modelMissing: "모델 없음", watchedFor: "정상 {full}분 · 저하 {degraded}분 · 못 봄 {blind}분", dropped: "버린 것", recording: "녹화", size: "크기",
    on: "켜짐", off: "꺼짐", secondsAgo: "{s}초 전", watchLive: "실시간 보기", stopLive: "그만 보기", recordings: "지난 영상 요청",
    noCameras: "아직 카메라가 없습니다. 에이전트를 등록하면 나타납니다.", chooseCamera: "카메라를 고르세요.",
    connecting: "연결하는 중…", liveFailed: "실시간 영상을 볼 수 없습니다: {why}", liveEnded: "실시간 영상이 끝났습니다.", why: "열람 사유",
    why_incident: "경보 확인", why_patrol: "정기 순찰", why_maintenance: "점검", why_request: "협조 요청",
    from: "시작 시각", length: "길이", minutes: "{n}분", request: "요청", requested: "요청함", accepted: "준비 중", ready: "준비됨", refused: "거절됨", play: "재생",
    noRecordings: "요청한 영상이 없습니다.", who: "누가", what: "무엇을", when: "언제", where: "어디서", decision: "결정", allow: "허용", deny: "거부",
    noLooks: "아직 열람한 사람이 없습니다.", newToken: "등록 토큰 만들기", tokenOnce: "이 토큰은 한 번만 쓸 수 있고 24시간 뒤에 끝납니다. 지금 복사하세요.",
    noAgents: "등록된 에이전트가 없습니다.", lastSeen: "마지막 신호", more: "더 보기", close: "닫기", loading: "불러오는 중…",
    passkeys: "패스키", passkeyAdd: "패스키 등록", passkeyAdded: "패스키를 등록하고 확인했습니다.", passkeyConfirm: "패스키로 확인", passkeyConfirmed: "패스키를 확인했습니다.",
    passkeyRemove: "삭제", passkeyRemoved: "패스키를 삭제했습니다.", passkeyLabel: "이름", passkeyExample: "예: 업무용 휴대전화", passkeyCancelled: "패스키 확인이 취소되었거나 시간이 지났습니다.",
    passkeyProved: "이 로그인에서 패스키를 확인했습니다.", passkeyUnproved: "이 로그인에서 아직 패스키를 확인하지 않았습니다. 영상을 보려면 확인이 필요할 수 있습니다.", passkeyNone: "등록한 패스키가 없습니다.",
    passkeyUnavailable: "이 주소에서는 브라우저가 패스키를 쓸 수 없습니다. HTTPS 주소(시험할 때는 http://localhost)로 여세요.",
    acceptInvitation: "초대 수락", invitedTo: "초대를 받았습니다. 쓸 아이디와 비밀번호를 정하세요.", createAccount: "계정 만들기",
    keys: "단축키", key_next: "다음 / 이전 경보", key_ack: "접수", key_confirm: "실제 상황", key_false: "오경보 (그다음 숫자로 사유)", key_live: "실시간 보기", key_undo: "되돌리기", key_help: "이 도움말",
    severity_1: "긴급", severity_2: "주의", severity_3: "점검",
    online: "정상", starting: "시작 중", offline: "끊김", unauthorised: "인증 실패", no_key_frame: "키 프레임 없음", garbage: "손상된 영상", unsupported: "지원 안 함", stopped: "멈춤", agent_silent: "에이전트 응답 없음",
    mode_none: "없음", mode_key_frames: "키 프레임만", mode_sub: "보조 스트림", mode_main: "주 스트림", mode_active: "전체 해독",
  },
  en: {
    title: "Jikimi console", signIn: "Sign in", name: "Name", password: "Password", signOut: "Sign out",
    signInFailed: "The name or the password is wrong.", tooMany: "Too many attempts. Try again in {s} s.",
    newPassword: "New password", repeatPassword: "New password again", changePassword: "Change password",
    mustChange: "You came in with a one-time password. Choose your own now.", passwordsDiffer: "The two passwords differ.",
    passwordChanged: "The password is changed.", oldPassword: "Present password",
    alarms: "Alarms", cameras: "Cameras", looks: "Looks", agents: "Agents", help: "Help",
    soundOn: "Sound on", soundOff: "Sound off", connected: "Connected", disconnected: "Connection lost, trying again", sound: "Sound",
    open: "Open", decided: "Decided", all: "All",
    noAlarms: "No open alarm. New ones appear by themselves.", noneDecided: "Nothing has been decided yet.",
    chooseAlarm: "Choose an alarm on the left.", times: "×{n}",
    state_new: "New", state_acknowledged: "Acknowledged", state_verifying: "Being verified", state_confirmed: "Confirmed", state_false_alarm: "False alarm",
    state_notified: "Agency told", state_accepted: "Accepted", state_responding: "On the spot", state_resolved: "Resolved", state_closed: "Closed",
    digest: "Digest", escalated_1: "Leader called", escalated_2: "Posted police called", worksOnIt: "{name} works on it", shelvedUntil: "put aside until {until}", noCamera: "No camera",
    handover: "Hand-over", unfinished: "Incidents not finished", shelved: "Put aside", breakGlass: "Emergency looks to review", camerasDown: "Cameras down", undelivered: "Messages not delivered", lastHandover: "Last hand-over", handoverNote: "For the next shift", signOff: "Sign off", signedOff: "The hand-over is on record.", none: "none",
    acknowledge: "Acknowledge", confirm: "Confirm", falseAlarm: "False alarm", reopen: "Undo", live: "Live",
    whyFalse: "Why false", clip: "Clip", still: "Still", maskedStill: "Masked", clear: "Clear",
    clipComing: "The clip is on its way (it runs to 20 s after the event).", noPicture: "No picture has arrived yet.",
    noMediaForKind: "A camera-health alarm may have no last picture.",
    cut: "cut: {why}", gaps: "{n} gaps", unverified: "", explanation: "Why this alarm", value: "Measured", threshold: "Threshold", silentAt: "Silent at", silentAtMeaning: "With this threshold it would not have been raised at that moment.",
    trigger: "Trigger", zone: "Zone", object: "Object", score: "Score", model: "Model", settings: "Settings", clock: "Camera clock",
    clockOffset: "the camera's clock is {s} s {dir}", ahead: "ahead", behind: "behind", lookInterval: "Look interval", started: "Started", raised: "Raised", ended: "Ended", ongoing: "ongoing",
    received: "At the hub", eventsInAlarm: "Events in this alarm", by: "{name}", history: "Handling",
    acknowledgedBy: "acknowledged by {name}", decidedBy: "decided by {name}", conflict: "Somebody else was first. The alarm is read anew.",
    failed: "Not done: {why}", offlineHub: "The hub cannot be reached.",
    site: "Site", state: "State", fps: "Frames/s", analysed: "Looked at", mode: "Decoding", lastFrame: "Last frame", watched: "Watched", modelMissing: "model missing", watchedFor: "{full} min fully · {degraded} degraded · {blind} blind", dropped: "Dropped", recording: "Recording", size: "Size",
    on: "on", off: "off", secondsAgo: "{s} s ago", watchLive: "Watch live", stopLive: "Stop", recordings: "Ask for recorded video",
    noCameras: "No camera yet. They appear when an agent is enrolled.", chooseCamera: "Choose a camera.",
    connecting: "Connecting…", liveFailed: "Not playable live: {why}", liveEnded: "The live view has ended.", why: "Reason for looking",
    why_incident: "Checking an alarm", why_patrol: "Routine patrol", why_maintenance: "Maintenance", why_request: "Request for assistance",
    from: "From", length: "Length", minutes: "{n} min", request: "Request", requested: "requested", accepted: "on its way", ready: "ready", refused: "refused", play: "Play",
    noRecordings: "Nothing has been asked for.", who: "Who", what: "What", when: "When", where: "From where", decision: "Decision", allow: "allowed", deny: "denied",
    noLooks: "Nobody has looked yet.", newToken: "Make an enrolment token", tokenOnce: "It works once and for 24 hours. Copy it now.",
    noAgents: "No agent is enrolled.", lastSeen: "Last heard", more: "More", close: "Close", loading: "Loading…",
    passkeys: "Passkeys", passkeyAdd: "Register a passkey", passkeyAdded: "The passkey is registered and confirmed.", passkeyConfirm: "Confirm with a passkey", passkeyConfirmed: "The passkey is confirmed.",
    passkeyRemove: "Remove", passkeyRemoved: "The passkey is removed.", passkeyLabel: "Name", passkeyExample: "e.g. work phone", passkeyCancelled: "The passkey was not confirmed: cancelled, or too late.",
    passkeyProved: "A passkey was confirmed in this login.", passkeyUnproved: "No passkey was confirmed in this login yet. Looking at video may need it.", passkeyNone: "You have no passkey.",
    passkeyUnavailable: "Browsers offer no passkeys at this address. Open the page by HTTPS (for a trial, at http://localhost).",
    acceptInvitation: "Accept the invitation", invitedTo: "You are invited. Choose a name and a password.", createAccount: "Make the account",
    keys: "Keys", key_next: "Next / previous alarm", key_ack: "Acknowledge", key_confirm: "Confirm", key_false: "False alarm (then a digit for the reason)", key_live: "Watch live", key_undo: "Undo", key_help: "This help",
    severity_1: "Urgent", severity_2: "Warning", severity_3: "Service",
    online: "online", starting: "starting", offline: "offline", unauthorised: "unauthorised", no_key_frame: "no key frame", garbage: "damaged video", unsupported: "unsupported", stopped: "stopped", agent_silent: "agent silent",
    mode_none: "none", mode_key_frames: "key frames", mode_sub: "sub stream", mode_main: "main stream", mode_active: "every frame",
  },
};

const REASONS = {
  animal: ["동물", "Animal"], weather: ["날씨", "Weather"], light: ["빛·그림자", "Light or shadow"], reflection: ["반사", "Reflection"],
  authorised_person: ["허가된 사람", "Authorised person"], object_not_person: ["사람이 아님", "Not a person"], camera_fault: ["카메라 이상", "Camera fault"], other: ["기타", "Other"],
};

const CONDITIONS = {
  inside: ["구역 안에 있던 시간", "Inside the zone for"], dwell: ["머문 시간", "Stayed for"], looks_inside: ["구역 안 확인 횟수", "Seen inside"],
  crossed_left_to_right: ["선 너머 이동 (왼쪽→오른쪽)", "Beyond the line (left to right)"], crossed_right_to_left: ["선 너머 이동 (오른쪽→왼쪽)", "Beyond the line (right to left)"],
  against_distance: ["반대 방향 이동", "Moved against the direction"], against_lasted: ["반대 방향 지속", "Against the direction for"], against_speed: ["반대 방향 속도", "Speed against it"],
  steadiness: ["일관성", "Steadiness"], alignment: ["방향 일치도", "Alignment"], looks_against: ["반대 방향 확인 횟수", "Seen going against"], largest_step: ["가장 큰 한 걸음", "Largest single step"],
  standing: ["서 있던 시간", "Standing for"], wander: ["흔들린 거리", "Wandered"], moved_before: ["멈추기 전 이동", "Drove before"], looks_standing: ["정지 확인 횟수", "Seen standing"],
  count: ["인원", "People"], lasted: ["지속 시간", "Lasted"], no_picture: ["화면 없음", "No picture for"], silent: ["화면 없음", "No picture for"],
  repeating: ["같은 화면 반복", "Same picture for"], key_frame_pairs: ["같은 키 프레임 쌍", "Equal key frames"], difference: ["화면 차이", "Difference"], contrast: ["명암", "Contrast"],
  view_left: ["보이는 윤곽 남음", "View left"], view_lost: ["달라진 화면 비율", "View that changed"], structure: ["윤곽 남음", "Structure left"], detail: ["세밀함 남음", "Fine detail left"], scene_likeness: ["장면 일치도", "Scene likeness"],
  loop_length: ["반복 길이", "Length of the loop"], changed_since_loop: ["한 바퀴 전과의 차이", "Changed since one loop before"], usual_change: ["평소 화면 차이", "Usual change"],
  jolt: ["한 번 흔들린 폭", "Length of a jolt"], jolt_against_usual: ["평소 흔들림 대비 폭", "Jolt against the usual sway"], jolts: ["흔들린 횟수", "Jolts"], to_and_fro: ["방향 바뀐 횟수", "Turned back"], carried_off: ["밀려난 비율", "Carried off"],
  cameras_shaking: ["함께 흔들린 카메라", "Cameras shaking together"],
  changed_part: ["바뀐 부분", "Part that changed"], changed_in_all: ["바뀐 곳 전체", "Changed in all"], dust: ["먼지에 가린 비율", "Hidden by dust"], dust_cleared: ["먼지가 걷힌 곳", "Cleared of dust"],
  clock_off: ["시계 차이", "Clock off by"], clock_readings: ["시계 확인 횟수", "Clock readings"],
  speed_before: ["멈추기 전 속도", "Speed before"], halted_within: ["멈추는 데 걸린 시간", "Came to a halt within"], standing_after: ["멈춘 뒤 서 있던 시간", "Stood afterwards for"],
  stood_in_its_place: ["그 자리에 있던 다른 차량", "Others in its place"], stood_here_before: ["평소 여기 섰던 차량", "Others that stopped here before"], turned: ["갑자기 돌아간 정도", "Turned suddenly"],
  people_gathered: ["모여든 사람", "People who gathered"], halted_together: ["함께 멈춘 시간 차", "Halted together within"], other_halted_within: ["상대가 멈추는 데 걸린 시간", "The other halted within"],
  closing: ["서로 다가온 거리", "Closed in by"], other_stood_before: ["상대가 전부터 서 있던 시간", "The other had stood for"], other_pushed: ["상대가 밀린 거리", "The other was pushed by"],
  other_lost_within: ["상대가 사라지기까지", "The other was lost within"], other_speed_before: ["상대의 이전 속도", "The other's speed before"], gap: ["두 차량 사이", "Gap between them"], standing_ahead: ["앞에 서 있는 차량", "Standing ahead"], other_vehicle: ["상대 차량", "Other vehicle"],
  held_up: ["느린 차량", "Vehicles held up"], held_up_share: ["느린 차량 비율", "Share held up"], occupied: ["도로 점유율", "Road occupied"], looks_held_up: ["정체 확인 횟수", "Seen held up"],
  vehicles_drove_here: ["여기를 지난 차량", "Vehicles that drove here"], people_walked_here: ["여기를 걸은 사람", "People who walked here"], on_road: ["차도에 있던 시간", "On the carriageway for"], looks_on_road: ["차도 확인 횟수", "Seen on the carriageway"],
  speed: ["속도", "Speed"], speed_at_least: ["확실한 최소 속도", "Speed at least"], uncertainty: ["불확도", "Uncertainty"], measured: ["측정 시간", "Measured for"], looks_measured: ["측정 횟수", "Times measured"],
  people_followed: ["추적한 인원", "People followed"], people_by_density: ["밀도로 센 인원", "People by density"], people_per_m2: ["제곱미터당 인원", "People per square metre"], rising: ["인원 증가", "Rising by"], counter_flow: ["역방향 보행 비율", "Walking against the others"], stop_and_go: ["가다 서다 하는 비율", "Stopping and going"],
  waterline: ["잠긴 비율", "Under water"], risen: ["수위 상승", "Risen by"], fell_back: ["다시 내려간 비율", "Fell back"], risen_at_once: ["한꺼번에 오른 비율", "Risen at once"], one_side: ["한쪽에서 차오른 정도", "From one side"], structure: ["물결이 아닌 윤곽", "Edges in it"],
  people: ["인원", "People"], looks_crowded: ["밀집 확인 횟수", "Seen crowded"], structured_cells: ["비교할 수 있는 칸", "Cells to compare"],
  moved: ["이동 거리", "Moved"],
  sudden: ["주저앉는 데 걸린 시간", "Half down within"], collapse: ["무너지는 데 걸린 시간", "Went down within"], drop: ["어깨가 내려온 정도", "Shoulders came down by"], shoulders: ["어깨 높이", "Shoulders above the ground"], hips: ["엉덩이 높이", "Hips above the ground"],
  down: ["쓰러져 있던 시간", "Down for"], looks_down: ["쓰러짐 확인 횟수", "Seen down"], box_height: ["보이는 키", "Height as seen"],
  unattended: ["곁에 사람이 없던 시간", "Left alone for"], gone: ["없어진 뒤 지난 시간", "Gone for"], person_before: ["사람이 있은 뒤 지난 시간", "Somebody was there before, by"], size: ["크기", "Size"],
  contour: ["새로 생긴 윤곽", "Outline added"], texture_kept: ["바닥 무늬 일치도", "Texture that stayed"], stirred: ["움직인 비율", "Stirred"], elsewhere: ["다른 곳의 변화", "Changed elsewhere"],
  struggle: ["몸싸움 정도", "Struggle"], answers_for_it: ["몸싸움으로 본 횟수", "Judged a struggle"],
  answers_believed: ["흉기로 본 횟수", "Judged a weapon"], weapon_score: ["흉기 점수", "Weapon score"],
  flicker: ["깜박임", "Flicker"], outline_moves: ["불꽃 윤곽 움직임", "Outline moves"], glow_kept: ["빛남 유지", "Glow kept"], covers: ["덮은 넓이", "Covers"], stays: ["처음 대비 유지", "Stays"],
  looks_believed: ["확인된 횟수", "Looks that agree"], believed_share: ["확인된 비율", "Share of looks that agree"],
  score: ["점수", "Score"], heartbeat_silence: ["에이전트 응답 없음", "Agent silent for"],
};

const UNITS = {
  s: ["초", "s"], looks: ["회", "looks"], pairs: ["쌍", "pairs"], lengths: ["몸길이", "lengths"], "lengths/s": ["몸길이/초", "lengths/s"], share: ["", ""], cosine: ["", ""], correlation: ["", ""],
  "of usual": ["(평소=1)", "of usual"], "grey levels": ["계조", "grey levels"], people: ["명", "people"], "people/min": ["명/분", "people/min"], "people/m2": ["명/㎡", "people/m²"], readings: ["회", "readings"],
  times: ["배", "times"], "of the picture": ["(화면 대비)", "of the picture"], vehicles: ["대", "vehicles"], cells: ["칸", "cells"], "km/h": ["km/h", "km/h"], ln: ["", ""], "heights/s": ["키/초", "heights/s"],
  jolts: ["회", "jolts"], turns: ["회", "turns"], cameras: ["대", "cameras"], "of the part": ["(바뀐 부분=1)", "of the part"], "of the width": ["(화면 폭=1)", "of the width"],
  answers: ["회", "times"], score: ["", ""],
};

// What agents say of a clip that is shorter than planned, and of spans that are missing.
const CUTS = {
  "frames are missing": ["일부 화면 없음", "frames are missing"], "agent killed": ["에이전트 중단", "agent killed"], "agent stopped": ["에이전트 정지", "agent stopped"], "camera offline": ["카메라 끊김", "camera offline"],
  "not recorded yet": ["녹화 시작 전", "not recorded yet"], "disk full": ["저장 공간 부족", "disk full"], "disk too slow": ["디스크 느림", "disk too slow"],
};

const CLASSES = { person: ["사람", "Person"], bicycle: ["자전거", "Bicycle"], car: ["승용차", "Car"], motorcycle: ["오토바이", "Motorcycle"], bus: ["버스", "Bus"], truck: ["트럭", "Truck"] };

merge(WORDS, REFUSALS, SHELL, INCIDENT, PEERS, REQUESTS, OVERSIGHT, PEOPLE, BOOK, AGENCY);

let language = localStorage.getItem("language") === "en" ? "en" : "ko";

/** Return the language in use, "ko" or "en". */
export const current = () => language;

/** Choose a language and keep it for this browser. */
export function choose(next) {
  language = next;
  localStorage.setItem("language", next);
  document.documentElement.lang = next;
}

/** Return the words for `key`, with {places} filled in. */
export function t(key, places = {}) {
  const words = WORDS[language][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => places[name] ?? "");
}

const pair = (table, key) => (key in table ? table[key][language === "ko" ? 0 : 1] : String(key).replaceAll("_", " "));
export const of = pair;
export const kind = (key) => pair(KINDS, key);
export const reason = (key) => pair(REASONS, key);
export const condition = (key) => pair(CONDITIONS, key);
export const unit = (key) => pair(UNITS, key);
export const cut = (text) => (text in CUTS ? pair(CUTS, text) : text);
export const objectClass = (key) => pair(CLASSES, key);

/** Return a code as people read it where there are words for it (a state, a kind), else the code itself. */
export const codeWord = (code) => WORDS[language][`state_${code}`] ?? WORDS[language][`request_${code}`] ?? (code in KINDS ? kind(code) : code);

/** Return the time of day of an ISO time, with seconds, in the browser's zone. */
export function clock(iso) {
  return new Date(iso).toLocaleTimeString("en-GB");
}

/** Return date and time of an ISO time. */
export function moment(iso) {
  return `${new Date(iso).toLocaleDateString(language === "ko" ? "ko-KR" : "en-GB")} ${clock(iso)}`;
}

/** Return the date of an ISO time. */
export const day = (iso) => new Date(iso).toLocaleDateString(language === "ko" ? "ko-KR" : "en-GB");

/** Return a number with at most two places. */
export const number = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 1 ? 3 : 2).replace(/\.?0+$/, ""));
