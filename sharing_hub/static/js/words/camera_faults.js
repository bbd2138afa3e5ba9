// What an agent says of a camera that it cannot read, and the hub of one whose agent is silent, in Korean. A sentence that is not here is shown as it is.

export const CAMERA_FAULTS = {
  "the camera refuses the user or password": "카메라가 사용자나 비밀번호를 거부합니다",
  "the camera forbids this user the stream": "카메라가 이 사용자에게 영상을 허용하지 않습니다",
  "the camera has no stream at this path": "카메라에 이 경로의 영상이 없습니다",
  "the camera answered with an error": "카메라가 오류로 답했습니다",
  "nothing listens at the camera's address": "카메라 주소에서 응답하는 장치가 없습니다",
  "no answer in time": "제때 응답이 없습니다",
  "the stream uses something this agent cannot read": "이 에이전트가 읽지 못하는 영상 형식입니다",
  "the camera's answer is not understood, or it cannot be reached": "카메라에 연결할 수 없거나 응답을 이해할 수 없습니다",
  "the camera ended the stream": "카메라가 영상을 끊었습니다",
  "the stream has no video this agent can read": "이 에이전트가 읽을 수 있는 영상이 없습니다",
  "agent silent": "에이전트의 신호가 없습니다",
};
